/* normlab bench: how fast the trainer is, beside what the machine allows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "cli/command.h"
#include "cli/print.h"
#include "io/machine.h"
#include "lab/bench/bench.h"
#include "lab/bench/bench_table.h"
#include "lab/bench/blas_libraries.h"
#include "lab/config/keys.h"

/* ---- what is asked for ---- */

struct bench_words {
    struct words sizes, norms, placements;
    struct integers batches, threads;
    double seconds;
    const char *log;
    bool profile, tsv;
};

struct longs {
    int n;
    long *items;
};

struct widths {
    int n;
    int *items;
};

struct request {
    struct pool *pool;
    const struct bench_words *words;
    struct widths *sizes;
    struct longs norms, placements;
    struct bench_options options;
    int n_cells;
    struct bench_cell *cells;
};

enum { MOST_BATCH = 1 << 24, MOST_THREADS = 4096, MOST_WIDTH = 1 << 20, MOST_SECONDS = 3600 };

/* A word of the option as a value of the key `name` of an experiment file. */
static enum status read_choice(const char *option, const char *name, const char *word,
                               struct pool *pool, long *index) {
    struct key key = *key_get(key_find(name));
    struct value value;
    key.name = option;
    enum status status = value_parse(&key, word, pool, &value);
    if (!status)
        *index = value.integer;
    return status;
}

static enum status read_choices(const char *option, const char *name, const struct words *words,
                                struct pool *pool, struct longs *list) {
    enum status status = OK;
    *list = (struct longs){words->n, pool_alloc(pool, (size_t)words->n * sizeof *list->items)};
    for (int i = 0; i < words->n && !status; i++)
        status = read_choice(option, name, words->items[i], pool, &list->items[i]);
    return status;
}

static enum status check_widths(const char *text, const struct widths *widths) {
    int classes = widths->items[widths->n - 1];
    if (widths->n < 2)
        return fail(ERROR_USAGE,
                    "--sizes: '%s' is one width; a network has at least features and classes, "
                    "like 784-10",
                    text);
    if (widths->n - 1 > MLP_MAX_LAYERS)
        return fail(ERROR_USAGE, "--sizes: %d layers are more than %d", widths->n - 1,
                    MLP_MAX_LAYERS);
    if (classes < 2 || classes > BENCH_MOST_CLASSES)
        return fail(ERROR_USAGE, "--sizes: '%s' ends with %d; there can be 2 to %d classes", text,
                    classes, BENCH_MOST_CLASSES);
    return OK;
}

/* "784-100-10": features, hidden units, classes. */
static enum status read_widths(const char *text, struct pool *pool, struct widths *widths) {
    const struct key key = {
        .name = "--sizes", .type = KEY_INT, .min = 1, .max = MOST_WIDTH, .unit = ""};
    const char *at = text;
    widths->items = pool_alloc(pool, (strlen(text) + 1) * sizeof *widths->items);
    for (bool more = true; more;) {
        size_t size = strcspn(at, "-");
        struct value value;
        enum status status =
            value_parse(&key, pool_format(pool, "%.*s", (int)size, at), pool, &value);
        if (status)
            return fail(status, "%s (in '%s'; write widths like 784-100-10)", status_message(),
                        text);
        widths->items[widths->n++] = (int)value.integer;
        more = at[size] == '-';
        at += size + more;
    }
    return check_widths(text, widths);
}

static enum status read_sizes(struct request *request) {
    const struct words *words = &request->words->sizes;
    enum status status = OK;
    request->sizes = pool_alloc(request->pool, (size_t)words->n * sizeof *request->sizes);
    for (int i = 0; i < words->n && !status; i++)
        status = read_widths(words->items[i], request->pool, &request->sizes[i]);
    return status;
}

/* All lists crossed; without a normalizer there is no placement. */
static void cross(struct request *request) {
    const struct bench_words *words = request->words;
    int n = words->sizes.n * request->norms.n * request->placements.n * words->batches.n *
            words->threads.n;
    long none = normalizer_find("none");
    request->cells = pool_alloc(request->pool, (size_t)n * sizeof *request->cells);
    for (int i = 0; i < n; i++) {
        int rest = i;
        int thread = rest % words->threads.n;
        rest /= words->threads.n;
        int batch = rest % words->batches.n;
        rest /= words->batches.n;
        int placement = rest % request->placements.n;
        rest /= request->placements.n;
        int norm = rest % request->norms.n;
        const struct widths *widths = &request->sizes[rest / request->norms.n];
        if (request->norms.items[norm] == none && placement > 0)
            continue;
        request->cells[request->n_cells++] =
            (struct bench_cell){.n_widths = widths->n,
                                .widths = widths->items,
                                .norm = request->norms.items[norm],
                                .placement = request->placements.items[placement],
                                .B = words->batches.items[batch],
                                .n_threads = words->threads.items[thread]};
    }
}

