/* normlab bench: how fast the trainer is, beside what the machine allows. */
#include <stdio.h>
#include <unistd.h>

#include "cli/bench_print.h"
#include "cli/bench_request.h"
#include "cli/command.h"
#include "lab/bench/blas_libraries.h"

/* Once, on standard error: the limit is only as good as the libraries that are there. */
static void say_what_is_missing(void) {
    int n_missing = 0;
    for (int i = 0; i < BLAS_LIBRARIES; i++)
        if (!blas_library_get(i)) {
            fprintf(stderr, "normlab: warning: %s is not installed (Debian: apt install %s)\n",
                    blas_library_name(i), blas_library_package(i));
            n_missing++;
        }
    if (n_missing == BLAS_LIBRARIES)
        fprintf(stderr, "normlab: warning: without a library of matrix products the limits are "
                        "nan\n");
}

static bool shows_progress(void) {
    return isatty(STDERR_FILENO);
}

static void show_progress(const struct bench_request *request, int i) {
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

/* The data set of a cell; the last one where it fits. */
static enum status get_data(const struct bench_cell *cell, struct bench_data **data) {
    int F = cell->widths[0], K = cell->widths[cell->n_widths - 1];
    if (*data && (*data)->source.n_features == F && (*data)->source.n_classes == K)
        return OK;
    bench_data_free(*data);
    *data = NULL;
    return bench_data_create(F, K, data);
}

static enum status measure_all(const struct bench_request *request, bool tsv, struct pool *pool) {
    struct bench_data *data = NULL;
    struct bench_result *results = pool_alloc(pool, (size_t)request->n_cells * sizeof *results);
    enum status status = OK;
    int n = 0;
    for (int i = 0; i < request->n_cells && !status; i++) {
        const struct bench_cell *cell = &request->cells[i];
        show_progress(request, i);
        status = get_data(cell, &data);
        if (!status)
            status = bench_measure(cell, data, &request->options, pool, &results[n]);
        if (!status && tsv) {
            clear_progress();
            bench_print_row(&request->options, &results[n], n == 0);
        }
        n += !status;
    }
    clear_progress();
    if (!tsv)
        bench_print_all(&request->options, n, results);
    bench_data_free(data);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct bench_words *words = arguments->options;
    struct bench_request request;
    enum status status = bench_request_read(words, arguments->pool, &request);
    if (status)
        return status;
    say_what_is_missing();
    return measure_all(&request, words->tsv, arguments->pool);
}

enum { MOST_BATCH = 1 << 24, MOST_THREADS = 4096, MOST_SECONDS = 3600 };

static const struct option_row rows[] = {
    {"sizes", "A-B-C,..", "features, hidden units, classes", OPTION_LIST,
     FIELD(struct bench_words, sizes), .initial = "784-100-100-100-10"},
    {"norm", "A,B", "normalizers", OPTION_LIST, FIELD(struct bench_words, norms),
     .initial = "batch,layer"},
    {"placement", "A,B", "before or after the activation", OPTION_LIST,
     FIELD(struct bench_words, placements), .initial = "before"},
    {"batch", "N,N", "rows of a mini-batch", OPTION_INTEGERS, FIELD(struct bench_words, batches),
     .min = 1, .max = MOST_BATCH, .initial = "2,64"},
    {"threads", "N,N", "threads of a step, at most; a small network uses fewer", OPTION_INTEGERS,
     FIELD(struct bench_words, threads), .min = 1, .max = MOST_THREADS, .initial = "1"},
    {"seconds", "S", "time for each combination, about", OPTION_REAL,
     FIELD(struct bench_words, seconds), .max = MOST_SECONDS, .initial = "1"},
    {"log", "LEVEL", "economy, standard or full", OPTION_TEXT, FIELD(struct bench_words, log),
     .initial = "economy"},
    {"profile", NULL, "show where the time of a step goes, by phases", OPTION_FLAG,
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
        "Trains every combination of the lists on generated images in memory, as the shipped "
        "experiments train (ReLU, cross-entropy, SGD with momentum, shuffled mini-batches), and "
        "prints steps per second: the median, and best, the 5th percentile of their times, of "
        "samples of "
        "about 50 us, in which training takes turns with measurements of its limits. Samples so "
        "short come "
        "to their end between two interruptions, so that best holds on a busy machine too; "
        "cpu/wall says "
        "how busy it was: the processor time of training over its time.\n"
        "The limit is the time of a step's bare matrix products, each by the faster of OpenBLAS "
        "and oneDNN, plus the time to update all parameters, 12 bytes each, at the bandwidth of a "
        "working set of that size; time/limit is the time of a step over it. The roofline is the "
        "most that the processor could do: the operations at its peak, or the bytes at its "
        "bandwidth, whichever takes longer; share is the part of it that training reaches, of peak "
        "the operations of its best over the "
        "processor's peak. Our "
        "own kernels may beat the limit; nothing beats the roofline. With several threads the "
        "limit's products are those of one thread divided by their number; all else is measured "
        "on all threads.\n"
        "With --log, steps/s includes what a run at that level records in each step and, spread "
        "over a run of three epochs of 55,000 rows, its diagnostics, but no evaluation. --profile "
        "shows where a step's time goes, by phases, per thread; the marks between phases cost "
        "some nanoseconds each.",
    .examples = "$ normlab bench\n"
                "$ normlab bench --norm none,batch,layer --batch 2,4,16,64,256,1024\n"
                "$ normlab bench --sizes 784-100-100-100-10,784-1000-1000-10 --threads 1,2 --tsv\n"
                "$ normlab bench --norm batch --batch 2 --profile\n"
                "$ normlab bench --batch 2,16 --log standard --seconds 3",
    .rows = rows,
    .size = sizeof(struct bench_words),
    .run = run,
};
