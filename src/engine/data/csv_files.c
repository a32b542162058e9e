/* CSV: two files in a folder, or one of which a share of the rows is for testing. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sort.h"
#include "engine/data/four_arrays.h"
#include "engine/format/csv_table.h"
#include "engine/format/gz_file.h"

/* ---- one file ---- */

/* Row i is for testing where the share of i + 1 rows has one whole row more than that of i. */
static bool is_test_row(double share, long i) {
    return floor((double)(i + 1) * share) > floor((double)i * share);
}

static void copy_row(const struct csv_table *from, long row, struct csv_table *to) {
    size_t F = (size_t)from->n_features, at = (size_t)to->n_rows * F, source = (size_t)row * F;
    if (from->numbers)
        memmove(to->numbers + at, from->numbers + source, F * sizeof *to->numbers);
    else
        memmove(to->bytes + at, from->bytes + source, F);
    to->targets[to->n_rows] = from->targets[row];
    to->words[to->n_rows] = from->words[row];
    to->n_rows++;
}

static enum status take_room(const struct csv_table *like, long n, struct csv_table *table) {
    size_t count = (size_t)n * (size_t)like->n_features;
    *table = (struct csv_table){.path = like->path,
                                .target_name = like->target_name,
                                .names = like->names,
                                .n_features = like->n_features,
                                .target_at = like->target_at};
    if (like->numbers)
        table->numbers = malloc(count * sizeof *table->numbers);
    else
        table->bytes = malloc(count);
    table->targets = malloc((size_t)n * sizeof *table->targets);
    table->words = malloc((size_t)n * sizeof *table->words);
    if ((table->numbers || table->bytes) && table->targets && table->words)
        return OK;
    csv_table_free(table);
    return fail(ERROR_RUN, "%s: out of memory", like->path);
}

/* Takes the rows for testing out of `all`. */
static enum status deal_out(double share, struct csv_table *all, struct csv_table *test) {
    long n = all->n_rows, n_test = (long)floor((double)n * share);
    if (n_test < 1 || n_test >= n)
        return fail(ERROR_DATA,
                    "%s: of %ld rows, the share data.test_share: %g leaves none to %s on",
                    all->path, n, share, n_test < 1 ? "test" : "train");
    enum status status = take_room(all, n_test, test);
    all->n_rows = 0;
    for (long i = 0; i < n && !status; i++)
        copy_row(all, i, is_test_row(share, i) && test->n_rows < n_test ? test : all);
    return status;
}

/* ---- two files ---- */

static enum status check_names(const struct csv_table *train, const struct csv_table *test) {
    if (train->n_features != test->n_features)
        return fail(ERROR_DATA, "%s has %d columns, but %s has %d", test->path,
                    test->n_features + 1, train->path, train->n_features + 1);
    if (train->target_at != test->target_at)
        return fail(ERROR_DATA, "%s has its target in column %d, but %s in column %d", test->path,
                    test->target_at, train->path, train->target_at);
    for (int i = 0; i <= train->n_features && train->names; i++)
        if (strcmp(train->names[i], test->names[i]) != 0)
            return fail(ERROR_DATA, "%s:1: column %d is '%s', but in %s it is '%s'", test->path, i,
                        test->names[i], train->path, train->names[i]);
    return OK;
}

/* The test file's words by their places among those of the training file. */
static enum status match_words(const struct csv_table *train, struct csv_table *test) {
    int place[CSV_WORDS + 1];
    for (int k = 0; k < test->n_words && k <= CSV_WORDS; k++) {
        place[k] = 0;
        while (place[k] < train->n_words &&
               strcmp(train->word[place[k]].text, test->word[k].text) != 0)
            place[k]++;
        if (place[k] == train->n_words)
            return fail(ERROR_DATA, "%s:%ld: class '%s' is in no row of %s", test->path,
                        test->word[k].line, test->word[k].text, train->path);
    }
    for (long i = 0; i < test->n_rows; i++)
        test->words[i] = place[test->words[i]];
    return OK;
}

/* ---- targets ---- */

/* Classes that are words are numbered in the order of the alphabet. */
static enum status rank_words(const struct csv_table *train, int rank[CSV_WORDS + 1]) {
    const char *sorted[CSV_WORDS + 1];
    int n = train->n_words;
    if (n > CSV_WORDS)
        return fail(ERROR_DATA,
                    "%s:%ld: column '%s' has more than %d classes; is it the target (data.target)?",
                    train->path, train->word[CSV_WORDS].line, train->target_name, CSV_WORDS);
    for (int k = 0; k < n; k++)
        sorted[k] = train->word[k].text;
    sort_texts(sorted, (size_t)n);
    for (int k = 0; k < n; k++)
        for (rank[k] = 0; strcmp(sorted[rank[k]], train->word[k].text) != 0; rank[k]++)
            ;
    return OK;
}

