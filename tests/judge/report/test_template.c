/* Templates of the page: places filled in their order, and what is wrong with a part said rather
 * than left out. */
#include "judge/report/report_parts.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "judge/report/report_table.h"

TestSuite(template);

static enum status put_number(FILE *out, void *context) {
    int *number = context;
    fprintf(out, "%d", ++*number);
    return OK;
}

static enum status put_nothing(FILE *out, void *context) {
    (void)out, (void)context;
    return fail(ERROR_RUN, "cannot be drawn");
}

/* The filled text, in the pool; NULL: it failed, as the status says. */
static const char *fill(const char *text, int n, const struct place *places, struct pool *pool,
                        enum status *status) {
    char *written = NULL;
    size_t size = 0;
    int number = 0;
    FILE *out = open_memstream(&written, &size);
    cr_assert(out != NULL, "no stream");
    *status = template_put(out, text, n, places, &number);
    cr_assert(fclose(out) == 0, "no memory");
    const char *result = *status ? NULL : pool_text(pool, written);
    free(written);
    return result;
}

Test(template, places_are_filled_where_they_stand) {
    static const struct place places[] = {{"a", "<b>{{n}}</b>", NULL}, {"n", NULL, put_number}};
    struct pool pool = {0};
    enum status status;
    const char *text = fill("{x} {{n}}{{a}}, {{n}}", PLACES(places), &pool, &status);
    cr_assert(text && !strcmp(text, "{x} 1<b>{{n}}</b>, 2"), "%s", text);
    text = fill("none", 0, NULL, &pool, &status);
    cr_assert(text && !strcmp(text, "none"), "%s", text);
    pool_free(&pool);
}

Test(template, what_belongs_to_an_empty_place_is_left_out) {
    static const struct place places[] = {
        {"a", "A", NULL}, {"b", "", NULL}, {"c", NULL, NULL}, {"n", NULL, put_number}};
    static const struct place wrong[] = {{"a", "", NULL}};
    struct pool pool = {0};
    enum status status;
    const char *text =
        fill("{{?a}}<{{a}}{{?b}}-{{b}}{{n}}{{/b}}>{{/a}} {{?c}}no {{a}}{{/c}}{{?n}}({{n}}){{/n}}.",
             PLACES(places), &pool, &status);
    cr_assert(text && !strcmp(text, "<A> (1)."), "%s", text ? text : status_message());
    cr_expect(!fill("{{?a}} {{a}}", PLACES(wrong), &pool, &status) && status == ERROR_RUN &&
                  strstr(status_message(), "opens {{?a}} and never closes it"),
              "%s", status_message());
    cr_expect(!fill("{{a}}{{?z}}{{/z}}", PLACES(wrong), &pool, &status) && status == ERROR_RUN &&
                  strstr(status_message(), "nothing fills the place {{z}}"),
              "%s", status_message());
    pool_free(&pool);
}

Test(template, a_place_that_nobody_fills_or_that_is_gone_is_an_error) {
    static const struct place places[] = {{"verdict", "x", NULL}, {"says", NULL, put_number}},
                              failing[] = {{"figure", NULL, put_nothing}};
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{{verdict}} {{says}} {{sayz}}", "nothing fills the place {{sayz}}"},
        {"{{verdict}} {{say}}", "no place {{says}}"},
        {"{{verdict}}", "no place {{says}}"},
        {"{{verdict}} {{says}} {{", "never closes"},
    };
    struct pool pool = {0};
    enum status status;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fill(cases[i].text, PLACES(places), &pool, &status);
        cr_expect(status == ERROR_RUN && strstr(status_message(), cases[i].message), "case %zu: %s",
                  i, status_message());
    }
    fill("{{figure}}", PLACES(failing), &pool, &status);
    cr_expect(status == ERROR_RUN && !strcmp(status_message(), "cannot be drawn"), "%s",
              status_message());
    pool_free(&pool);
}

Test(template, parts_are_found_or_it_is_said_where_they_should_be) {
    struct pool pool = {0};
    const char *text = NULL;
    cr_expect(template_read("page.html", &pool, &text) == OK && strstr(text, "{{claims}}"), "%s",
              status_message());
    cr_expect(template_read("pages.html", &pool, &text) == ERROR_RUN, "found");
    cr_expect(strstr(status_message(), "'pages.html' is not installed") != NULL, "%s",
              status_message());
    pool_free(&pool);
}

Test(template, what_html_reads_as_its_own_is_escaped) {
    struct pool pool = {0};
    cr_expect(!strcmp(report_escape("a<b & \"c\">", &pool), "a&lt;b &amp; &quot;c&quot;&gt;"), "?");
    cr_expect(!strcmp(report_escape(NULL, &pool), ""), "?");
    cr_expect(!strcmp(report_escape("\"\"\"\"", &pool), "&quot;&quot;&quot;&quot;"), "?");
    pool_free(&pool);
}