/* Everything is checked before the first cell takes its time. */
static enum status read_request(struct request *request) {
    const struct bench_words *words = request->words;
    struct pool *pool = request->pool;
    request->options.seconds = words->seconds;
    request->options.profile = words->profile;
    enum status status = read_sizes(request);
    if (!status)
        status = read_choices("--norm", "norm.kind", &words->norms, pool, &request->norms);
    if (!status)
        status = read_choices("--placement", "norm.placement", &words->placements, pool,
                              &request->placements);
    if (!status)
        status = read_choice("--log", "log.level", words->log, pool, &request->options.log);
    if (status)
        return status;
    cross(request);
    for (int i = 0; i < request->n_cells && !status; i++)
        status = bench_check(&request->cells[i]);
    return status;
}

/* ---- what is printed ---- */

/* Once, on standard error: the limit is only as good as the libraries that are there. */
static void say_what_is_missing(void) {
    int n_missing = 0;
    for (int i = 0; i < LIBRARIES; i++)
        if (!library_get(i)) {
            fprintf(stderr, "normlab: warning: %s is not installed (Debian: apt install %s)\n",
                    library_name(i), library_package(i));
            n_missing++;
        }
    if (n_missing == LIBRARIES)
        fprintf(stderr, "normlab: warning: without a library of matrix products the limits are "
                        "nan\n");
}

static bool shows_progress(void) {
    return isatty(STDERR_FILENO);
}

static void show_progress(const struct request *request, int i) {
    if (shows_progress()) {
        struct pool pool = {0};
        fprintf(stderr, "\r%d/%d  %s\033[K", i + 1, request->n_cells,
                bench_label(&request->cells[i], &pool));
        pool_free(&pool);
    }
}

static void clear_progress(void) {
    if (shows_progress())
        fputs("\r\033[K", stderr);
}

/* One row, as soon as it is known; the header before the first. */
static void print_row(const struct request *request, const struct bench_result *result,
                      bool first) {
    char *text = NULL;
    size_t size = 0;
    struct table table;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return;
    bench_table(&request->options, 1, result, &table);
    table_write_tsv(&table, memory);
    table_free(&table);
    fclose(memory);
    fputs(first ? text : strchr(text, '\n') + 1, stdout);
    fflush(stdout);
    free(text);
}

/* Four digits are enough for eyes. */
static double rounded(double number) {
    char text[32];
    snprintf(text, sizeof text, "%.4g", number);
    return strtod(text, NULL);
}

/* A column of `from` under a shorter name. */
static void copy_column(const struct table *from, const char *name, const char *short_name,
                        struct table *to) {
    const struct column *column = table_find(from, name);
    struct column *copy = table_add(to, short_name, column->type, column->unit, column->doc);
    for (int row = 0; row < from->n_rows; row++)
        if (column->type == TYPE_TEXT)
            copy->texts[row] = pool_text(&to->pool, column->texts[row]);
        else if (column->type == TYPE_REAL)
            copy->reals[row] = rounded(column->reals[row]);
        else
            copy->integers[row] = column->integers[row];
}

static void print_rates(const struct table *all, bool logged) {
    static const char *const names[][2] = {
        {"sizes", "sizes"},
        {"norm", "norm"},
        {"placement", "placement"},
        {"batch", "batch"},
        {"threads", "threads"},
        {"steps_per_s", "steps/s"},
        {"steps_per_s_low", "low"},
        {"steps_per_s_high", "high"},
        {"limit_steps_per_s", "limit"},
        {"ratio_to_limit", "time/limit"},
        {"roofline_steps_per_s", "roofline"},
        {"share_of_roofline", "share"},
    };
    struct table table;
    table_create(&table, all->n_rows);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        copy_column(all, names[i][0], names[i][1], &table);
    if (logged)
        copy_column(all, "log_share", "logging", &table);
    print_aligned(&table, stdout);
    table_free(&table);
}

static void print_profile(const struct bench_result *result, struct pool *pool) {
    double step_s = result->profiled_step_s, sum_s = 0;
    printf("\n%s: %.4g us a step with marks in it (%.4g without)\n",
           bench_label(result->cell, pool), step_s * 1e6, result->step_s.median * 1e6);
    for (int i = 0; i < PHASES; i++) {
        printf("    %-18s %10.2f us  %5.1f %%\n", phase_name((enum phase)i),
               result->phase_s[i] * 1e6, 100 * result->phase_s[i] / step_s);
        sum_s += result->phase_s[i];
    }
    printf("    %-18s %10.2f us  %5.1f %%\n", "sum", sum_s * 1e6, 100 * sum_s / step_s);
}

static void print_for_people(const struct request *request, int n,
                             const struct bench_result *results) {
    struct pool pool = {0};
    struct table table;
    if (n == 0)
        return;
    bench_table(&request->options, n, results, &table);
    printf("%s: %.4g GFLOP/s at most, on %d thread%s\n", machine_processor(&pool),
           results[0].peak_flops * 1e-9, results[0].cell->n_threads,
           plural(results[0].cell->n_threads));
    printf("limits by %s\n\n", bench_libraries(&pool));
    print_rates(&table, request->options.log > LOG_ECONOMY);
    for (int i = 0; i < n && request->options.profile; i++)
        print_profile(&results[i], &pool);
    table_free(&table);
    pool_free(&pool);
}

