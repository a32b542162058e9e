/* normlab data: what a file or a folder of data holds, before anything is trained. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/print_table.h"
#include "engine/data/source.h"
#include "io/files.h"
#include "lab/config/override.h"

struct data_options {
    const char *path;
    struct words overrides;
    struct output_options output;
};

/* ---- which source ---- */

/* By the names in it. */
static enum status guess_folder(const char *path, struct pool *pool, long *name) {
    const char **names = NULL;
    int n = 0;
    enum status status = folder_names(path, pool, &names, &n);
    *name = DATA_IDX;
    for (int i = 0; i < n; i++)
        if (text_ends_in(names[i], ".npy"))
            *name = DATA_NPY;
        else if (!strcmp(names[i], "train.csv"))
            *name = DATA_CSV;
    return status == ERROR_RESULTS ? ERROR_DATA : status;
}

/* By how it begins. */
static enum status guess_file(const char *path, long *name) {
    static const char hdf5[] = "\x89HDF", npy[] = "\x93NUMPY", gzip[] = "\x1f\x8b", idx[] = {0, 0};
    char begin[8] = "";
    int descriptor;
    enum status status = file_open(path, &descriptor);
    if (status)
        return fail_in(status == ERROR_UNREADABLE ? status : ERROR_DATA, "%s: cannot be opened",
                       path);
    ssize_t n = pread(descriptor, begin, sizeof begin, 0);
    close(descriptor); /* only read from */
    if (n < 0)
        return fail(ERROR_UNREADABLE, "%s: cannot be read", path);
    bool is_one_of_four = !memcmp(begin, npy, sizeof npy - 1) ||
                          !memcmp(begin, gzip, sizeof gzip - 1) ||
                          (n >= 2 && !memcmp(begin, idx, sizeof idx));
    if (is_one_of_four)
        return fail(ERROR_USAGE, "%s: is one of four files; name their folder", path);
    *name = memcmp(begin, hdf5, sizeof hdf5 - 1) ? DATA_CSV : DATA_HDF5;
    return OK;
}

static enum status guess_name(const char *path, struct pool *pool, long *name) {
    struct stat about;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return guess_folder(path, pool, name);
    return guess_file(path, name);
}

static enum status read_override(const char *text, struct pool *pool, struct config *config,
                                 bool *names) {
    struct override override;
    enum status status = override_read(text, pool, &override);
    if (status)
        return status;
    const char *key = key_get(override.key)->name;
    if (strncmp(key, "data.", 5) != 0 || !strcmp(key, "data.dir"))
        return fail(ERROR_USAGE, "data: '%s' is no key of data but data.dir, which is PATH", key);
    if (override.n_values != 1)
        return fail(ERROR_USAGE, "data: %s has %d values; one belongs here", key,
                    override.n_values);
    key_store(override.key, &override.values[0], config);
    *names = *names || !strcmp(key, "data.name");
    return OK;
}

static enum status read_config(const struct data_options *options, struct pool *pool,
                               struct config *config) {
    bool named = false;
    enum status status = OK;
    for (int i = 0; i < key_count(); i++)
        if (!strncmp(key_get(i)->name, "data.", 5))
            key_store(i, key_default(i), config);
    for (int i = 0; i < options->overrides.n && !status; i++)
        status = read_override(options->overrides.items[i], pool, config, &named);
    if (!status && !named)
        status = guess_name(options->path, pool, &config->run.data.name);
    config->run.data.dir = options->path;
    return status;
}

/* ---- what it holds ---- */

struct fact {
    const char *what, *train, *test;
};

struct facts {
    struct pool *pool;
    int n, capacity;
    struct fact *items;
};

static void add(struct facts *facts, const char *what, const char *train, const char *test) {
    facts->items =
        pool_grow(facts->pool, facts->items, facts->n, &facts->capacity, sizeof *facts->items);
    facts->items[facts->n++] = (struct fact){what, train, test};
}

