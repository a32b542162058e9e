/* The results of `normlab bench`: a row each for scripts, a table and phases for a person. */
#include "cli/bench_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "cli/print_table.h"
#include "cli/terminal.h"
#include "io/machine.h"
#include "lab/bench/bench_table.h"

void bench_print_row(const struct bench_options *options, const struct bench_result *result,
                     bool first) {
    struct table table;
    struct text text;
    bench_table(options, 1, result, &table);
    table_write_tsv(&table, text_begin(&text, &table.pool));
    const char *rows = text_end(&text);
    fputs(first ? rows : strchr(rows, '\n') + 1, stdout);
    fflush(stdout); /* command_main sees what failed */
    table_free(&table);
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
        {"steps_per_s_best", "best"},
        {"limit_steps_per_s", "limit"},
        {"ratio_to_limit", "time/limit"},
        {"roofline_steps_per_s", "roofline"},
        {"share_of_roofline", "share"},
        {"share_of_peak", "of peak"},
        {"cpu_per_wall", "cpu/wall"},
    };
    struct table table;
    table_create(&table, all->n_rows);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        copy_column(all, names[i][0], names[i][1], &table);
    if (logged)
        copy_column(all, "log_share", "logging", &table);
    print_aligned(&table, 0, terminal_width(), stdout);
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

void bench_print_all(const struct bench_options *options, int n,
                     const struct bench_result *results) {
    struct pool pool = {0};
    struct table table;
    if (n == 0)
        return;
    bench_table(options, n, results, &table);
    printf("%s: %.4g GFLOP/s at most, on %d thread%s\n", machine_processor(&pool),
           results[0].peak_flops * 1e-9, results[0].cell->n_threads,
           plural(results[0].cell->n_threads));
    printf("limits by %s\n\n", bench_libraries(&pool));
    print_rates(&table, options->log > LOG_ECONOMY);
    for (int i = 0; i < n && options->profile; i++)
        print_profile(&results[i], &pool);
    table_free(&table);
    pool_free(&pool);
}
