/* normlab bench: how fast the trainer is, beside what the machine allows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/print.h"
#include "io/machine.h"
#include "lab/bench/bench.h"
#include "lab/bench/blas_libraries.h"
#include "lab/config/keys.h"

/* ---- what is asked for ---- */

struct longs {
    int n;
    long *items;
};

struct widths {
    int n;
    int *items;
};

struct request {
    struct pool pool;
    int n_sizes;
    struct widths *sizes;
    struct longs norms, placements, batches, threads;
    struct bench_options options;
    bool tsv;
    int n_cells;
    struct bench_cell *cells;
};

enum { MOST_BATCH = 1 << 24, MOST_THREADS = 4096, MOST_WIDTH = 1 << 20 };
static const double most_seconds = 3600;

static const char *text_of(const struct arguments *arguments, const char *option,
                           const char *initial) {
    const char *text = argument_text(&command_bench, arguments, option);
    return text ? text : initial;
}

/* The key `name` of an experiment file, as an option. */
static struct key option_key(const char *option, const char *name) {
    struct key key = *key_get(key_find(name));
    key.name = option;
    return key;
}

static struct key integer_key(const char *option, long min, long max) {
    return (struct key){
        .name = option, .type = KEY_INT, .min = (double)min, .max = (double)max, .unit = ""};
}

/* "a,b,c" of `option`, each with the type of `key`. */
static enum status read_list(const char *text, const struct key *key, struct pool *pool,
                             struct longs *list) {
    size_t most = strlen(text) + 1;
    list->items = pool_alloc(pool, most * sizeof *list->items);
    for (bool more = true; more;) {
        size_t size = strcspn(text, ",");
        struct value value;
        if (size == 0)
            return fail(ERROR_USAGE, "%s: has an empty word between its commas", key->name);
        enum status status =
            value_parse(key, pool_format(pool, "%.*s", (int)size, text), pool, &value);
        if (status)
            return status;
        list->items[list->n++] = value.integer;
        more = text[size] == ',';
        text += size + more;
    }
    return OK;
}

/* "784-100-10": features, hidden units, classes. */
static enum status read_widths(const char *text, struct pool *pool, struct widths *widths) {
    const struct key key = integer_key("--sizes", 1, MOST_WIDTH);
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

static enum status read_sizes(const char *text, struct request *request) {
    size_t most = strlen(text) + 1;
    request->sizes = pool_alloc(&request->pool, most * sizeof *request->sizes);
    for (bool more = true; more;) {
        size_t size = strcspn(text, ",");
        if (size == 0)
            return fail(ERROR_USAGE, "--sizes: has an empty word between its commas");
        const char *word = pool_format(&request->pool, "%.*s", (int)size, text);
        enum status status = read_widths(word, &request->pool, &request->sizes[request->n_sizes++]);
        if (status)
            return status;
        more = text[size] == ',';
        text += size + more;
    }
    return OK;
}

static enum status read_lists(const struct arguments *arguments, struct request *request) {
    const struct {
        const char *option, *initial;
        struct key key;
        struct longs *list;
    } lists[] = {
        {"norm", "batch,layer", option_key("--norm", "norm.kind"), &request->norms},
        {"placement", "before", option_key("--placement", "norm.placement"), &request->placements},
        {"batch", "2,64", integer_key("--batch", 1, MOST_BATCH), &request->batches},
        {"threads", "1", integer_key("--threads", 1, MOST_THREADS), &request->threads},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const char *text = text_of(arguments, lists[i].option, lists[i].initial);
        enum status status = read_list(text, &lists[i].key, &request->pool, lists[i].list);
        if (status)
            return status;
    }
    return OK;
}

static enum status read_options(const struct arguments *arguments, struct request *request) {
    const struct key seconds = {.name = "--seconds",
                                .type = KEY_REAL,
                                .min = 0,
                                .above_min = true,
                                .max = most_seconds,
                                .unit = "s"};
    const struct key log = option_key("--log", "log.level");
    struct value value;
    request->tsv = argument_text(&command_bench, arguments, "tsv") != NULL;
    request->options.profile = argument_text(&command_bench, arguments, "profile") != NULL;
    enum status status =
        value_parse(&seconds, text_of(arguments, "seconds", "1"), &request->pool, &value);
    if (status)
        return status;
    request->options.seconds = value.real;
    status = value_parse(&log, text_of(arguments, "log", "economy"), &request->pool, &value);
    request->options.log = value.integer;
    return status;
}

/* All lists crossed; without a normalizer there is no placement. */
static void cross(struct request *request) {
    int n = request->n_sizes * request->norms.n * request->placements.n * request->batches.n *
            request->threads.n;
    long none = normalizer_find("none");
    request->cells = pool_alloc(&request->pool, (size_t)n * sizeof *request->cells);
    for (int i = 0; i < n; i++) {
        int rest = i;
        int thread = rest % request->threads.n;
        rest /= request->threads.n;
        int batch = rest % request->batches.n;
        rest /= request->batches.n;
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
                                .B = (int)request->batches.items[batch],
                                .n_threads = (int)request->threads.items[thread]};
    }
}

/* Everything is checked before the first cell takes its time. */
static enum status read_request(const struct arguments *arguments, struct request *request) {
    enum status status = read_sizes(text_of(arguments, "sizes", "784-100-100-100-10"), request);
    if (!status)
        status = read_lists(arguments, request);
    if (!status)
        status = read_options(arguments, request);
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
           results[0].cell->n_threads == 1 ? "" : "s");
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
        pool_alloc(&request->pool, (size_t)request->n_cells * sizeof *results);
    enum status status = OK;
    int n = 0;
    for (int i = 0; i < request->n_cells && !status; i++) {
        const struct bench_cell *cell = &request->cells[i];
        show_progress(request, i);
        status = get_data(cell, &data);
        if (!status)
            status = bench_measure(cell, data, &request->options, &request->pool, &results[n]);
        if (!status && request->tsv) {
            clear_progress();
            print_row(request, &results[n], n == 0);
        }
        n += !status;
    }
    clear_progress();
    if (!request->tsv)
        print_for_people(request, n, results);
    bench_data_free(data);
    return status;
}

static enum status run(const struct arguments *arguments) {
    struct request request = {0};
    enum status status = read_request(arguments, &request);
    if (!status) {
        say_what_is_missing();
        status = measure_all(&request);
    }
    pool_free(&request.pool);
    return status;
}

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
    .options =
        {
            {"sizes", "A-B-C,..", "features, hidden units, classes; default: 784-100-100-100-10"},
            {"norm", "A,B", "normalizers; default: batch,layer"},
            {"placement", "A,B", "before or after the activation; default: before"},
            {"batch", "N,N", "rows of a mini-batch; default: 2,64"},
            {"threads", "N,N", "threads of a step, at most; a small net gets fewer; default: 1"},
            {"seconds", "S", "time for a combination, about; default: 1"},
            {"log", "LEVEL", "economy, standard or full; default: economy"},
            {"profile", NULL, "where a step's time goes, by phases"},
            {"tsv", NULL, "tab-separated, all columns and digits, for scripts"},
            PLUGIN_OPTION,
        },
    .min_operands = 0,
    .max_operands = 0,
    .run = run,
};
