/* What an auditor is given: tables and rows that hang together. */
#include "judge/claim/verdict_words.h"
#include "judge/report/report_audit.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/judge/claim/claim_text.h"
#include "tests/lab/runner/sweep.h"

TestSuite(report_audit, .timeout = 300);

/* Two strata, ten seeds, with rows of the error and without of the loss. */
static const char study[] =
    "schema: 1\nname: audited\ntitle: Audited\n"
    "base:\n"
    "  data: {name: clusters, rows: 300, test_rows: 100, features: 4, classes: 3, train: 200, "
    "validation: 50}\n"
    "  model: {hidden: [4]}\n"
    "  train: {epochs: 1}\n"
    "  log: {probes: rows}\n"
    "sweep: {norm.kind: [none, batch], train.batch_size: [10, 20], seed: range(10)}\n"
    "claim: {number: 1, notes: A, says: x}\n"
    "judge:\n"
    "  - {name: in error, asks: x, more: {norm.kind: batch}, less: {norm.kind: none}, delta: "
    "0.01,\n"
    "     strata: {train.batch_size: [10, 20]}, supported: yes, refuted: no, depends: both}\n"
    "  - {name: in loss, asks: x, metric: test_loss, transform: log2, more: {norm.kind: batch},\n"
    "     less: {norm.kind: none, train.batch_size: 10}, delta: 0.01, kind: equality,\n"
    "     strata: {train.batch_size: [10]}, supported: yes, refuted: no}\n";
enum { SEEDS = 10, ROWS = 100, STRATA = 2, WORDS = 2, COLUMNS = 15 };

struct audited {
    struct pool pool;
    struct sweep sweep;
    struct claim claim;
    struct judgement judgement;
};

static void audited_create(struct audited *audited) {
    *audited = (struct audited){.claim = claim_text_good(study)};
    sweep_create(&audited->sweep, study, NULL);
    cr_assert(sweep_run(&audited->sweep) == OK, "%s", status_message());
    cr_assert(verdict_judge(&audited->claim, audited->sweep.out, &audited->judgement) == OK, "%s",
              status_message());
    cr_assert(audited->judgement.decided, "%s", audited->judgement.sentence);
}

static void audited_free(struct audited *audited) {
    judgement_free(&audited->judgement);
    claim_free(&audited->claim);
    sweep_free(&audited->sweep);
    pool_free(&audited->pool);
}

/* The cell of a line, as text in the pool. */
static const char *cell(const char *line, int column, struct pool *pool) {
    for (; column > 0; column--) {
        line += strcspn(line, "\t");
        line += *line == '\t';
    }
    return pool_format(pool, "%.*s", (int)strcspn(line, "\t\n"), line);
}

static double number(const char *line, int column, struct pool *pool) {
    const char *text = cell(line, column, pool);
    return *text ? strtod(text, NULL) : NAN;
}

enum { QUESTION_AT = 1, STRATUM_AT, SEED_AT, MORE_AT, LESS_AT, D_AT, M_AT = 9, MS_ROWS_AT };

static void expect_difference(const char *line, struct pool *pool) {
    double more = number(line, MORE_AT, pool), less = number(line, LESS_AT, pool),
           d = number(line, D_AT, pool), m = number(line, M_AT, pool);
    bool error = !strcmp(cell(line, QUESTION_AT, pool), "in error");
    double times = strcmp(cell(line, STRATUM_AT, pool), "*") ? 1 : STRATA;
    cr_expect(fabs(d - (more - less)) < 1e-12, "%s", line);
    cr_expect(error ? m == ROWS : isnan(m), "%s", line);
    cr_expect(!error || fabs(more * m * times - round(more * m * times)) < 1e-9, "%s", line);
    cr_expect(isnan(number(line, MS_ROWS_AT, pool)) != error, "%s", line);
}

