/* normlab check: its table, its status, and what it refuses. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "judge/check/laws.h"
#include "tests/cli/capture.h"
#include "tests/judge/check/faulty.h"

static char said[1 << 15];

TestSuite(check, .init = cr_redirect_stdout);

static enum status check(const char *name, const char *key) {
    const char *const words[] = {"normlab", "check", name, key, NULL};
    return capture_command(words, sizeof said, said);
}

/* The line of a law begins with its name and its result. */
static bool has_line(const char *law, const char *result) {
    for (const char *at = strstr(said, law); at; at = strstr(at + 1, law)) {
        const char *word = at + strcspn(at, " ");
        bool begins = (at == said || at[-1] == '\n') && (size_t)(word - at) == strlen(law);
        if (begins && !strncmp(word + strspn(word, " "), result, strlen(result)))
            return true;
    }
    return false;
}

Test(check, a_sound_row_passes_with_a_line_a_law) {
    cr_assert(check("batch", NULL) == OK, "%s\n%s", status_message(), said);
    for (int i = 0; i < law_count(); i++)
        cr_expect(has_line(law_get(i)->name, "pass") || has_line(law_get(i)->name, "-") ||
                      has_line(law_get(i)->name, "fact"),
                  "no line of %s in\n%s", law_get(i)->name, said);
    cr_expect(has_line("gradient_input", "pass"), "%s", said);
    cr_expect(has_line("shift_unit", "fact"), "%s", said);
}

Test(check, a_broken_law_is_1_and_says_where) {
    faulty_register();
    cr_assert(check(faulty_get(0)->row->name, NULL) == ERROR_RUN, "%s", said);
    cr_expect(has_line("gradient_input", "FAIL"), "%s", said);
    cr_expect(strstr(said, "\ngradient_input: "), "the place is not told:\n%s", said);
    cr_expect(strstr(status_message(), "breaks 1 law"), "%s\n%s", status_message(), said);
}

/* A kernel that ends the process, or never ends, breaks that law, and the others are still judged.
 */
static void crash(const struct norm *norm, float *const state[], struct span span, int B,
                  float *x) {
    (void)norm, (void)state, (void)span, (void)B, (void)x;
    abort();
}

Test(check, a_crash_breaks_the_laws_that_it_happens_in) {
    static struct normalizer row;
    row = *normalizer_get(normalizer_find("none"));
    row.name = "crashing";
    row.forward_eval = crash;
    cr_assert(normalizer_add(&row, (struct norm_object){"a test", "0"}) == OK, "not added");
    cr_assert(check("crashing", NULL) == ERROR_RUN, "%s", said);
    cr_expect(has_line("evaluation_rows", "FAIL"), "%s", said);
    cr_expect(has_line("gradient_input", "pass"), "%s", said);
    cr_expect(strstr(said, "\nevaluation_rows: killed by signal 6"), "%s", said);
}

Test(check, keys_of_the_normalizer_may_be_given) {
    cr_expect(check("layer", "norm.eps=1e-2") == OK, "%s", said);
    cr_expect(check("layer", "norm.affine=false") == OK, "%s", said);
    cr_expect(has_line("gradient_param", "-"), "%s", said);
}

Test(check, usage_is_2) {
    static const char *const lines[][2] = {
        {"btch", NULL},        {"none", "norm.eps=1"},       {"batch", "norm.eps=1,2"},
        {"batch", "seed=1"},   {"batch", "norm.kind=layer"}, {"batch", "norm.eps=x"},
        {"batch", "nonsense"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        enum status status = check(lines[i][0], lines[i][1]);
        cr_expect(status == ERROR_USAGE, "%s %s: status %d", lines[i][0],
                  lines[i][1] ? lines[i][1] : "", (int)status);
        cr_expect(strlen(status_message()) > 10 && !*said, "%s: %s", status_message(), said);
    }
    check("btch", NULL);
    cr_expect(strstr(status_message(), "did you mean 'batch'?"), "%s", status_message());
}
