/* normlab data: what a file or a folder of data holds, before anything is trained. */
#include <math.h>
#include <stdio.h>

#include "base/visible.h"
#include "cli/command.h"
#include "cli/data_request.h"
#include "cli/data_sets.h"
#include "cli/output.h"
#include "cli/print_table.h"
#include "engine/data/source.h"
#include "engine/data/split.h"

struct data_options {
    const char *path; /* or the name of a set; NULL: all of them are listed */
    struct words overrides;
    struct output_options output;
};

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

/* Rows for training and validation together. */
static long rows_to_train(const struct data_config *config, const struct data_source *source) {
    struct data_config all = *config;
    struct split split;
    long n[3] = {0};
    all.validation = 0;
    all.train = all.test = -1;
    return split_set(&all, source, &split, n) ? 0 : n[PART_TRAIN];
}

/* ", validation: 287" where a default takes more than half of the rows. */
static const char *fit_validation(const struct data_source *source, struct pool *pool,
                                  struct data_request *request) {
    long n = rows_to_train(&request->config, source), taken = request->config.validation;
    const char *whose = request->validates ? "" : " (the default)";
    if (taken >= n)
        note(&request->notes, pool,
             "data.validation: %ld%s leaves none of %ld rows to train on; 0 to %ld fit", taken,
             whose, n, n - 1);
    else if (taken > n / 2)
        note(&request->notes, pool, "data.validation: %ld%s leaves %ld of %ld rows to train on",
             taken, whose, n - taken, n);
    bool fits = request->validates || taken <= n / 2;
    return fits ? "" : pool_format(pool, ", validation: %ld", n / 5);
}

static void add_notes(const struct data_source *source, struct pool *pool,
                      struct data_request *request) {
    const struct data_config *config = &request->config;
    const char *dir = *config->dir ? pool_format(pool, ", dir: %s", config->dir) : "";
    const char *validation = fit_validation(source, pool, request);
    note(&request->notes, pool, "in an experiment file: data: {name: %s%s%s%s}%s",
         source_kind_get(config->name)->name, dir, request->keys, validation,
         source->train_targets ? ", and train: {loss: squared}" : "");
}

static struct facts find_facts(const struct data_config *config, const struct data_source *source,
                               struct pool *pool) {
    struct facts facts = {.pool = pool};
    const struct source_kind *kind = source_kind_get(config->name);
    add(&facts, "source", kind->name, "");
    if (kind->reads & READS_DIR)
        add(&facts, "place", data_source_dir(config), "");
    add(&facts, "hash of the content", source->hash, "");
    add_inputs(&facts, source);
    if (source->train_targets)
        add_targets(&facts, source);
    else
        add_classes(&facts, source);
    return facts;
}

static enum status print_facts(const struct output_options *options, const struct facts *facts,
                               const struct notes *notes) {
    const struct output_heading heading = {.command = "data", .notes = *notes};
    struct table table;
    table_create(&table, facts->n);
    const char **what = print_texts(&table, "what"), **train = print_texts(&table, "train"),
               **test = print_texts(&table, "test");
    for (int i = 0; i < facts->n; i++) {
        what[i] = facts->items[i].what;
        train[i] = facts->items[i].train;
        test[i] = facts->items[i].test;
    }
    enum status status = output_table(options, &heading, &table, stdout);
    table_free(&table);
    if (!status)
        notes_print(options, notes);
    return status;
}

static enum status print_source(const struct data_options *options, struct pool *pool) {
    struct data_request request;
    struct data_source *source = NULL;
    enum status status = data_request_read(options->path, &options->overrides, pool, &request);
    if (!status)
        status = data_source_load(&request.config, &source);
    if (status)
        return status;
    add_notes(source, pool, &request);
    const struct facts facts = find_facts(&request.config, source, pool);
    status = print_facts(&options->output, &facts, &request.notes);
    data_source_free(source);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct data_options *options = arguments->options;
    struct pool pool = {0};
    enum status status =
        options->path ? print_source(options, &pool) : data_sets_print(&options->output);
    pool_free(&pool);
    return status;
}

static const struct option_row rows[] = {
    {.name = "PATH", .type = OPERAND_MAYBE, FIELD(struct data_options, path)},
    {.name = "key=value", .type = OPERANDS, FIELD(struct data_options, overrides)},
    OUTPUT_OPTIONS(struct data_options, output),
    {0},
};

const struct command command_data = {
    .name = "data",
    .summary = "say what data hold, before anything is trained; list the sets that have a name",
    .details =
        "Without PATH: the data sets that have a name, where they are looked for, and how to get "
        "those that are missing. PATH is such a name, or what data.dir names in an experiment "
        "file: "
        "a folder of four IDX files, of four files of NumPy, or of train.csv and test.csv; an HDF5 "
        "file with four datasets; a CSV file. IDX and CSV may be gzipped (.gz). Which of them it "
        "is shows by itself, or data.name=WORD says it. It is read and "
        "checked as it would be for training: data that cannot be used are refused with the place "
        "and status 3. key=value is any other key of data.*: data.target, data.header, "
        "data.test_share, data.targets. The hash is that of the content: equal hashes are equal "
        "data, whatever the format.",
    .examples = "$ normlab data\n"
                "$ normlab data fashion-mnist\n"
                "$ normlab data clusters data.classes=3\n"
                "$ normlab data iris.csv data.target=Species\n"
                "$ normlab data measurements.h5 --json",
    .rows = rows,
    .size = sizeof(struct data_options),
    .paged = true,
    .run = run,
};
