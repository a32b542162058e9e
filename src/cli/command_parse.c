/* From the words of a command line to the struct of its command: getopt_long over the rows. */
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "base/words.h"
#include "cli/command.h"

/* What getopt_long returns for row i is FIRST_ROW + i. */
enum { HELP_OPTION = 'h', FIRST_ROW = 256 };

/* The words of a line, sorted but not yet read. */
struct line {
    const struct command *command;
    struct pool *pool;
    bool help, unsealed;
    struct words operands, plugins;
    const char **texts;             /* of each row, its last, of a list all; NULL: not given */
    const struct option_row *empty; /* the first that was given without a text */
};

static size_t count_rows(const struct command *command) {
    size_t n = 0;
    while (command->rows[n].type)
        n++;
    return n;
}

static void add_word(struct words *words, const char *word) {
    words->items[words->n++] = word;
}

/* The rows as getopt_long wants them; an alias is a second name of its row. */
static struct option *build_options(const struct command *command, struct pool *pool) {
    struct option *options = pool_alloc(pool, (2 * count_rows(command) + 2) * sizeof *options);
    int n = 0;
    for (const struct option_row *row = command->rows; row->type; row++) {
        struct option option = {row->name, option_is_flag(row) ? no_argument : required_argument,
                                NULL, FIRST_ROW + (int)(row - command->rows)};
        if (option_is_operand(row))
            continue;
        options[n++] = option;
        option.name = row->alias;
        if (row->alias)
            options[n++] = option;
    }
    options[n] = (struct option){"help", no_argument, NULL, HELP_OPTION};
    return options;
}

/* ---- what is wrong ---- */

/* The name of the option that is meant, or NULL; where it was an alias, the name of today. */
static const char *nearest_option(const struct command *command, const char *name,
                                  struct pool *pool) {
    size_t n_rows = count_rows(command);
    const char **names = pool_alloc(pool, (2 * n_rows + 1) * sizeof *names);
    int n = 0;
    for (const struct option_row *row = command->rows; row->type; row++) {
        if (option_is_operand(row))
            continue;
        names[n++] = row->name;
        if (row->alias)
            names[n++] = row->alias;
    }
    names[n++] = "help";
    const char *near = nearest_word(name, names, n);
    for (const struct option_row *row = command->rows; row->type; row++)
        if (near && near == row->alias)
            return row->name;
    return near;
}

static enum status unknown_option(const struct line *line, const char *text) {
    const char *command = line->command->name;
    const char *name = pool_format(line->pool, "%.*s", (int)strcspn(text, "="), text);
    const char *near = nearest_option(line->command, name + strspn(name, "-"), line->pool);
    return near ? fail(ERROR_USAGE, "%s: unknown option '%s' (did you mean '--%s'?)", command, name,
                       near)
                : fail(ERROR_USAGE, "%s: unknown option '%s'; see normlab %s --help", command, name,
                       command);
}

static enum status bad_option(const struct line *line, int code, const char *text) {
    const char *command = line->command->name;
    if (code == ':') {
        const struct option_row *row = &line->command->rows[optopt - FIRST_ROW];
        return fail(ERROR_USAGE, "%s: option '%s' needs a value: --%s %s", command, text, row->name,
                    row->argument);
    }
    if (optopt >= FIRST_ROW || optopt == HELP_OPTION)
        return fail(ERROR_USAGE, "%s: option '%.*s' takes no value", command,
                    (int)strcspn(text, "="), text);
    return unknown_option(line, text);
}

static enum status check_operands(const struct line *line) {
    const struct command *command = line->command;
    int least = 0, most = 0;
    bool rest = false;
    for (const struct option_row *row = command->rows; row->type; row++) {
        least += row->type == OPERAND || row->type == OPERANDS_SOME;
        most += row->type == OPERAND || row->type == OPERAND_MAYBE;
        rest |= row->type == OPERANDS || row->type == OPERANDS_SOME;
    }
    const char *usage = command_usage(command, line->pool);
    if (line->operands.n < least)
        return fail(ERROR_USAGE, "%s: needs %s; see normlab %s --help", command->name, usage,
                    command->name);
    if (!rest && line->operands.n > most)
        return fail(ERROR_USAGE, "%s: unexpected '%s'; usage: normlab %s %s", command->name,
                    line->operands.items[most], command->name, usage);
    return OK;
}