/* In one file, all rows of a class may be for testing. */
static enum status check_trained(const struct csv_table *train) {
    bool seen[CSV_WORDS + 1] = {false};
    for (long i = 0; i < train->n_rows; i++)
        seen[train->words[i]] = true;
    for (int k = 0; k < train->n_words; k++)
        if (!seen[k])
            return fail(ERROR_DATA, "%s:%ld: class '%s' is in no row that is for training",
                        train->path, train->word[k].line, train->word[k].text);
    return OK;
}

/* Pointers, and behind them the texts. */
static enum status name_classes(const struct csv_table *train, const int rank[CSV_WORDS + 1],
                                const char *const **names) {
    size_t n = (size_t)train->n_words, size = n * sizeof(char *);
    for (size_t k = 0; k < n; k++)
        size += strlen(train->word[k].text) + 1;
    const char **block = malloc(size);
    if (!block)
        return fail(ERROR_RUN, "%s: out of memory", train->path);
    char *text = (char *)(block + n);
    for (size_t k = 0; k < n; k++) {
        block[rank[k]] = strcpy(text, train->word[k].text);
        text += strlen(text) + 1;
    }
    *names = block;
    return OK;
}

static enum status words_to_numbers(struct csv_table *train, struct csv_table *test,
                                    const char *const **names) {
    int rank[CSV_WORDS + 1] = {0};
    enum status status = rank_words(train, rank);
    if (!status && strcmp(train->path, test->path) != 0)
        status = match_words(train, test);
    if (!status)
        status = check_trained(train);
    if (!status)
        status = name_classes(train, rank, names);
    for (long i = 0; i < train->n_rows && !status; i++)
        train->targets[i] = rank[train->words[i]];
    for (long i = 0; i < test->n_rows && !status; i++)
        test->targets[i] = rank[test->words[i]];
    return status;
}

static enum status fail_target(const struct csv_table *table) {
    return fail(ERROR_DATA,
                "%s:%ld: column '%s': '%s' is no number, as data.targets: numbers wants",
                table->path, table->text_line, table->target_name, table->a_text);
}

static enum status fail_fraction(const struct csv_table *table) {
    return fail(ERROR_DATA,
                "%s:%ld: column '%s' has a number that is not whole, but data.targets: classes "
                "wants 0, 1, 2, ...",
                table->path, table->fraction_line, table->target_name);
}

/* Sets whether targets are classes, and makes numbers of those that are words. */
static enum status settle_targets(const struct data_config *config, struct csv_table *train,
                                  struct csv_table *test, bool *classes,
                                  const char *const **names) {
    bool texts = train->text_line || test->text_line;
    bool fractions = train->fraction_line || test->fraction_line;
    *classes = config->targets == TARGETS_CLASSES ||
               (config->targets == TARGETS_AUTO && (texts || !fractions));
    if (!*classes && texts)
        return fail_target(train->text_line ? train : test);
    if (*classes && !texts && fractions)
        return fail_fraction(train->fraction_line ? train : test);
    return *classes && texts ? words_to_numbers(train, test, names) : OK;
}

/* ---- arrays ---- */

static enum status make_inputs(struct csv_table *table, const struct array *like,
                               struct array *array) {
    const uint64_t dims[] = {(uint64_t)table->n_rows, (uint64_t)table->n_features};
    enum status status = array_set_shape(table->numbers ? NUMBER_F64 : NUMBER_U8, 2, dims, array);
    if (!status && table->numbers)
        return array_from_doubles(table->numbers, like, array);
    if (!status) {
        array->bytes = table->bytes;
        table->bytes = NULL;
    }
    return status;
}

static enum status make_targets(const struct csv_table *table, bool classes, struct array *array) {
    const uint64_t rows = (uint64_t)table->n_rows;
    enum status status = array_set_shape(classes ? NUMBER_I64 : NUMBER_F64, 1, &rows, array);
    return status ? status : array_from_doubles(table->targets, NULL, array);
}

/* Of one file, those for training and those for testing are counted apart. */
static const char *which_rows(const struct csv_table *train, const struct csv_table *test, int i) {
    if (strcmp(train->path, test->path) != 0)
        return "";
    return i == TRAIN_Y ? ", of the rows to train on" : ", of the rows to test on";
}

static enum status make_arrays(struct csv_table *train, struct csv_table *test, bool classes,
                               struct pool *pool, struct named_array four[FOUR]) {
    struct csv_table *const tables[FOUR] = {train, train, test, test};
    enum status status = OK;
    if (train->numbers && test->bytes)
        status = csv_table_widen(test);
    else if (train->bytes && test->numbers)
        status = csv_table_widen(train);
    for (int i = 0; i < FOUR && !status; i++) {
        bool inputs = i == TRAIN_X || i == TEST_X;
        four[i].name = inputs ? tables[i]->path
                              : pool_format(pool, "%s: column '%s'%s", tables[i]->path,
                                            tables[i]->target_name, which_rows(train, test, i));
        status = inputs ? make_inputs(tables[i], i == TEST_X ? &four[TRAIN_X].array : NULL,
                                      &four[i].array)
                        : make_targets(tables[i], classes, &four[i].array);
        if (status)
            fail_in(status, "%s", four[i].name);
    }
    return status;
}

