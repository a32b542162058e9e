/* JSON: what is read, what is refused, and the bytes that are written. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/json.h"
#include "io/json_writer.h"

static struct pool pool;

static void free_pool(void) {
    pool_free(&pool);
}

TestSuite(json, .fini = free_pool);

static const struct json *parse(const char *text) {
    struct json *value;
    cr_assert(json_parse(text, &pool, &value) == OK, "'%s': %s", text, status_message());
    return value;
}

Test(json, reads_values) {
    const struct json *value = parse(
        " {\"a\": -1.5e2, \"b\": [1, true, null, \"x\"], \"c\": {}, \"d\": false, \"e\": []} ");
    cr_assert(json_number(value, "a", 0) == -150, "a is %g", json_number(value, "a", 0));
    cr_assert(json_list(value, "b") && json_list(value, "b")->n == 4, "b is no list of four");
    cr_assert(json_list(value, "b")->first->next->number == 1, "true is not 1");
    cr_assert(json_list(value, "b")->first->next->next->type == JSON_NONE, "null");
    cr_assert(json_get(value, "c")->type == JSON_MAP, "c is no object");
    cr_assert(json_get(value, "d")->type == JSON_BOOL && json_get(value, "d")->number == 0,
              "false is not 0");
    cr_assert(!json_get(value, "z"), "a member that is not there was found");
    cr_assert_str_eq(json_text(value, "a", "other"), "other", "a number is no text");
    cr_assert(parse("17")->number == 17, "a number alone");
}

Test(json, members_keep_their_order) {
    static const char *const names[] = {"zebra", "apple", "mango", "bee", "ant"};
    const struct json *member =
        parse("{\"zebra\": 1, \"apple\": 2, \"mango\": 3, \"bee\": 4, \"ant\": 5}")->first;
    for (int i = 0; i < 5; i++, member = member->next)
        cr_assert_str_eq(member->name, names[i], "member %d is %s", i, member->name);
}

/* As doubles, whole or not: the costs of plans are larger than any integer. */
Test(json, numbers_are_doubles_to_the_last_bit) {
    static const struct {
        const char *text;
        double number;
    } numbers[] = {{"0.10000000000000001", 0.1},
                   {"9007199254740993", 9007199254740992.0},
                   {"123456789012345678901234567890", 123456789012345678901234567890.0},
                   {"1.7976931348623157e+308", 1.7976931348623157e308},
                   {"4.9406564584124654e-324", 4.9406564584124654e-324},
                   {"-0", 0}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cr_expect(parse(numbers[i].text)->number == numbers[i].number, "%s is read as %.17g",
                  numbers[i].text, parse(numbers[i].text)->number);
}

Test(json, refuses_what_is_none) {
    static const char *const bad[] = {
        "",
        "{",
        "[1,]",
        "{\"a\" 1}",
        "{a: 1}",
        "\"open",
        "\"\\x\"",
        "1 2",
        "[1 2]",
        "nul",
        "\"\\u12\"",
        "inf",
        "\"\\ud800\"",
        "{\"a\":}",
        "\"end\\",
        "\"\\u0000\"",
        "{,}",
        "[",
        "+1",
        "{} x",
        "{}{}",
        "1e999",
        "-1e999",
        "0x10",
        "01",
        "1.",
        ".5",
        "-nan",
        "'a'",
        "\"\xff\"",
        "[1],",
        "{\"a\": 1",
        "tru",
        "\"\xc3(\"",
        "\"a\nb\"",
        "[NaN]",
        "// no\n1",
        "[1]]",
        "{\"a\": 1, \"a\": 2}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct json *value = NULL;
        enum status status = json_parse(bad[i], &pool, &value);
        cr_expect(status == ERROR_RESULTS && !value, "'%s' was read", bad[i]);
        cr_expect(strstr(status_message(), "line "), "no line in: %s", status_message());
    }
}

Test(json, says_in_which_line_it_is_wrong) {
    struct json *value;
    cr_assert(json_parse("{\n\"a\": 1,\n\"b\": x}\n", &pool, &value) == ERROR_RESULTS, "x");
    cr_assert(strstr(status_message(), "line 3: "), "%s", status_message());
}

static enum status parse_nested(int depth) {
    struct json *value;
    char *text = pool_alloc(&pool, 2 * (size_t)depth + 1);
    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    return json_parse(text, &pool, &value);
}

Test(json, depth_is_limited) {
    static const int depths[] = {65, 1000, 4096, 1000000};
    cr_expect(parse_nested(64) == OK, "64 levels: %s", status_message());
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++)
        cr_expect(parse_nested(depths[i]) == ERROR_RESULTS, "%d lists in lists were read",
                  depths[i]);
}

