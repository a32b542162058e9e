/* What is no text: found, and shown as escapes. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "base/visible.h"

static const struct {
    const char *text, *shown;
    size_t plain;
} cases[] = {
    {"", "", 0},
    {"a\tb\nc\r\nd", "a\tb\nc\r\nd", 8},
    {"\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e \xe2\x80\x8f",
     "\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e \xe2\x80\x8f", 15},
    {"a\x1b[31mb\x07", "a\\x1b[31mb\\x07", 1},
    {"back\rover", "back\\x0dover", 4},
    {"\x7f", "\\x7f", 0},
    {"\xc2\x9b"
     "2J",
     "\\u009b2J", 0}, /* CSI in one character */
    {"ab\xe2\x80\xae"
     "cd",
     "ab\\u202ecd", 2}, /* right to left from here */
    {"\xe2\x81\xa7", "\\u2067", 0},
    {"\xe2\x80\xa8", "\\u2028", 0},
    {"\xef\xbf\xbf", "\\uffff", 0},
    {"\xff", "\\xff", 0},
    {"\xc3", "\\xc3", 0},                                     /* ends too early */
    {"\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf", 0}, /* overlong */
    {"\xed\xa0\x80", "\\xed\\xa0\\x80", 0},                   /* half of a surrogate pair */
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 0},          /* beyond U+10FFFF */
};

Test(visible, controls_directions_and_what_is_no_utf8_become_escapes) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pool pool = {0};
        const char *shown = text_visible(cases[i].text, &pool);
        cr_assert(text_plain(cases[i].text) == cases[i].plain, "case %zu: %zu bytes", i,
                  text_plain(cases[i].text));
        cr_assert(!strcmp(shown, cases[i].shown), "case %zu: '%s', not '%s'", i, shown,
                  cases[i].shown);
        cr_assert(!shown[text_plain(shown)], "case %zu: not plain afterwards", i);
        pool_free(&pool);
    }
}

Test(visible, what_does_not_fit_is_cut_between_characters) {
    char shown[8];
    text_show(shown, sizeof shown,
              "abcd\x1b"
              "e");
    cr_assert(!strcmp(shown, "abcd"), "'%s'", shown);
    text_show(shown, sizeof shown,
              "abc\x1b"
              "e");
    cr_assert(!strcmp(shown, "abc\\x1b"), "'%s'", shown);
    text_show(shown, sizeof shown, "abcdef\xc3\xa9");
    cr_assert(!strcmp(shown, "abcdef"), "'%s'", shown);
}

Test(visible, messages_carry_no_command_for_a_terminal) {
    fail(ERROR_USAGE, "%s: is not there", "a\x1b]0;b\x07.h5");
    cr_assert(!strcmp(status_message(), "a\\x1b]0;b\\x07.h5: is not there"), "%s",
              status_message());
    fail_in(ERROR_USAGE, "%s", "x\x1b[2J");
    cr_assert(!strncmp(status_message(), "x\\x1b[2J: a\\x1b", 14), "%s", status_message());
}

Test(visible, what_is_printed_is_shown_to_people_and_a_path_to_programs_as_it_is) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    text_print(out, "%s: %d\n", "a\x1b[2J", 3);
    text_print_path(out, "p\xffq");
    fclose(out);
    cr_assert(!strcmp(text, "a\\x1b[2J: 3\np\xffq\n"), "%s", text);
    free(text);
}

Test(visible, a_quoted_text_is_one_word_of_a_shell) {
    static const char *const words[][2] = {
        {"a/b-1.h5", "a/b-1.h5"},   {"", "''"},
        {"a; rm $x", "'a; rm $x'"}, {"it's", "'it'\\''s'"},
        {"a\\b c", "'a\\b c'"},     {"a'\x1b\\b", "$'a\\'\\x1b\\\\b'"}};
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_assert(!strcmp(text_quoted(words[i][0], &pool), words[i][1]), "%s, not %s",
                  text_quoted(words[i][0], &pool), words[i][1]);
    pool_free(&pool);
}

Test(visible, a_notice_carries_no_command_for_a_terminal) {
    char said[64] = "";
    bool once = false;
    FILE *out = tmpfile();
    fflush(stderr);
    cr_assert(out && dup2(fileno(out), STDERR_FILENO) >= 0);
    notice_once(&once, "%s: is old", "a\x1b[2J.h5");
    notice_once(&once, "again");
    fflush(stderr);
    rewind(out);
    said[fread(said, 1, sizeof said - 1, out)] = '\0';
    fclose(out);
    cr_assert(!strcmp(said, "normlab: a\\x1b[2J.h5: is old\n"), "%s", said);
}