/* ---- the source ---- */

static enum status fail_missing(const struct source_kind *kind, const char *path, int error,
                                struct pool *pool) {
    return fail(data_missing(error), "%s: %s; %s", path, strerror(error),
                source_kind_how(kind, pool));
}

/* NAME.csv of a folder or NAME.csv.gz; where there are both, which is meant makes no difference. */
static enum status find_table(const struct source_kind *kind, const char *dir, const char *name,
                              struct pool *pool, const char **path) {
    const char *plain = pool_format(pool, "%s/%s.csv", dir, name);
    const char *packed = pool_format(pool, "%s.gz", plain);
    bool has_plain, has_packed = false, same = true;
    enum status status = data_exists(plain, &has_plain);
    if (!status)
        status = data_exists(packed, &has_packed);
    if (!status && !has_plain && !has_packed)
        return fail(ERROR_DATA, "data folder %s: has no %s.csv (plain or .gz); %s", dir, name,
                    source_kind_how(kind, pool));
    if (!status && has_plain && has_packed)
        status = gz_same(plain, packed, &same);
    if (!status && !same)
        return fail(ERROR_DATA, "%s and %s hold different data; remove the one not meant", plain,
                    packed);
    *path = has_plain ? plain : packed;
    return status;
}

static enum status read_folder(const struct source_kind *kind, const char *dir,
                               const struct csv_options *options, struct pool *pool,
                               struct csv_table *train, struct csv_table *test) {
    const char *train_path, *test_path;
    enum status status = find_table(kind, dir, "train", pool, &train_path);
    if (!status)
        status = find_table(kind, dir, "test", pool, &test_path);
    if (!status)
        status = csv_table_read(train_path, options, train);
    if (!status)
        status = csv_table_read(test_path, options, test);
    return status ? status : check_names(train, test);
}

static enum status read_tables(const struct source_kind *kind, const struct data_config *config,
                               const char *path, struct pool *pool, struct csv_table *train,
                               struct csv_table *test) {
    const struct csv_options options = {.target = config->target, .header = config->header};
    struct stat info;
    if (stat(path, &info) != 0)
        return fail_missing(kind, path, errno, pool);
    if (S_ISDIR(info.st_mode))
        return read_folder(kind, path, &options, pool, train, test);
    enum status status = csv_table_read(path, &options, train);
    return status ? status : deal_out(config->test_share, train, test);
}

static enum status open_csv(const struct source_kind *kind, const struct data_config *config,
                            struct data_source *source) {
    struct pool pool = {0};
    struct csv_table train = {0}, test = {0};
    struct named_array four[FOUR] = {0};
    const char *path;
    bool classes = false;
    enum status status = data_source_path(config, &pool, &path);
    if (!status)
        status = read_tables(kind, config, path, &pool, &train, &test);
    if (!status)
        status = settle_targets(config, &train, &test, &classes, &source->class_names);
    if (!status)
        status = make_arrays(&train, &test, classes, &pool, four);
    csv_table_free(&test); /* its names may be those of the other */
    if (status)
        for (int i = 0; i < FOUR; i++)
            array_free(&four[i].array);
    else
        status = four_arrays_take(config, four, source);
    csv_table_free(&train);
    pool_free(&pool);
    return status;
}

static const char *describe_csv(struct pool *pool) {
    (void)pool;
    return "a CSV file, or a folder of two, train.csv and test.csv, plain or with .gz: a row a "
           "line, numbers, and a column with the target";
}

const struct source_kind source_csv = {
    .name = "csv",
    .title = "CSV files",
    .reads = READS_DIR | READS_TARGETS | READS_COLUMNS,
    .how = "name the file, or the folder of train.csv and test.csv, in data.dir",
    .holds = describe_csv,
    .open = open_csv,
};

/* ---- sets that have a name ---- */

/* Their classes stand in the last column. */

#define MADE_OF_MLBENCH                                                                            \
    .script = "data/mlbench.R", .package = "r-cran-mlbench",                                       \
    .how = "name the folder of train.csv and test.csv in data.dir"

const struct source_kind source_digits = {
    .name = "digits",
    .title = "the 1,797 digits of scikit-learn",
    .reads = READS_DIR,
    .dir = "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz", /* of Debian's */
    .how = "install them (apt-get install python3-sklearn) or name the file digits.csv.gz in "
           "data.dir",
    .test_share = 0.2,
    .open = open_csv,
};

const struct source_kind source_letters = {
    .name = "letters",
    .title = "20,000 letters in 20 fonts (LetterRecognition)",
    .reads = READS_DIR,
    .dir = "~/.local/share/normlab/letters",
    MADE_OF_MLBENCH,
    .header = true,
    .open = open_csv,
};

const struct source_kind source_satellite = {
    .name = "satellite",
    .title = "6,435 pixels of a satellite image (Satellite)",
    .reads = READS_DIR,
    .dir = "~/.local/share/normlab/satellite",
    MADE_OF_MLBENCH,
    .header = true,
    .open = open_csv,
};