/* ---- the command ---- */

/* The data set of a cell; the last one where it fits. */
static enum status get_data(const struct bench_cell *cell, struct bench_data **data) {
    int F = cell->widths[0], K = cell->widths[cell->n_widths - 1];
    if (*data && (*data)->source.n_features == F && (*data)->source.n_classes == K)
        return OK;
    bench_data_free(*data);
    *data = NULL;
    return bench_data_create(F, K, data);
}

static enum status measure_all(struct request *request) {
    struct bench_data *data = NULL;
    struct bench_result *results =
        pool_alloc(request->pool, (size_t)request->n_cells * sizeof *results);
    enum status status = OK;
    int n = 0;
    for (int i = 0; i < request->n_cells && !status; i++) {
        const struct bench_cell *cell = &request->cells[i];
        show_progress(request, i);
        status = get_data(cell, &data);
        if (!status)
            status = bench_measure(cell, data, &request->options, request->pool, &results[n]);
        if (!status && request->words->tsv) {
            clear_progress();
            print_row(request, &results[n], n == 0);
        }
        n += !status;
    }
    clear_progress();
    if (!request->words->tsv)
        print_for_people(request, n, results);
    bench_data_free(data);
    return status;
}

static enum status run(const struct arguments *arguments) {
    struct request request = {.pool = arguments->pool, .words = arguments->options};
    enum status status = read_request(&request);
    if (status)
        return status;
    say_what_is_missing();
    return measure_all(&request);
}

static const struct option_row rows[] = {
    {"sizes", "A-B-C,..", "features, hidden units, classes", OPTION_LIST,
     FIELD(struct bench_words, sizes), .initial = "784-100-100-100-10"},
    {"norm", "A,B", "normalizers", OPTION_LIST, FIELD(struct bench_words, norms),
     .initial = "batch,layer"},
    {"placement", "A,B", "before or after the activation", OPTION_LIST,
     FIELD(struct bench_words, placements), .initial = "before"},
    {"batch", "N,N", "rows of a mini-batch", OPTION_INTEGERS, FIELD(struct bench_words, batches),
     .min = 1, .max = MOST_BATCH, .initial = "2,64"},
    {"threads", "N,N", "threads of a step, at most; a small net gets fewer", OPTION_INTEGERS,
     FIELD(struct bench_words, threads), .min = 1, .max = MOST_THREADS, .initial = "1"},
    {"seconds", "S", "time for a combination, about", OPTION_REAL,
     FIELD(struct bench_words, seconds), .max = MOST_SECONDS, .initial = "1"},
    {"log", "LEVEL", "economy, standard or full", OPTION_TEXT, FIELD(struct bench_words, log),
     .initial = "economy"},
    {"profile", NULL, "where a step's time goes, by phases", OPTION_FLAG,
     FIELD(struct bench_words, profile)},
    {"tsv", NULL, "tab-separated, all columns and digits, for scripts", OPTION_FLAG,
     FIELD(struct bench_words, tsv)},
    PLUGIN_OPTION,
    {0},
};

const struct command command_bench = {
    .name = "bench",
    .summary = "measure the speed of training against the limits of the machine",
    .usage = "[--sizes 784-100-10] [--norm batch,layer] [--batch 2,64]",
    .details =
        "Trains every combination of the lists on generated images in memory, as experiments "
        "train (ReLU, cross-entropy, SGD with momentum, shuffled mini-batches), and prints steps "
        "a second: the median and the quartiles of short pieces, which take turns with "
        "measurements of what bounds them.\n"
        "The limit is the time of the bare matrix products of a step, each by OpenBLAS or oneDNN, "
        "whichever is faster there, and of an update of all parameters, 12 bytes each, at the "
        "bandwidth of a working set of that size; time/limit is the time of a step over that. "
        "The roofline is what the processor could do at most: the operations at its peak, or the "
        "bytes that must pass at its bandwidth, whichever takes longer; share is what is "
        "reached of it. Kernels of our own may beat the limit; nothing beats the roofline. With "
        "several threads the limit's products "
        "are those of one thread divided by their number, and the rest is measured on all of "
        "them.\n"
        "With --log, steps/s is with what each step of a run at that level records and, spread "
        "over a run of three epochs of 55,000 rows, its looks at the network; evaluation is not "
        "part of it. With --profile a step's time is told by phases, per thread; marks between "
        "them cost some nanoseconds each.",
    .examples = "$ normlab bench\n"
                "$ normlab bench --norm none,batch,layer --batch 2,4,16,64,256,1024\n"
                "$ normlab bench --sizes 784-100-100-100-10,784-1000-1000-10 --threads 1,2 --tsv\n"
                "$ normlab bench --norm batch --batch 2 --profile\n"
                "$ normlab bench --batch 2,16 --log standard --seconds 3",
    .rows = rows,
    .size = sizeof(struct bench_words),
    .run = run,
};
