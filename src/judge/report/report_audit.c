/* Tables for an auditor: differences, verdicts, effects, wrong rows. */
#include "judge/report/report_audit.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "io/files.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report_effects.h"

enum { NPY_HEADER = 128 };         /* bytes: room for any shape */
static const char average[] = "*"; /* over strata; of a claim: over its questions */

static void put_number(FILE *out, double number) {
    struct pool pool = {0};
    fprintf(out, "\t%s", isnan(number) ? "" : number_text(number, &pool));
    pool_free(&pool);
}

/* Strata by themselves where there are several, and then their average: the place of one of
 * contrast->n_strata + 1 lines. */
static int first_line(const struct answer *answer) {
    return answer->contrast.n_strata > 1 ? 0 : answer->contrast.n_strata;
}

static const char *line_name(const struct answer *answer, int s) {
    return s < answer->contrast.n_strata ? answer->contrast.strata[s] : average;
}

/* ---- differences ---- */

/* Of a stratum, or averaged over all of them; NaN where there are no values. */
static double number_of(const struct answer *answer, const double *values, bool log2_too, int s,
                        int seed) {
    int n_strata = answer->contrast.n_strata, n = answer->contrast.n_seeds;
    int first = s < n_strata ? s : 0, last = s < n_strata ? s + 1 : n_strata;
    double sum = values ? 0 : NAN;
    for (int stratum = first; values && stratum < last; stratum++) {
        double value = values[stratum * n + seed];
        sum += log2_too ? log2(value) : value;
    }
    return sum / (last - first);
}

void audit_put_difference_names(FILE *out) {
    fputs("claim\tquestion\tstratum\tseed\tmore\tless\td\tdelta\tkind\tm\tMS_rows\tMS_rest\tfold\t"
          "d_low\td_high\n",
          out);
}

static void put_difference(FILE *out, const struct claim *claim, const struct answer *answer, int s,
                           int seed) {
    const struct claim_question *question = answer->question;
    const struct contrast *contrast = &answer->contrast;
    const struct row_parts *parts = answer->rows.parts;
    fprintf(out, "%s\t%s\t%s\t%s", claim->name, question->name, line_name(answer, s),
            contrast->seeds[seed]);
    put_number(out, number_of(answer, contrast->first, question->log2, s, seed));
    put_number(out, number_of(answer, contrast->second, question->log2, s, seed));
    put_number(out, number_of(answer, contrast->d, false, s, seed));
    put_number(out, question->delta);
    fprintf(out, "\t%s", question->equality ? "equality" : "direction");
    put_number(out, answer->rows.m > 0 ? (double)answer->rows.m : NAN);
    put_number(out, parts ? parts[s].ms_rows : NAN);
    put_number(out, parts ? parts[s].ms_rest : NAN);
    double fold = parts ? answer->rows.more[seed].fold : -1;
    put_number(out, fold >= 0 ? fold : NAN);
    put_number(out, number_of(answer, answer->asked.d_low, false, s, seed));
    put_number(out, number_of(answer, answer->asked.d_high, false, s, seed));
    putc('\n', out);
}

void audit_put_differences(FILE *out, const struct judgement *judgement) {
    for (int i = 0; i < judgement->n_answers; i++) {
        const struct answer *answer = &judgement->answers[i];
        for (int s = first_line(answer); !answer->open && s <= answer->contrast.n_strata; s++)
            for (int seed = 0; seed < answer->contrast.n_seeds; seed++)
                put_difference(out, judgement->claim, answer, s, seed);
    }
}

/* ---- verdicts ---- */

static const struct {
    const char *name;
    enum effect effect;
} tests[] = {
    {"above", EFFECT_ABOVE},         {"below", EFFECT_BELOW},       {"not_below", EFFECT_NOT_BELOW},
    {"not_above", EFFECT_NOT_ABOVE}, {"positive", EFFECT_POSITIVE}, {"negative", EFFECT_NEGATIVE},
};
enum { TESTS = sizeof tests / sizeof *tests };

