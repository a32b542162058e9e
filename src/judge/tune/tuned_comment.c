/* Comments of the tuned file: where its rates came from. */
#include "judge/tune/tuned_comment.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/sort.h"
#include "io/draft.h"
#include "judge/tune/columns.h"
#include "judge/tune/tune_doubts.h"

const char *seeds_text(int n, const struct value *seeds, struct pool *pool) {
    bool in_turn = n > 2;
    for (int i = 1; i < n; i++)
        in_turn &= seeds[i].integer == seeds[i - 1].integer + 1;
    if (in_turn && seeds[0].integer == 0)
        return pool_format(pool, "range(%d)", n);
    if (in_turn)
        return pool_format(pool, "range(%ld, %ld)", seeds[0].integer, seeds[n - 1].integer + 1);
    const char *text = "[";
    for (int i = 0; i < n; i++)
        text = pool_format(pool, "%s%s%ld", text, i ? ", " : "", seeds[i].integer);
    return pool_format(pool, "%s]", text);
}

static void write_scaling(FILE *out, const struct tune *tune, struct pool *pool) {
    int scaling = key_find("optimizer.lr_scaling"), rows = key_find("optimizer.lr_reference_batch");
    const struct tune_arm *arm = &tune->arms[0];
    if (tune->tuning.key != key_find("optimizer.lr"))
        return;
    if (tune_differs(tune, scaling) || tune_differs(tune, rows))
        fputs("# The optimizer.lr_scaling of each cell applies to these rates as to any.\n", out);
    else if (!*tune_text(arm, rows, pool))
        fputs("# optimizer.lr_scaling is none: they are the rates of the steps.\n", out);
    else
        fprintf(out, "# optimizer.lr_scaling (%s, %s rows) applies to these rates as to any.\n",
                tune_text(arm, scaling, pool), tune_text(arm, rows, pool));
}

static void write_set(FILE *out, const struct tuning *tuning, struct pool *pool) {
    for (int i = 0; i < tuning->n_set; i++) {
        const struct key *key = key_get(tuning->set_keys[i]);
        fprintf(out, "# Tuned with %s: %s, which is not set here.\n", key->name,
                value_yaml(key, &tuning->set_values[i], pool));
    }
}

static void write_grids(FILE *out, const struct tune *tune, struct pool *pool) {
    static const char *const extended[] = {"", ", extended once", ", extended twice"};
    for (int g = 0; g < tune->n_groups; g++) {
        const struct rate_grid *grid = &tune->grids[g];
        const char *label = tune_group_label(tune, g, pool);
        fprintf(out, "# Tried%s%s:", *label ? " where " : "", label);
        for (int i = 0; i < grid->n; i++)
            fprintf(out, "%s %s", i ? "," : "", number_text(grid->rates[i], pool));
        fprintf(out, "%s.\n", extended[grid->n_extended]);
    }
}

static void write_nothing_learned(FILE *out, const struct tune *tune, struct pool *pool) {
    for (int i = 0; i < tune->n_arms; i++) {
        const struct tune_arm *arm = &tune->arms[i];
        const char *cell = tune_cell_label(tune, arm, pool);
        if (arm->choice.learned_nothing)
            fprintf(
                out,
                "# No rate learned anything%s%s:\n# all %d runs %s diverged or collapsed. Below "
                "stands the lowest rate.\n",
                *cell ? " where " : "", cell, tune->grids[arm->group].n * tune->tuning.n_seeds,
                tune_tried_text(tune, arm, pool));
    }
}

/* ---- every score ---- */

/* The rates of all grids, ascending, each once. */
static int all_rates(const struct tune *tune, double *rates) {
    int n = 0, n_different = 0;
    for (int g = 0; g < tune->n_groups; g++)
        for (int i = 0; i < tune->grids[g].n; i++)
            rates[n++] = tune->grids[g].rates[i];
    sort_numbers(rates, (size_t)n);
    for (int i = 0; i < n; i++)
        if (i == 0 || rates[i] > rates[n_different - 1])
            rates[n_different++] = rates[i];
    return n_different;
}

