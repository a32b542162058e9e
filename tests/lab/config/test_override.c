/* Values in the words of files and command lines: range, logrange, sample. */
#include <criterion/criterion.h>
#include <regex.h>
#include <string.h>

#include "lab/config/override.h"

static struct pool pool;
static struct override read;

static void teardown(void) {
    pool_free(&pool);
}

TestSuite(override, .fini = teardown);

static const char *values_of(const char *text) {
    cr_assert(override_read(text, &pool, &read) == OK, "%s: %s", text, status_message());
    const char *values = "";
    for (int i = 0; i < read.n_values; i++)
        values = pool_format(&pool, "%s%s%s", values, i ? " " : "",
                             value_text(key_get(read.key), &read.values[i], &pool));
    return values;
}

static void expect_values(const char *text, const char *values) {
    const char *said = values_of(text);
    cr_expect(!strcmp(said, values), "%s: %s, not %s", text, said, values);
}

Test(override, ranges_are_those_of_python) {
    expect_values("seed=range(4)", "0 1 2 3");
    expect_values("seed=range(2, 5)", "2 3 4");
    expect_values("seed=range(10,0,-4),7", "10 6 2 7");
}

Test(override, logrange_has_both_ends_and_equal_factors) {
    expect_values("optimizer.lr=logrange(0.001, 1, 4)", "0.001 0.01 0.1 1");
    expect_values("optimizer.lr=logrange(1, 0.01, 3)", "1 0.1 0.01");
    expect_values("optimizer.lr=logrange(0.01, 0.1, 3)", "0.01 0.0316228 0.1");
    expect_values("optimizer.lr=logrange(0.1234567, 0.7654321, 2)", "0.1234567 0.7654321");
    expect_values("train.batch_size=logrange(2, 512, 9)", "2 4 8 16 32 64 128 256 512");
}

/* Written down once: these numbers are in the identities of runs. */
Test(override, samples_follow_from_the_name_of_the_key_alone) {
    expect_values("optimizer.lr=sample(3, log, 0.001, 1)", "0.00108947 0.22169 0.233258");
    expect_values("optimizer.lr=sample(5, log, 0.001, 1)",
                  "0.00108947 0.22169 0.233258 0.434661 0.106104");
    expect_values("optimizer.weight_decay=sample(3, log, 0.001, 1)",
                  "0.00161066 0.0562871 0.996086");
    expect_values("optimizer.momentum=sample(3, linear, 0, 0.99)", "0.788659 0.288012 0.692795");
    expect_values("train.batch_size=sample(4, log, 2, 512)", "13 3 198 13");
}

Test(override, samples_lie_between_their_ends_and_fill_the_scale) {
    values_of("optimizer.lr=sample(1000, log, 0.01, 1)");
    int below = 0;
    for (int i = 0; i < read.n_values; i++) {
        cr_expect(read.values[i].real >= 0.01 && read.values[i].real <= 1);
        below += read.values[i].real < 0.1;
    }
    /* half of them, less or more than 4 standard deviations */
    cr_expect(below > 436 && below < 564, "%d of 1000 below the middle of the scale", below);
}

static void expect_refused(const char *text, const char *message) {
    cr_expect(override_read(text, &pool, &read) == ERROR_USAGE, "%s", text);
    cr_expect(strstr(status_message(), message), "%s: %s, not: %s", text, status_message(),
              message);
}

Test(override, what_makes_no_values_is_refused) {
    expect_refused("seed=range(x)", "'range(x)' is not range(n), range(a, b) or range(a, b, step)");
    expect_refused("seed=range(1,2,3,4)", "is not range(n)");
    expect_refused("seed=range(5", "'range(5' is not range(n)");
    expect_refused("seed=range(3, 3)", "makes 0 values; it must be 1 to 100000");
    expect_refused("seed=range(1, 2, 0)", "the step must not be 0");
    expect_refused("optimizer.lr=logrange(1, 2)", "is not logrange(a, b, n)");
    expect_refused("optimizer.lr=logrange(0, 2, 5)", "both ends must be above 0");
    expect_refused("optimizer.lr=logrange(1, 2, 1)", "makes 1 value; it must be 2 to 100000");
    expect_refused("norm.kind=logrange(1, 2, 3)", "norm.kind: is no number, as logrange(1, 2, 3)");
    expect_refused("train.batch_size=logrange(1, 4, 9)", "has 1 twice; ask for fewer values");
    expect_refused("optimizer.lr=sample(3, 1, 2)", "is not sample(n, log, a, b) or sample(n, ");
    expect_refused("optimizer.lr=sample(3, cube, 1, 2)", "is not sample(");
    expect_refused("optimizer.lr=sample(3, linear, 2, 1)", "first end must be below the second");
    expect_refused("optimizer.lr=sample(0, linear, 1, 2)", "makes 0 values");
    expect_refused("optimizer.momentum=sample(9, linear, 0, 9)", "is outside its range, 0 to 1");
}

/* The example of a sequence is one, by the reader and by the pattern for schemas. */
Test(override, each_sequence_has_an_example_that_is_read) {
    const struct sequence *sequence;
    for (int i = 0; (sequence = sequence_get(i)); i++) {
        regex_t regex;
        const char *key = i == 0 ? "seed" : "optimizer.lr";
        cr_expect(sequence_is(sequence->like), "%s", sequence->like);
        values_of(pool_format(&pool, "%s=%s", key, sequence->like));
        cr_expect(read.n_values > 1, "%s", sequence->like);
        cr_assert(!regcomp(&regex, pool_format(&pool, "^(%s)$", sequence->pattern), REG_EXTENDED));
        cr_expect(!regexec(&regex, sequence->like, 0, NULL, 0), "%s", sequence->like);
        cr_expect(regexec(&regex, "range(a)", 0, NULL, 0));
        regfree(&regex);
    }
}
