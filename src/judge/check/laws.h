/* What must hold for every normalizer, as measurements with bounds: one table for `normlab check`
 * and for the tests, which walk the registry with it. */
#pragma once

#include "engine/norm/normalizer.h"

enum law_verdict {
    LAW_HOLDS,
    LAW_BROKEN,
    LAW_IDLE, /* nothing to judge in this row; the detail says why */
    LAW_FACT, /* measured for the reader; cannot be broken */
};

struct law_result {
    enum law_verdict verdict;
    double measured;  /* the worst; infinity where it is no number */
    char detail[200]; /* where the worst was, or what the fact is */
};

struct law {
    const char *name, *says, *unit; /* the unit of what is measured */
    double bound;                   /* measured <= bound; NaN: a fact */
    /* Over the shapes of the law's own choice, with gamma and beta and without. */
    void (*judge)(const struct norm_config *config, struct law_result *result);
    /* Or: at each of the common shapes that the row takes. */
    void (*judge_shape)(const struct norm_config *config, int B, int D, struct law_result *result);
};

int law_count(void);
const struct law *law_get(int index);
const struct law *law_find(const char *name); /* NULL: unknown */

/* Judges the row config->kind with these values of its keys. */
void law_judge(const struct law *law, const struct norm_config *config, struct law_result *result);

/* The same in a process of its own, so that a kernel that crashes or hangs breaks this law and no
 * more. The process that asks must have no threads. Not OK: somebody asked to stop, or the system
 * has no process left. */
enum status law_judge_apart(const struct law *law, const struct norm_config *config,
                            struct law_result *result);

/* For the laws' own files: takes a measurement, of which the worst is kept; a NaN is the worst. */
__attribute__((format(printf, 3, 4))) void law_measure(struct law_result *result, double value,
                                                       const char *format, ...);
/* Nothing to judge, or what was found; `measured` as it is. */
__attribute__((format(printf, 3, 4))) void
law_say(struct law_result *result, enum law_verdict verdict, const char *format, ...);
