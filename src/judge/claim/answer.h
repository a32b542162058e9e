/* The answer to a question of a claim: its runs, paired, and what is decided. */
#pragma once

#include "judge/claim/answer_rows.h"
#include "judge/claim/claim.h"
#include "judge/claim/missed.h"
#include "lab/table/row_filter.h"

/* Ids of two runs that are compared. */
struct run_pair {
    const char *more, *less;
};

/* A question of a claim with its answer. */
struct answer {
    const struct claim_question *question;
    double level;     /* of each one-sided test; set before it is asked */
    const char *open; /* why there is no answer: runs are missing, ...; NULL: there is one */
    struct contrast contrast;
    /* The same with runs that never got to the metric's target counted as once or twice their
     * planned steps, so that differences are smallest (`more` once, `less` twice) and largest; in
     * `contrast` as once. n_seeds 0: every run got there. */
    struct contrast low, high;
    int n_pairs;
    struct run_pair *pairs; /* [n_pairs]: in the order of the contrast */
    struct answer_rows rows;
    struct question asked;    /* what the differences were tested for */
    struct decision decision; /* a rule over several questions may change its words */
    struct failures failures;
    struct missed missed;
    const char *text;    /* "supported: 0.0123 [0.0094, 0.0151] is above 0.005, 10 seeds" */
    const char *meaning; /* the claim's sentence for that; for inconclusive, what is not settled */
    const char *basis; /* what varies in the tests: "seeds x rows", "these rows only", "seeds"; "at
                          least" where the two countings of runs that missed their target say
                          different things */
};

/* One question, asked of a summary whose series are in the results file `path`. `answer->question`
 * and `level` are set; free its contrast and decision. */
enum status answer_make(const struct claim *claim, const char *path, const struct table *summary,
                        struct answer *answer, struct pool *pool);
/* Puts the decision into words: again, where a rule has changed it. */
void answer_describe(struct answer *answer, struct pool *pool);
/* Has it a word that more seeds would not make stronger? */
bool answer_is_settled(const struct answer *answer);
void answer_free(struct answer *answer);

/* The runs of an arm in the question's strata. ERROR_RESULTS: the arm has none. */
enum status answer_arm_rows(const struct table *summary, const struct claim_question *question,
                            const struct claim_arm *arm, struct pool *pool, struct rows *rows);
/* Pairs the runs of a question whose metrics are columns. Errors: those of contrast_build. */
enum status answer_pair(const struct table *summary, const struct claim_question *question,
                        struct contrast *contrast);
