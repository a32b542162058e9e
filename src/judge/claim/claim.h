/* A claim as a file: what somebody says, the runs that try it, and the rule by which their results
 * become a verdict, written down before there are any.
 *
 * The file is an experiment file with three more sections: `claim` (the words), `judge` (questions
 * to the results, and which of them decide) and `compute` (what is found by computation, without
 * runs). With `experiment: other.yaml` the runs are that file's. */
#pragma once

#include "judge/claim/claim_rule.h"
#include "judge/compute/computation.h"
#include "lab/plan/experiment.h"

struct claim {
    struct pool pool;
    const char *file, *name, *title;
    int n_numbers;
    const long *numbers;  /* in a list of claims */
    const char *notes;    /* "A B C": where it stands; NULL: it is not said */
    const char *says;     /* what is claimed, in a sentence */
    const char *asks;     /* the question that is tried */
    const char *known;    /* what the literature says */
    const char *expected; /* the answer that was expected, a word or two; never used by the rule */
    const char *remark;   /* what a reader should know of the outcome, or NULL */
    const char *cannot;   /* why it cannot be tried here; NULL: it is */
    /* A paper's experiment in place of somebody's sentence; NULL otherwise. */
    const char *paper;              /* "Ioffe & Szegedy 2015, section 4.1" */
    const char *copied;             /* what stands in the paper and was taken over */
    const char *left_open, *chosen; /* what does not stand there, and what was taken instead */
    const char *literal, *cut;      /* the paper's own size and cost; what was made smaller here */
    int n_questions;
    const struct claim_question *questions;
    int n_computations;
    const struct computation *computations;
    struct claim_rule rule;
    const char *outcome[OUTCOMES]; /* of the computations; of a rule over several questions */
    bool full_size;                /* the file's own protocol has the paper's size */
    bool has_effects; /* a table of effects stands beside the verdict, a row a question */
    bool universal;   /* the claim is of all of its computations: one that fails refutes it */
    bool has_runs;
    const char *protocol;         /* "quick" or "literal"; NULL: the file as it stands */
    struct experiment experiment; /* with has_runs */
};

/* Reads a claim with its experiment. `protocol`: see struct claim; must outlive it. ERROR_USAGE
 * with file:line:column; also where seeds and strata are such that no result could be significant.
 */
enum status claim_read(const char *file, const char *protocol, struct claim *claim);
void claim_free(struct claim *claim);
/* Is it a paper's experiment with runs, and with less than the paper had? */
bool claim_is_shortened(const struct claim *claim);
/* Does the question stand in the claim's table of effects? Those do whose difference is in the unit
 * of the first that decides. */
bool claim_tables(const struct claim *claim, const struct claim_question *question);

/* For the reference of the file format. */
extern const struct section claim_section;
