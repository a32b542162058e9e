/* From a claim and its results to a verdict. */
#pragma once

#include "judge/claim/answer.h"

struct computed_value {
    struct measured measured;
    bool holds; /* all of its interval is within the tolerance of what is claimed */
    bool open;  /* a part of it is */
};

/* Of a claim that is looked at more than once. */
struct look {
    int n_seeds;
    double level; /* of each one-sided test */
    enum verdict verdict;
};

struct looks {
    int n; /* looks taken; the verdict is that of the last one */
    struct look taken[LOOKS];
    bool is_over;           /* no look comes after them: there is a verdict, or no look is left */
    int next_seeds, n_next; /* the next look: seeds, and runs that it lacks */
    double next_s;          /* core-seconds of these, by those that are finished; NaN: unknown */
};

struct judgement {
    struct pool pool;
    const struct claim *claim;
    bool decided; /* there is a verdict */
    enum verdict verdict;
    bool rows_only;       /* over seeds alone it is decided, over seeds and rows it is not */
    bool rows_forbid;     /* it is open, and on these test rows no further seed settles it */
    int hangs_on;         /* a question that settled it, or left it open; -1: none was asked */
    const char *sentence; /* what it means; or why there is none */
    const char *results;  /* path of the results file; NULL: no runs belong to it */
    const char *machines; /* what made the runs, where there are several: machines_describe */
    const char *ids;      /* of the runs, blanks between them; NULL: none */
    int n_runs, n_finished;
    int n_answers;
    struct answer *answers; /* [n_answers], in the order of the claim's questions */
    struct looks looks;
    struct computed_value *computed; /* [claim->n_computations] */
};

/* Computes what is to be computed and asks the results in the folder `out` for the rest. Results
 * that are not there leave the claim undecided, with the reason; so do runs that are missing.
 * ERROR_USAGE: what is asked no results of the claim's experiment can answer (claim_check).
 * ERROR_RESULTS: a file that cannot be read. */
enum status verdict_judge(const struct claim *claim, const char *out, struct judgement *judgement);
void judgement_free(struct judgement *judgement);
/* The answer that the verdict hangs on, or the first that decides; NULL: none. */
const struct answer *judgement_answer(const struct judgement *judgement);