/* ---- writing ---- */

static char *written;
static size_t written_size;

static struct json_writer begin(void) {
    return (struct json_writer){.out = open_memstream(&written, &written_size)};
}

static const char *end(struct json_writer *writer) {
    fclose(writer->out);
    const char *text = pool_text(&pool, written);
    free(written);
    return text;
}

static const char *write_text(const char *text) {
    struct json_writer writer = begin();
    json_put_text(&writer, NULL, text);
    return end(&writer);
}

Test(json, texts_survive) {
    static const char text[] = "tab\t quote\" back\\slash\nline \x01 \x7f \xc3\xa9 \xe2\x82\xac "
                               "\xf0\x9f\x98\x80 end";
    cr_expect_str_eq(write_text(text),
                     "\"tab\\u0009 quote\\\" back\\\\slash\\nline \\u0001 \x7f \xc3\xa9 "
                     "\xe2\x82\xac \xf0\x9f\x98\x80 end\"",
                     "%s", write_text(text));
    static const char read[] = "tab\t quote\" back\\slash\nline \\x01 \\x7f \xc3\xa9 \xe2\x82\xac "
                               "\xf0\x9f\x98\x80 end";
    cr_expect_str_eq(parse(write_text(text))->text, read, "read back, controls as escapes");
    cr_expect_str_eq(parse("{\"\\u001b[2J\": 1}")->first->name, "\\x1b[2J", "a name");
    cr_expect_str_eq(parse("\"\\u00e9\\u20ac\\ud83d\\ude00\\/\"")->text,
                     "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80/", "escapes");
}

/* A path or a message that was cut within a character: the file stays one that can be read. */
Test(json, what_is_no_utf8_is_marked) {
    static const char *const texts[][2] = {
        {"a\xff", "a\xEF\xBF\xBD"},
        {"cut \xe2\x82", "cut \xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xc0\xaf", "\xEF\xBF\xBD\xEF\xBF\xBD"},                 /* a slash, too long */
        {"\xed\xa0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, /* half of a pair */
        {"\xf4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        {"\xc3\xa9\xa9", "\xc3\xa9\xEF\xBF\xBD"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_str_eq(parse(write_text(texts[i][0]))->text, texts[i][1], "text %zu: %s", i,
                         write_text(texts[i][0]));
}

Test(json, layouts_are_the_callers) {
    static const struct json_layout lines = {"\n  ", ",\n  ", "\n"};
    struct json_writer writer = begin();
    json_open_object(&writer, NULL, &lines);
    json_put_text(&writer, "a", "x");
    json_open_list(&writer, "b", &json_one_line);
    json_put(&writer, NULL, "%.2f", 0.5);
    json_put(&writer, NULL, "%s", "true");
    json_close(&writer);
    json_open_list(&writer, "c", &json_one_line);
    json_close(&writer);
    json_open_object(&writer, "d", &json_one_line);
    json_put(&writer, "e", "%d", 1);
    json_break(&writer, ",\n      ");
    json_put(&writer, "f", "%d", 2);
    json_put(&writer, "g", "%d", 3);
    json_close(&writer);
    json_close(&writer);
    const char *text = end(&writer);
    cr_expect_str_eq(text,
                     "{\n  \"a\": \"x\",\n  \"b\": [0.50, true],\n  \"c\": [],\n"
                     "  \"d\": {\"e\": 1,\n      \"f\": 2, \"g\": 3}\n}\n",
                     "%s", text);
    cr_expect(json_number(json_get(parse(text), "d"), "f", 0) == 2, "f");
}