Test(report_audit, differences_are_those_that_were_tested) {
    struct audited audited;
    struct text text;
    audited_create(&audited);
    struct pool *pool = &audited.pool;
    FILE *out = text_begin(&text, pool);
    audit_put_difference_names(out);
    audit_put_differences(out, &audited.judgement);
    const char *written = text_end(&text);
    cr_expect_str_eq(cell(written, COLUMNS - 1, pool), "d_high", "the last column");
    double sum = 0;
    int n = 0;
    for (const char *line = strchr(written, '\n') + 1; *line; line = strchr(line, '\n') + 1, n++) {
        expect_difference(line, pool);
        bool error = !strcmp(cell(line, QUESTION_AT, pool), "in error");
        bool average = !strcmp(cell(line, STRATUM_AT, pool), "*");
        sum += !error ? 0 : (average ? -STRATA : 1) * number(line, D_AT, pool);
    }
    cr_expect(n == SEEDS * (STRATA + 1) + SEEDS, "%d lines", n);
    cr_expect(fabs(sum) < 1e-9, "averages are those of the strata: %g", sum);
    audited_free(&audited);
}

Test(report_audit, verdicts_have_a_line_a_question_stratum_and_claim) {
    struct audited audited;
    struct text text;
    audited_create(&audited);
    struct pool *pool = &audited.pool;
    FILE *out = text_begin(&text, pool);
    audit_put_verdict_names(out);
    audit_put_verdicts(out, &audited.judgement);
    const char *written = text_end(&text), *last = "";
    int n = 0, columns = 0, at = 0;
    for (const char *c = written; *c != '\n'; c++)
        columns += *c == '\t';
    for (const char *line = written; *line; line = strchr(line, '\n') + 1, n++) {
        int tabs = 0;
        for (const char *c = line; *c != '\n'; c++)
            tabs += *c == '\t';
        cr_expect(tabs == columns, "line %d has %d cells, not %d", n, tabs + 1, columns + 1);
        last = line;
    }
    cr_expect(n == 1 + (STRATA + 1) + 1 + 1, "%d lines", n);
    cr_expect_str_eq(cell(last, QUESTION_AT, pool), "*", "the headline");
    while (strcmp(cell(written, at, pool), "word") != 0)
        at++;
    cr_expect_str_eq(cell(last, at, pool), judgement_word(&audited.judgement), "the word");
    audited_free(&audited);
}

/* Bits of word `i` of an arm. */
static int count_bits(const unsigned char *words, int n_bytes) {
    int n = 0;
    for (int i = 0; i < n_bytes; i++)
        for (int byte = words[i]; byte; byte &= byte - 1)
            n++;
    return n;
}

Test(report_audit, rows_are_as_many_as_the_errors_say) {
    struct audited audited;
    audited_create(&audited);
    const char *folder = pool_format(&audited.pool, "%s/rows", audited.sweep.out);
    cr_assert(audit_write_rows(folder, &audited.judgement) == OK, "%s", status_message());
    const char *path = pool_format(&audited.pool, "%s/audited.in_error.npy", folder);
    enum { HEADER = 128, BYTES = WORDS * 8, SIZE = HEADER + STRATA * 2 * SEEDS * BYTES };
    static unsigned char bytes[SIZE + 1];
    FILE *in = fopen(path, "rb");
    cr_assert(in, "no %s", path);
    cr_expect(fread(bytes, 1, sizeof bytes, in) == SIZE, "another size");
    fclose(in);
    cr_expect(!memcmp(bytes, "\x93NUMPY\x01\x00\x76\x00", 10), "numpy's first bytes");
    cr_expect(strstr((const char *)bytes + 10, "'shape': (2, 2, 10, 2)"), "%.118s", bytes + 10);
    const struct contrast *contrast = &audited.judgement.answers[0].contrast;
    for (int i = 0; i < STRATA * 2 * SEEDS; i++) {
        int s = i / (2 * SEEDS), less = i / SEEDS % 2, seed = i % SEEDS;
        double error = (less ? contrast->second : contrast->first)[s * SEEDS + seed];
        int n = count_bits(bytes + HEADER + i * BYTES, BYTES);
        cr_expect(n == (int)lround(error * ROWS), "stratum %d, arm %d, seed %d: %d rows, error %g",
                  s, less, seed, n, error);
    }
    cr_expect(unlink(path) == 0 && rmdir(folder) == 0, "one file, of the question that decides");
    audited_free(&audited);
}