void audit_put_verdict_names(FILE *out) {
    fputs(
        "claim\tquestion\tstratum\trole\trule\tlevel\tn\testimate\tmean\tlow\thigh\tlow2\thigh2\tV",
        out);
    for (int t = 0; t < TESTS; t++)
        fprintf(out, "\tp_%s", tests[t].name);
    for (int t = 0; t < TESTS; t++)
        fprintf(out, "\tp2_%s", tests[t].name);
    fputs("\tword\tbasis\tshortened\n", out);
}

static void put_tests(FILE *out, const struct facts *facts) {
    for (int t = 0; t < TESTS; t++)
        put_number(out, facts ? facts->p[tests[t].effect] : NAN);
}

/* Of the differences that were tested: the estimate leaves out what is cut off. */
static double mean_of(const struct answer *answer, int s) {
    int n = answer->contrast.n_seeds;
    double sum = 0;
    for (int seed = 0; seed < n; seed++)
        sum += number_of(answer, answer->contrast.d, false, s, seed);
    return sum / n;
}

static void put_finding(FILE *out, const struct judgement *judgement, const struct answer *answer,
                        int s) {
    const struct decision *decision = &answer->decision;
    bool whole = s == decision->n_strata;
    const struct finding *finding = whole ? &decision->overall : &decision->strata[s];
    const struct row_parts *parts = answer->rows.parts;
    fprintf(out, "%s\t%s\t%s\t%s\t", judgement->claim->name, answer->question->name,
            line_name(answer, s), role_name(answer->question->role));
    put_number(out, decision->level);
    fprintf(out, "\t%d", decision->n_seeds);
    put_number(out, finding->estimate);
    put_number(out, mean_of(answer, s));
    put_number(out, finding->interval.low);
    put_number(out, finding->interval.high);
    put_number(out, parts ? finding->interval_rows.low : NAN);
    put_number(out, parts ? finding->interval_rows.high : NAN);
    put_number(out, parts ? parts[s].variance : NAN);
    put_tests(out, &finding->seeds_only.facts);
    put_tests(out, parts ? &finding->tests.facts : NULL);
    fprintf(out, "\t%s\t%s\t%d\n",
            whole ? judgement_verdict(judgement, decision->verdict)
                  : effect_name(finding->tests.effect),
            answer->basis, claim_is_shortened(judgement->claim));
}

/* The claim's own line: a word without numbers. */
static void put_headline(FILE *out, const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    fprintf(out, "%s\t%s\t%s\t\t%s", claim->name, average, average, rule_name(claim->rule.rule));
    put_number(out, judgement->answers[0].level);
    for (int i = 0; i < 8 + 2 * TESTS; i++)
        putc('\t', out);
    fprintf(out, "\t%s\t\t%d\n", judgement_word(judgement), claim_is_shortened(claim));
}

void audit_put_verdicts(FILE *out, const struct judgement *judgement) {
    for (int i = 0; i < judgement->n_answers; i++) {
        const struct answer *answer = &judgement->answers[i];
        for (int s = first_line(answer); !answer->open && s <= answer->contrast.n_strata; s++)
            put_finding(out, judgement, answer, s);
    }
    if (judgement->decided && judgement->n_answers && !judgement->claim->rule.by_computation)
        put_headline(out, judgement);
}

/* ---- effects ---- */

void audit_put_effect_names(FILE *out) {
    fputs("claim\tquestion\tmore_name\tless_"
          "name\tmore\tless\testimate\tlow\thigh\tlow2\thigh2\tratio\t"
          "ratio_low\tratio_high\tn\tm\tdelta\tdecidable\tword\n",
          out);
}

static void put_effect(FILE *out, const struct judgement *judgement, const struct answer *answer) {
    const struct claim_question *question = answer->question;
    const struct finding *finding = &answer->decision.overall;
    struct effect_size size = effects_size(answer);
    bool has_rows = answer->decision.has_rows;
    const double numbers[] = {size.more,
                              size.less,
                              finding->estimate,
                              finding->interval.low,
                              finding->interval.high,
                              has_rows ? finding->interval_rows.low : NAN,
                              has_rows ? finding->interval_rows.high : NAN,
                              size.ratio,
                              size.ratio_interval.low,
                              size.ratio_interval.high,
                              answer->decision.n_seeds,
                              answer->rows.m > 0 ? (double)answer->rows.m : NAN,
                              answer->asked.delta,
                              size.decidable};
    fprintf(out, "%s\t%s\t%s\t%s", judgement->claim->name, question->name, question->more.name,
            question->less.name);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_number(out, numbers[i]);
    fprintf(out, "\t%s\n", judgement_verdict(judgement, answer->decision.verdict));
}