static void add_counts(struct facts *facts, const char *what, long train, long test) {
    add(facts, what, pool_format(facts->pool, "%ld", train), pool_format(facts->pool, "%ld", test));
}

/* With the digits that float32 has. */
static void add_numbers(struct facts *facts, const char *what, double train, double test) {
    add(facts, what, pool_format(facts->pool, "%.7g", train),
        pool_format(facts->pool, "%.7g", test));
}

/* The inputs of the training rows or of the test rows. */
struct inputs {
    long n;
    int F;
    const uint8_t *bytes;
    const float *values;
    const double *origins;
};

static struct inputs inputs_of(const struct data_source *source, bool test) {
    return (struct inputs){test ? source->n_test_rows : source->n_train_rows, source->n_features,
                           test ? source->test_bytes : source->train_bytes,
                           test ? source->test_values : source->train_values, source->origins};
}

static double input_at(const struct inputs *x, long i, int j) {
    size_t at = (size_t)i * (size_t)x->F + (size_t)j;
    return x->bytes ? x->bytes[at] : (double)x->values[at] + (x->origins ? x->origins[j] : 0);
}

struct range {
    double least, largest;
    long constant; /* columns */
};

static void widen(struct range *range, double value) {
    range->least = fmin(range->least, value);
    range->largest = fmax(range->largest, value);
}

static struct range range_of(const struct inputs *x) {
    struct range range = {INFINITY, -INFINITY, 0};
    for (int j = 0; j < x->F; j++) {
        double first = input_at(x, 0, j);
        long i = 0;
        while (i < x->n && input_at(x, i, j) == first)
            i++;
        range.constant += i == x->n;
    }
    for (long i = 0; i < x->n; i++)
        for (int j = 0; j < x->F; j++)
            widen(&range, input_at(x, i, j));
    return range;
}

static void add_inputs(struct facts *facts, const struct data_source *source) {
    const struct inputs train = inputs_of(source, false), test = inputs_of(source, true);
    const struct range of_train = range_of(&train), of_test = range_of(&test);
    const char *type = source->train_bytes ? "unsigned bytes" : "32-bit floats";
    add_counts(facts, "rows", train.n, test.n);
    add_counts(facts, "columns", train.F, test.F);
    add(facts, "type", type, type);
    add_numbers(facts, "least", of_train.least, of_test.least);
    add_numbers(facts, "largest", of_train.largest, of_test.largest);
    add_counts(facts, "constant columns", of_train.constant, of_test.constant);
    add_counts(facts, "missing values", 0, 0); /* where one is, nothing is loaded */
}

static long count_label(const uint8_t *labels, long n, int k) {
    long count = 0;
    for (long i = 0; i < n; i++)
        count += labels[i] == k;
    return count;
}

static void add_classes(struct facts *facts, const struct data_source *source) {
    add_counts(facts, "classes", source->n_classes, source->n_classes);
    for (int k = 0; k < source->n_classes; k++) {
        const char *what = source->class_names
                               ? pool_format(facts->pool, "class %d: %s", k,
                                             text_visible(source->class_names[k], facts->pool))
                               : pool_format(facts->pool, "class %d", k);
        add_counts(facts, what, count_label(source->train_labels, source->n_train_rows, k),
                   count_label(source->test_labels, source->n_test_rows, k));
    }
}

static struct range range_of_target(const float *targets, long n, int K, int k) {
    struct range range = {INFINITY, -INFINITY, 0};
    for (long i = 0; i < n; i++)
        widen(&range, (double)targets[(size_t)i * (size_t)K + (size_t)k]);
    return range;
}

static void add_targets(struct facts *facts, const struct data_source *source) {
    int K = source->n_classes;
    add_counts(facts, "numbers of a target", K, K);
    for (int k = 0; k < K; k++) {
        struct range train = range_of_target(source->train_targets, source->n_train_rows, K, k),
                     test = range_of_target(source->test_targets, source->n_test_rows, K, k);
        add_numbers(facts, pool_format(facts->pool, "target %d, least", k), train.least,
                    test.least);
        add_numbers(facts, pool_format(facts->pool, "target %d, largest", k), train.largest,
                    test.largest);
    }
}

