/* normlab bench: from a command line to a table, and what is wrong with the others. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bench/blas_libraries.h"
#include "tests/cli/capture.h"

static char said[1 << 15];

static void redirect(void) {
    cr_redirect_stdout();
    cr_redirect_stderr();
}

TestSuite(bench_command, .init = redirect);

enum { WORDS = 20 };

#define RUN(...)                                                                                   \
    capture_command((const char *const[WORDS]){"normlab", "bench", __VA_ARGS__}, sizeof said, said)

static void expect_usage_error(enum status status, const char *part) {
    cr_expect(status == ERROR_USAGE, "status %d", status);
    cr_expect(strstr(status_message(), part), "no '%s' in '%s'", part, status_message());
    cr_expect(!*said, "it printed %s", said);
}

Test(bench_command, a_word_that_is_none_of_the_list_gets_a_hint) {
    expect_usage_error(RUN("--norm", "none,bach"), "--norm: 'bach'");
    expect_usage_error(RUN("--norm", "none,bach"), "did you mean 'batch'?");
    expect_usage_error(RUN("--placement", "befor"), "did you mean 'before'?");
    expect_usage_error(RUN("--log", "everything"), "--log: 'everything'");
}

Test(bench_command, widths_are_numbers_from_features_to_classes) {
    expect_usage_error(RUN("--sizes", "784-x-10"), "'x' is not a whole number");
    expect_usage_error(RUN("--sizes", "784-x-10"), "784-x-10");
    expect_usage_error(RUN("--sizes", "784"), "'784' is one width");
    expect_usage_error(RUN("--sizes", "784--10"), "784--10");
    expect_usage_error(RUN("--sizes", "784-0-10"), "--sizes: 0");
    expect_usage_error(RUN("--sizes", "784-1"), "ends with 1; there can be 2 to 256 classes");
    expect_usage_error(RUN("--sizes", "784-1000"), "2 to 256");
    expect_usage_error(RUN("--sizes", "784-10,,20-3"), "empty word");
}

Test(bench_command, numbers_are_in_their_range) {
    expect_usage_error(RUN("--batch", "2,"), "--batch: has an empty word");
    expect_usage_error(RUN("--batch", "2.5"), "--batch: '2.5'");
    expect_usage_error(RUN("--threads", "0"), "--threads: '0' is not a whole number");
    expect_usage_error(RUN("--seconds", "0"), "--seconds: 0");
    expect_usage_error(RUN("--seconds", "0,1"), "--seconds: '0,1'");
    expect_usage_error(RUN("784-10"), "unexpected '784-10'");
}

/* The last cell cannot run: nothing is measured for the others. */
Test(bench_command, every_cell_is_checked_before_the_first_is_measured) {
    expect_usage_error(RUN("--sizes", "12-5-3", "--batch", "64,2,1", "--seconds", "3600"),
                       "12-5-3 batch before, B=1, 1 thread: batch norm needs at least 2 rows");
}

/* The cell of `name`d column in the given line, or NULL. */
static const char *find_cell(const char *name, int line) {
    static char row[1 << 13], header[1 << 13];
    const char *from = said;
    snprintf(header, sizeof header, "%.*s", (int)strcspn(said, "\n"), said);
    for (int i = 0; i < line && from; i++)
        from = (from = strchr(from, '\n')) ? from + 1 : NULL;
    if (!from)
        return NULL;
    snprintf(row, sizeof row, "%.*s", (int)strcspn(from, "\n"), from);
    char *in_header = NULL, *in_row = NULL;
    const char *column = strtok_r(header, "\t", &in_header);
    const char *cell = strtok_r(row, "\t", &in_row);
    while (column && cell && strcmp(column, name) != 0) {
        column = strtok_r(NULL, "\t", &in_header);
        cell = strtok_r(NULL, "\t", &in_row);
    }
    return column ? cell : NULL;
}

static int lines(void) {
    int n = 0;
    for (const char *at = said; *at; at++)
        n += *at == '\n';
    return n;
}

static void expect_positive(const char *name, int line) {
    const char *cell = find_cell(name, line);
    double number = cell ? strtod(cell, NULL) : NAN;
    cr_expect(isfinite(number) && number > 0, "%s is %s", name, cell ? cell : "missing");
}

static void expect_text(const char *name, int line, const char *text) {
    const char *cell = find_cell(name, line);
    cr_expect(cell && !strcmp(cell, text), "%s is '%s', not '%s'", name, cell ? cell : "missing",
              text);
}

Test(bench_command, tsv_has_one_header_and_a_row_a_cell) {
    cr_assert(RUN("--sizes", "12-5-3", "--norm", "none,batch", "--placement", "before,after",
                  "--batch", "4", "--seconds", "0.05", "--tsv") == OK,
              "%s", status_message());
    cr_assert(lines() == 4, "%d lines, where a header, none and batch twice should be:\n%s",
              lines(), said); /* without a normalizer there is no placement */
    expect_text("sizes", 1, "12-5-3");
    expect_text("norm", 1, "none");
    expect_text("placement", 1, "-");
    expect_text("norm", 2, "batch");
    expect_text("placement", 2, "before");
    expect_text("placement", 3, "after");
    expect_text("log", 3, "economy");
    for (int line = 1; line <= 3; line++) {
        expect_text("batch", line, "4");
        expect_text("threads", line, "1");
        expect_positive("steps_per_s", line);
        expect_positive("roofline_steps_per_s", line);
        for (int i = 0; i < BLAS_LIBRARIES; i++)
            if (blas_library_get(i))
                expect_positive("limit_steps_per_s", line);
    }
    cr_expect(find_cell("processor", 1), "no processor");
}

Test(bench_command, for_people_the_processor_comes_first_and_phases_last) {
    cr_assert(RUN("--sizes", "12-5-3", "--norm", "batch", "--batch", "4", "--seconds", "0.05",
                  "--profile") == OK,
              "%s", status_message());
    const char *peak = strstr(said, "GFLOP/s"), *table = strstr(said, "steps/s");
    const char *phases = strstr(said, "forward_products");
    cr_expect(peak && table && phases && peak < table && table < phases, "%s", said);
    cr_expect(strstr(said, "    sum "), "no sum in\n%s", said);
}
