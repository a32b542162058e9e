/* Pages of the manual: everything that the help says, in the language of man(7). */
#include "cli/man_page.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program_help.h"

static struct pool pool;

static void end(void) {
    pool_free(&pool);
}

TestSuite(man_page, .fini = end);

static char *page_of(const struct command *command) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (command)
        man_page_print(out, command);
    else
        man_page_print_program(out);
    fclose(out);
    return text;
}

/* Takes the names of special characters back. */
static char *plain(char *text) {
    static const char *const names[][2] = {{"\\(aq", "'"}, {"\\(ga", "`"}, {"\\(ha", "^"},
                                           {"\\(ti", "~"}, {"\\-", "-"},   {"\\(rs", "\\"}};
    char *to = text;
    for (const char *from = text; *from;) {
        size_t size = 1;
        *to = *from;
        for (int i = 0; i < 6; i++)
            if (!strncmp(from, names[i][0], strlen(names[i][0]))) {
                size = strlen(names[i][0]);
                *to = names[i][1][0];
            }
        to++;
        from += size;
    }
    *to = '\0';
    return text;
}

Test(man_page, each_has_what_the_rows_say) {
    for (int i = 0; i < command_count(); i++) {
        const struct command *command = command_get(i);
        char *text = plain(page_of(command)), part[256];
        cr_expect(!strncmp(text, ".TH NORMLAB-", 12), "%s begins with %.20s", command->name, text);
        snprintf(part, sizeof part, "\n.SH NAME\nnormlab-%s - %s\n", command->name,
                 command->summary);
        cr_expect(strstr(text, part), "%s: no\n%s", command->name, part);
        cr_expect(strstr(text, command_usage(command, &pool)), "%s: no usage", command->name);
        cr_expect(strstr(text, "\n.SH EXAMPLES\n") && strstr(text, "    $ normlab"),
                  "%s: no examples", command->name);
        for (const struct option_row *row = command->rows; row->type; row++) {
            snprintf(part, sizeof part, "\n.TP\n\\fB--%s\\fR", row->name);
            cr_expect(option_is_operand(row) || (strstr(text, part) && strstr(text, row->doc)),
                      "%s: no --%s in\n%s", command->name, row->name, text);
        }
        free(text);
    }
}

Test(man_page, the_program_s_names_commands_statuses_and_environment) {
    char *text = plain(page_of(NULL));
    for (int i = 0; i < command_count(); i++)
        cr_expect(strstr(text, command_get(i)->summary), "no %s", command_get(i)->name);
    for (const struct named *row = exit_statuses; row->name; row++)
        cr_expect(strstr(text, row->doc), "no status %s", row->name);
    for (const struct named *row = environment_variables; row->name; row++)
        cr_expect(strstr(text, row->doc), "no %s", row->name);
    free(text);
}

/* No line of text is taken for a request, and no sign for another. */
Test(man_page, what_troff_would_change_is_named) {
    static const struct option_row rows[] = {
        {.name = "x", .doc = ".5 of it's `a\\b`, x^2 ~ -1", .type = OPTION_FLAG}, {0}};
    static const struct command odd = {.name = "odd",
                                       .summary = "odd",
                                       .details = "one\n.two\n'three",
                                       .examples = "$ normlab odd",
                                       .rows = rows};
    char *text = page_of(&odd);
    cr_expect(strstr(text, "\n\\&.5 of it\\(aqs \\(gaa\\(rsb\\(ga, x\\(ha2 \\(ti \\-1\n"), "%s",
              text);
    cr_expect(strstr(text, "\n.PP\none\n.PP\n\\&.two\n.PP\n\\(aqthree\n"), "%s", text);
    free(text);
}