/* ---- the command ---- */

/* ", target: species": what was said of it, as an experiment file has it. */
static const char *said(const struct words *overrides, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < overrides->n; i++) {
        const char *word = overrides->items[i] + strlen("data."), *value = strchr(word, '=');
        if (strncmp(word, "name=", 5) != 0)
            text = pool_format(pool, "%s, %.*s: %s", text, (int)(value - word), word, value + 1);
    }
    return text;
}

static void add_notes(const struct data_options *options, const struct config *config,
                      const struct data_source *source, struct pool *pool, struct notes *notes) {
    const struct data_config *data = &config->run.data;
    note(notes, pool, "in an experiment file: data: {name: %s, dir: %s%s}%s",
         source_kind_get(data->name)->name, options->path, said(&options->overrides, pool),
         source->train_targets ? ", and train: {loss: squared}" : "");
    if (data->validation >= source->n_train_rows)
        note(notes, pool,
             "data.validation: %ld leaves none of the %ld training rows to train on; say less",
             data->validation, source->n_train_rows);
}

static enum status print_source(const struct data_options *options, const struct config *config,
                                const struct data_source *source, struct pool *pool) {
    struct facts facts = {.pool = pool};
    struct output_heading heading = {.command = "data"};
    struct table table;
    add(&facts, "source", source_kind_get(config->run.data.name)->name, "");
    add(&facts, "hash of the content", source->hash, "");
    add_inputs(&facts, source);
    if (source->train_targets)
        add_targets(&facts, source);
    else
        add_classes(&facts, source);
    add_notes(options, config, source, pool, &heading.notes);
    table_create(&table, facts.n);
    const char **what = print_texts(&table, "what"), **train = print_texts(&table, "train"),
               **test = print_texts(&table, "test");
    for (int i = 0; i < facts.n; i++) {
        what[i] = facts.items[i].what;
        train[i] = facts.items[i].train;
        test[i] = facts.items[i].test;
    }
    enum status status = output_table(&options->output, &heading, &table, stdout);
    table_free(&table);
    if (!status)
        notes_print(&options->output, &heading.notes);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct data_options *options = arguments->options;
    struct pool pool = {0};
    struct config config = {0};
    struct data_source *source = NULL;
    enum status status = read_config(options, &pool, &config);
    if (!status)
        status = data_source_load(&config.run.data, &source);
    if (!status)
        status = print_source(options, &config, source, &pool);
    data_source_free(source);
    pool_free(&pool);
    return status;
}

static const struct option_row rows[] = {
    {.name = "PATH", .type = OPERAND, FIELD(struct data_options, path)},
    {.name = "key=value", .type = OPERANDS, FIELD(struct data_options, overrides)},
    OUTPUT_OPTIONS(struct data_options, output),
    {0},
};

const struct command command_data = {
    .name = "data",
    .summary = "say what a file or a folder of data holds, before anything is trained",
    .details =
        "PATH is what data.dir names in an experiment file: a folder of four IDX files, of four "
        "files of NumPy, or of train.csv and test.csv; an HDF5 file with four datasets; a CSV "
        "file. Which of them it is shows by itself, or data.name=WORD says it. It is read and "
        "checked as it would be for training: data that cannot be used are refused with the place "
        "and status 3. key=value is any other key of data.*: data.target, data.header, "
        "data.test_share, data.targets. The hash is that of the content: equal hashes are equal "
        "data, whatever the format.",
    .examples = "$ normlab data /usr/share/datasets/fashion-mnist\n"
                "$ normlab data iris.csv data.target=species\n"
                "$ normlab data measurements.h5 --json",
    .rows = rows,
    .size = sizeof(struct data_options),
    .paged = true,
    .run = run,
};
