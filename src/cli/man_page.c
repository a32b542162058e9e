/* Prints pages of the manual: man(7) for what --help says. */
#include "cli/man_page.h"

#include <string.h>

#include "base/text.h"
#include "base/visible.h"
#include "cli/program_help.h"
#include "io/version_info.h"

/* ---- the language ---- */

/* A text between macros: characters that troff would change are named. */
static void put_text(FILE *out, const char *text) {
    static const struct {
        char character;
        const char *name;
    } special[] = {{'\\', "\\(rs"}, {'-', "\\-"},   {'\'', "\\(aq"},
                   {'`', "\\(ga"},  {'^', "\\(ha"}, {'~', "\\(ti"}};
    bool begins = true;
    for (; *text; text++) {
        const char *name = NULL;
        for (size_t i = 0; i < sizeof special / sizeof *special && !name; i++)
            name = special[i].character == *text ? special[i].name : NULL;
        if (name)
            fputs(name, out);
        else
            fprintf(out, "%s%c", begins && *text == '.' ? "\\&" : "", *text);
        begins = *text == '\n';
    }
}

static void put_line(FILE *out, const char *macro, const char *text) {
    fputs(macro, out);
    put_text(out, text);
    fputc('\n', out);
}

static void put_heading(FILE *out, const char *title) {
    fprintf(out, ".SH %s\n", title);
}

/* Each line is a paragraph. */
static void put_paragraphs(FILE *out, const char *text, struct pool *pool) {
    while (*text) {
        size_t size = strcspn(text, "\n");
        fputs(".PP\n", out);
        put_line(out, "", pool_format(pool, "%.*s", (int)size, text));
        text += size + (text[size] == '\n');
    }
}

/* Lines that stay as they are. */
static void put_lines(FILE *out, const char *text) {
    fputs(".PP\n.nf\n.ft CW\n", out);
    put_text(out, text);
    fputs(".ft R\n.fi\n", out);
}

/* A name, what stands behind it, and a sentence. */
static void put_entry(FILE *out, const char *name, const char *argument, const char *doc) {
    fputs(".TP\n\\fB", out);
    put_text(out, name);
    fputs("\\fR", out);
    if (argument) {
        fputs(" \\fI", out);
        put_text(out, argument);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put_line(out, "", doc);
}

static void put_named(FILE *out, const struct named *rows) {
    for (; rows->name; rows++)
        put_entry(out, rows->name, NULL, rows->doc);
}

static void put_title(FILE *out, const char *title, const char *name, const char *summary) {
    fprintf(out, ".TH %s 1 \"\" \"normlab %s\" \"normlab\"\n.nh\n.ad l\n", title, build_version);
    put_heading(out, "NAME");
    put_text(out, name);
    put_line(out, " \\- ", summary);
}

/* ---- a command ---- */

static void put_options(FILE *out, const struct command *command, struct pool *pool) {
    put_heading(out, "OPTIONS");
    for (const struct option_row *row = command->rows; row->type; row++)
        if (!option_is_operand(row))
            put_entry(out, pool_format(pool, "--%s", row->name), row->argument,
                      pool_format(pool, "%s%s%s", row->doc, row->initial ? "; default: " : "",
                                  row->initial ? row->initial : ""));
    put_entry(out, "--help", NULL, "print the help");
}

static void put_rows(FILE *out, const struct command *command, struct pool *pool) {
    struct text rows;
    if (!command->print_rows)
        return;
    command->print_rows(text_begin(&rows, pool));
    const char *text = text_end(&rows);
    put_heading(out, "CHOICES");
    put_lines(out, text + strspn(text, "\n"));
}

/* As whoever has installed it types them. */
static void put_examples(FILE *out, const struct command *command, struct pool *pool) {
    struct text examples;
    text_set_program("normlab");
    command_print_examples(command, text_begin(&examples, pool));
    put_heading(out, "EXAMPLES");
    put_lines(out, text_end(&examples));
}

void man_page_print(FILE *out, const struct command *command) {
    struct pool pool = {0};
    char title[32];
    size_t n = 0;
    for (const char *at = command->name; *at && n + 1 < sizeof title; at++)
        title[n++] = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    title[n] = '\0';
    put_title(out, pool_format(&pool, "NORMLAB\\-%s", title),
              pool_format(&pool, "normlab-%s", command->name), command->summary);
    put_heading(out, "SYNOPSIS");
    fputs("\\fBnormlab ", out);
    put_text(out, command->name);
    put_line(out, "\\fR ", command_usage(command, &pool));
    put_heading(out, "DESCRIPTION");
    put_paragraphs(out, command->details ? command->details : command->summary, &pool);
    put_options(out, command, &pool);
    put_rows(out, command, &pool);
    put_examples(out, command, &pool);
    put_heading(out, "SEE ALSO");
    fputs("\\fBnormlab\\fR(1)\n", out);
    pool_free(&pool);
}

/* ---- the program ---- */

static void put_see_also(FILE *out) {
    put_heading(out, "SEE ALSO");
    for (int i = 0; i < command_count(); i++)
        fprintf(out, "\\fBnormlab\\-%s\\fR(1)%s\n", command_get(i)->name,
                i < command_count() - 1 ? "," : "");
}

void man_page_print_program(FILE *out) {
    put_title(out, "NORMLAB", "normlab", "compare normalizers in multilayer perceptrons");
    put_heading(out, "SYNOPSIS");
    fputs("\\fBnormlab\\fR \\fICOMMAND\\fR [\\fIOPERAND\\fR ...] [\\fIOPTION\\fR ...]\n", out);
    put_heading(out, "DESCRIPTION");
    put_line(out, "",
             "normlab turns an experiment file into numbers in HDF5, and these into figures and "
             "verdicts.");
    put_heading(out, "COMMANDS");
    for (int i = 0; i < command_count(); i++)
        put_entry(out, command_get(i)->name, NULL, command_get(i)->summary);
    put_heading(out, "OPTIONS");
    put_entry(out, "--help", NULL, "print the help");
    put_entry(out, "--version", NULL, "print versions");
    put_heading(out, "EXIT STATUS");
    put_named(out, exit_statuses);
    put_heading(out, "ENVIRONMENT");
    put_named(out, environment_variables);
    put_see_also(out);
}
