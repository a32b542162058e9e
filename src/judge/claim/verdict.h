/* From a claim and its results to a verdict. */
#pragma once

#include "judge/claim/answer.h"

struct computed_value {
    double value;
    bool holds; /* within the tolerance of what is claimed */
};

struct judgement {
    struct pool pool;
    const struct claim *claim;
    bool decided; /* there is a verdict */
    enum verdict verdict;
    const char *sentence; /* what it means; or why there is none */
    const char *results;  /* path of the results file; NULL: no runs belong to it */
    const char *ids;      /* of the runs, blanks between them; NULL: none */
    int n_runs, n_finished;
    int n_answers;
    struct answer *answers;
    struct computed_value *computed; /* [claim->n_computations] */
};

/* Computes what is to be computed and asks the results in the folder `out` for the rest. Results
 * that are not there leave the claim undecided, with the reason; so do a definition that cannot
 * reach significance, a column or series that does not exist, arms that cannot be paired.
 * ERROR_RESULTS: a file that cannot be read. */
enum status verdict_judge(const struct claim *claim, const char *out, struct judgement *judgement);
void judgement_free(struct judgement *judgement);
/* "supported", ...; "not seen" where a shortened run of a paper's experiment refutes: that is no
 * disagreement with the paper. */
const char *judgement_verdict(const struct judgement *judgement, enum verdict verdict);
/* The same of the judgement's own, or "not tried", "open". */
const char *judgement_word(const struct judgement *judgement);