static int find_rate(const struct rate_grid *grid, double rate) {
    for (int i = 0; i < grid->n; i++)
        if (!(grid->rates[i] < rate) && !(grid->rates[i] > rate))
            return i;
    return -1;
}

static const char *score_text(const struct tune *tune, const struct tune_arm *arm, double rate,
                              struct pool *pool) {
    int i = find_rate(&tune->grids[arm->group], rate), n = tune->tuning.n_seeds;
    if (i < 0)
        return "-";
    const char *mark = i != arm->choice.best ? "" : arm->choice.edge == EDGE_NONE ? "*" : "*!";
    int n_failed = tune_failed(tune, arm, i);
    return pool_format(pool, "%.4f%s%s", rate_score(n, arm->scores + i * n), mark,
                       n_failed ? pool_format(pool, "(%d)", n_failed) : "");
}

static void write_scores(FILE *out, const struct tune *tune, struct pool *pool) {
    double *rates = pool_alloc(pool, (size_t)tune->n_groups * MOST_RATES * sizeof *rates);
    int n_rates = all_rates(tune, rates);
    struct columns columns;
    columns_create(&columns, tune->n_keys + n_rates, tune->n_arms, pool);
    for (int k = 0; k < tune->n_keys; k++)
        columns.names[k] = key_get(tune->keys[k])->name;
    for (int r = 0; r < n_rates; r++)
        columns.names[tune->n_keys + r] = number_text(rates[r], pool);
    for (int i = 0; i < tune->n_arms; i++) {
        const struct tune_arm *arm = &tune->arms[i];
        for (int k = 0; k < tune->n_keys; k++) {
            const char *text = tune_text(arm, tune->keys[k], pool);
            *columns_at(&columns, k, i) = *text ? text : "-";
        }
        for (int r = 0; r < n_rates; r++)
            *columns_at(&columns, tune->n_keys + r, i) = score_text(tune, arm, rates[r], pool);
    }
    columns_write_comment(&columns, out);
}

/* Only this program writes it. */
static const char mark[] = " of each cell, as `normlab tune ";

bool tuned_comment_is_in(const char *text) {
    return strstr(text, mark) != NULL;
}

bool tuned_comment_has_words(const char *text) {
    const char *command = strstr(text, mark);
    if (!command)
        return false;
    const char *equals = strchr(command, '=');
    return equals && equals < command + strcspn(command, "\n");
}

/* In a comment, which ends with its line: a name of a file may hold anything. */
static void put_word(FILE *out, const char *word) {
    for (; *word; word++)
        putc(*word == '\n' || *word == '\r' ? ' ' : *word, out);
}

/* The command as far as the choice depends on it. */
static void write_command(FILE *out, const struct tune *tune) {
    fprintf(out, "# %s%s", key_get(tune->tuning.key)->name, mark);
    put_word(out, path_name(tune->experiment->file));
    for (int i = 0; i < tune->n_overrides; i++)
        fprintf(out, " %s", tune->overrides[i]);
    fputs("` chose it:\n", out);
}

void tuned_comment_write(const struct tune *tune, FILE *out, struct pool *pool) {
    const struct tuning *tuning = &tune->tuning;
    write_command(out, tune);
    fprintf(out,
            "# the rate with the lowest %s, interquartile mean over seeds %s,\n"
            "# which have no part in the runs below; of equal rates the smaller one. Test data had "
            "no part in it.\n"
            "# A run that diverged counts as the best constant prediction.\n",
            tuning->by, seeds_text(tuning->n_seeds, tuning->seeds, pool));
    write_scaling(out, tune, pool);
    write_set(out, tuning, pool);
    write_grids(out, tune, pool);
    write_nothing_learned(out, tune, pool);
    fprintf(out,
            "# %s by rate; *: chosen, !: at the edge of what was tried, (k): k of its %d runs "
            "diverged or collapsed.\n#\n",
            tuning->by, tuning->n_seeds);
    write_scores(out, tune, pool);
}