void audit_put_effects(FILE *out, const struct judgement *judgement) {
    for (int i = 0; i < judgement->n_answers; i++) {
        const struct answer *answer = &judgement->answers[i];
        if (!answer->open && claim_tables(judgement->claim, answer->question))
            put_effect(out, judgement, answer);
    }
}

/* ---- wrong rows ---- */

/* A name as a part of a file's: every byte that is none of letters, digits, _ and - becomes _. */
static const char *file_part(const char *name, struct pool *pool) {
    char *part = pool_text(pool, name);
    for (char *c = part; *c; c++)
        if (!isascii((unsigned char)*c) || (!isalnum((unsigned char)*c) && *c != '-'))
            *c = '_';
    return part;
}

/* Folds may differ by a row: as many words as the largest has. */
static long most_words(const struct answer *answer) {
    long most = 0;
    for (int i = 0; i < answer->contrast.n_strata * answer->contrast.n_seeds; i++) {
        long n = (answer->rows.more[i].m + 63) / 64;
        most = n > most ? n : most;
    }
    return most;
}

/* numpy's header, format 1.0: filled up with blanks so that the data begin at a multiple of 64. */
static char *put_npy_header(char *out, int n_strata, int n_seeds, long n_words, struct pool *pool) {
    static const char magic[] = "\x93NUMPY\x01";
    enum { PREFIX = 10 };
    const char *shape =
        pool_format(pool, "{'descr': '<u8', 'fortran_order': False, 'shape': (%d, 2, %d, %ld), }",
                    n_strata, n_seeds, n_words);
    int size = NPY_HEADER - PREFIX;
    memcpy(out, magic, sizeof magic); /* with its 0: version 1.0 */
    out[PREFIX - 2] = (char)(size % 256);
    out[PREFIX - 1] = (char)(size / 256);
    memset(out + PREFIX, ' ', (size_t)size);
    memcpy(out + PREFIX, shape, strlen(shape)); /* analysis: bytes, no text */
    out[NPY_HEADER - 1] = '\n';
    return out + NPY_HEADER;
}

/* The lowest byte first, on every machine. */
static char *put_words(char *out, const struct wrong_rows *rows, long n_words) {
    long own = (rows->m + 63) / 64;
    for (long i = 0; i < n_words; i++)
        for (int byte = 0; byte < 8; byte++)
            *out++ = (char)(i < own ? rows->bits[i] >> (8 * byte) & 0xff : 0);
    return out;
}

static enum status write_rows(const char *path, const struct answer *answer) {
    struct pool pool = {0};
    int n_strata = answer->contrast.n_strata, n = answer->contrast.n_seeds;
    long n_words = most_words(answer);
    size_t size =
        NPY_HEADER + (size_t)n_strata * 2 * (size_t)n * (size_t)n_words * sizeof(uint64_t);
    char *bytes = pool_alloc(&pool, size),
         *end = put_npy_header(bytes, n_strata, n, n_words, &pool);
    for (int s = 0; s < n_strata; s++)
        for (int arm = 0; arm < 2; arm++)
            for (int i = 0; i < n; i++)
                end = put_words(end, (arm ? answer->rows.less : answer->rows.more) + s * n + i,
                                n_words);
    enum status status = file_publish_bytes(path, bytes, size);
    pool_free(&pool);
    return status;
}

enum status audit_write_rows(const char *folder, const struct judgement *judgement) {
    struct pool pool = {0};
    enum status status = folder_create(folder);
    for (int i = 0; i < judgement->n_answers && !status; i++) {
        const struct answer *answer = &judgement->answers[i];
        if (answer->question->role == ROLE_BESIDE || answer->open || !answer->rows.parts)
            continue;
        status = write_rows(pool_format(&pool, "%s/%s.%s.npy", folder,
                                        file_part(judgement->claim->name, &pool),
                                        file_part(answer->question->name, &pool)),
                            answer);
    }
    pool_free(&pool);
    return status;
}
