/* Lines that fit: broken between words, columns below themselves, suggestions to be pasted. */
#include "cli/print.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "cli/command.h"
#include "lab/config/keys.h"
#include "tests/cli/one_line.h"

static struct pool pool;

static void end(void) {
    pool_free(&pool);
}

TestSuite(print, .fini = end);

static const char *lines(const char *text, int width) {
    struct text printed;
    print_lines(text_begin(&printed, &pool), text, width);
    return text_end(&printed);
}

Test(print, a_long_line_goes_on_below_its_last_column) {
    cr_expect_str_eq(lines("short  line\n\nname  2  a sentence that is broken here\n", 30),
                     "short  line\n\n"
                     "name  2\n    a sentence that is broken\n    here\n");
    cr_expect_str_eq(lines("  na  a sentence that is broken here\n", 30),
                     "  na  a sentence that is\n      broken here\n");
    cr_expect_str_eq(lines("    only a sentence that is broken here\n", 30),
                     "    only a sentence that is\n    broken here\n");
    cr_expect_str_eq(lines("a sentence without its end of line", 20),
                     "a sentence without\nits end of line\n");
    cr_expect_str_eq(lines("  na  key=one|two|three|four\n", 20),
                     "  na\n      key=one|two|\n      three|four\n");
    cr_expect_str_eq(lines("x  averyveryverylongwordthatfitsnowhere\n", 10),
                     "x\n    averyveryverylongwordthatfitsnowhere\n", "a word stays whole");
}

Test(print, characters_are_counted_and_not_bytes) {
    cr_expect_str_eq(
        lines("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\n", 9),
        "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\n");
}

static const char *command(const char *line, int width) {
    struct text printed;
    print_command(text_begin(&printed, &pool), line, 4, width);
    return text_end(&printed);
}

Test(print, a_command_goes_on_behind_a_backslash_and_keeps_its_quotes) {
    cr_expect_str_eq(command("$ normlab run 'a b c d e f.yaml' --dry-run", 40),
                     "    $ normlab run 'a b c d e f.yaml' \\\n        --dry-run\n");
    cr_expect_str_eq(command("$ normlab run x", 40), "    $ normlab run x\n");
}

Test(print, suggestions_have_the_name_that_the_program_was_called_by) {
    cr_expect_str_eq(text_called("see normlab run --help", &pool), "see normlab run --help");
    text_set_program("./my folder/normlab");
    static const char *const texts[][2] = {
        {"see normlab run --help", "see './my folder/normlab' run --help"},
        {"`normlab tune x` and `normlab run y`",
         "`'./my folder/normlab' tune x` and `'./my folder/normlab' run y`"},
        {"x\nnext: normlab plot a.h5", "x\nnext: './my folder/normlab' plot a.h5"},
        {"$ normlab list", "$ './my folder/normlab' list"},
        {"made by normlab tune", "made by normlab tune"},
        {"normlab: warning: x", "normlab: warning: x"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_str_eq(text_called(texts[i][0], &pool), texts[i][1], "%s",
                         text_called(texts[i][0], &pool));
}

/* ---- describe, at any width ---- */

static const char *describe(const char *name, const char *width) {
    static char said[1 << 15];
    const char *const words[] = {"normlab", "describe", name};
    if (width)
        setenv("COLUMNS", width, 1);
    else
        unsetenv("COLUMNS");
    cr_assert(command_main(3, words) == OK, "%s", status_message());
    fflush(stdout);
    said[fread(said, 1, sizeof said - 1, cr_get_redirected_stdout())] = '\0';
    return said;
}

/* Choices, "a|b", may be broken. */
static char *without_breaks(char *text) {
    char *to = in_one_line(text);
    for (const char *from = text; *from; from++)
        if (*from != ' ' || from == text || from[-1] != '|')
            *to++ = *from;
    *to = '\0';
    return text;
}

/* In a pipe it stays as it is; on a terminal it has the same words in lines that fit. */
Test(print, descriptions_fit_into_any_width_from_60_columns) {
    static const char *const widths[] = {"60", "80", "140"};
    cr_redirect_stdout();
    for (int i = 0; i < key_count(); i++) {
        const char *name = key_get(i)->name;
        char *plain = without_breaks(pool_text(&pool, describe(name, NULL)));
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            char *text = pool_text(&pool, describe(name, widths[w]));
            cr_expect(longest_line(text) <= (size_t)atoi(widths[w]), "%s at %s:\n%s", name,
                      widths[w], text);
            cr_expect_str_eq(without_breaks(text), plain, "%s at %s: %s", name, widths[w], text);
        }
    }
}