/* ---- reading ---- */

static void take_option(struct line *line, size_t index, const char *text) {
    const struct option_row *row = &line->command->rows[index];
    const char *before = line->texts[index];
    bool goes_on = before && option_is_list(row);
    line->texts[index] = goes_on ? pool_format(line->pool, "%s,%s", before, text) : text;
    if (!option_is_flag(row) && !*text && !line->empty)
        line->empty = row;
    if (row->type == OPTION_PLUGIN)
        add_word(&line->plugins, text);
    line->unsealed |= row->type == OPTION_UNSEALED;
}

/* Operands and options may be mixed ("-" in getopt's words), whatever POSIXLY_CORRECT says. */
static enum status sort_words(struct line *line, int argc, char **words) {
    const struct option *options = build_options(line->command, line->pool);
    optind = 0; /* start anew */
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, words, "-:h", options, NULL)) != -1)
        if (code == 1)
            add_word(&line->operands, optarg);
        else if (code == HELP_OPTION)
            line->help = true;
        else if (code >= FIRST_ROW)
            take_option(line, (size_t)(code - FIRST_ROW), optarg ? optarg : "");
        else
            return bad_option(line, code, words[optind - 1]);
    while (optind < argc)
        add_word(&line->operands, words[optind++]);
    return OK;
}

/* The operands in turn, into the fields of their rows. */
static void fill_operands(const struct line *line, void *options) {
    struct words rest = line->operands;
    for (const struct option_row *row = line->command->rows; row->type; row++) {
        void *field = (char *)options + row->offset;
        if (row->type == OPERANDS || row->type == OPERANDS_SOME) {
            *(struct words *)field = rest;
        } else if (option_is_operand(row) && rest.n > 0) {
            *(const char **)field = *rest.items++;
            rest.n--;
        }
    }
}

static enum status fill_options(const struct line *line, void *options) {
    enum status status = OK;
    for (size_t i = 0; line->command->rows[i].type && !status; i++) {
        const struct option_row *row = &line->command->rows[i];
        const char *text = line->texts[i] ? line->texts[i] : row->initial;
        if (text)
            status = option_read(row, text, line->pool, options);
    }
    return status;
}

/* What takes a value needs one: "" would mean something else to each command. */
static enum status check_line(const struct line *line) {
    if (line->empty)
        return fail(ERROR_USAGE, "--%s: is empty; it needs %s", line->empty->name,
                    line->empty->argument);
    return check_operands(line);
}

enum status command_parse(const struct command *command, int argc, const char *const *argv,
                          struct pool *pool, struct arguments *arguments, bool *help) {
    size_t most = (size_t)argc + SPARE_WORDS;
    struct line line = {
        .command = command,
        .pool = pool,
        .operands.items = pool_alloc(pool, most * sizeof *line.operands.items),
        .plugins.items = pool_alloc(pool, most * sizeof *line.plugins.items),
        .texts = pool_alloc(pool, (count_rows(command) + 1) * sizeof *line.texts),
    };
    char **words = pool_alloc(pool, most * sizeof *words);
    for (int i = 0; i < argc; i++)
        words[i] = pool_text(pool, argv[i]);
    enum status status = sort_words(&line, argc, words);
    *help = !status && line.help;
    if (status || line.help)
        return status;
    *arguments = (struct arguments){.options = pool_alloc(pool, command->size),
                                    .plugins = line.plugins,
                                    .unsealed = line.unsealed,
                                    .pool = pool};
    status = check_line(&line);
    if (status)
        return status;
    fill_operands(&line, arguments->options);
    return fill_options(&line, arguments->options);
}
