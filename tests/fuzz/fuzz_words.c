/* What stands on command lines: overrides, conditions, options of figures, the lines themselves. */
#include <math.h>
#include <string.h>

#include "cli/command.h"
#include "judge/claim/take.h"
#include "lab/config/condition.h"
#include "lab/config/override.h"
#include "lab/plan/figure_option.h"
#include "lab/table/group_by.h"
#include "lab/table/row_filter.h"
#include "tests/fuzz/targets.h"

enum { ROWS = 3, MOST_WORDS = 32, MOST_LINES = 6 };

/* A column of each type. */
static void fill(struct table *table) {
    table_create(table, ROWS);
    struct column *seed = table_add(table, "seed", TYPE_INT, "", ""),
                  *collapsed = table_add(table, "collapsed", TYPE_BOOL, "", "");
    for (int row = 0; row < ROWS; row++)
        collapsed->integers[row] = row - 1;
    seed = table_find(table, "seed");
    for (int row = 0; row < ROWS; row++)
        seed->integers[row] = row;
    struct column *error = table_add(table, "test_error", TYPE_REAL, "1", "");
    error->reals[0] = NAN;
    struct column *hidden = table_add(table, "model.hidden", TYPE_TEXT, "", "");
    hidden->texts[1] = "8-8";
}

static void try_conditions(const char *line) {
    struct table table, met;
    struct pool pool = {0};
    int n;
    struct condition *conditions;
    fill(&table);
    if (!table_where(&table, 1, &line, &met))
        table_free(&met);
    conditions_read(line, &pool, &n, &conditions);
    pool_free(&pool);
    table_free(&table);
}

static void try_override(const char *line) {
    struct pool pool = {0};
    struct override override;
    override_read(line, &pool, &override);
    pool_free(&pool);
}

static void try_figure_options(const char *line) {
    static const char *const scripts[] = {"error_vs_batch", "learning_curves", "mine.gp"};
    for (int script = 0; script < 3; script++)
        for (int i = 0; i < figure_option_count(); i++)
            figure_option_check(scripts[script], figure_option_get(i)->name, line);
}

/* The words of a line, for every command. */
static void try_commands(char *line) {
    const char *words[MOST_WORDS + 1] = {"normlab"};
    int n = 1;
    for (char *word = strtok(line, " "); word && n < MOST_WORDS; word = strtok(NULL, " "))
        words[n++] = word;
    for (int i = 0; i < command_count(); i++) {
        struct pool pool = {0};
        struct arguments arguments;
        bool help;
        command_parse(command_get(i), n, words, &pool, &arguments, &help);
        pool_free(&pool);
    }
}

void fuzz_words(const char *text, size_t size) {
    struct pool pool = {0};
    (void)size;
    char *rest = pool_text(&pool, text);
    for (int i = 0; *rest && i < MOST_LINES; i++) {
        char *line = rest;
        rest += strcspn(rest, "\n");
        if (*rest)
            *rest++ = 0;
        try_conditions(line);
        try_override(line);
        try_figure_options(line);
        try_commands(line);
    }
    pool_free(&pool);
}
