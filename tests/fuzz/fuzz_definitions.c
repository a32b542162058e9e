/* Experiment files, claims and tune sections. */
#include <string.h>

#include "judge/claim/claim_check.h"
#include "judge/tune/tune_section.h"
#include "lab/plan/plan.h"
#include "tests/fuzz/targets.h"

/* Planning loads data: whatever the text says, small ones. */
static const char *const small[] = {"data.name=clusters", "data.rows=40",   "data.test_rows=10",
                                    "data.validation=10", "data.train=30",  "data.test=all",
                                    "data.features=4",    "data.classes=2", "train.batch_size=4",
                                    "model.hidden=[3]"};

enum { SMALL = sizeof small / sizeof *small, MOST_CELLS = 300 };

static long count_cells(const struct experiment *experiment) {
    long n = 1;
    for (int i = 0; i < experiment->n_axes && n <= MOST_CELLS; i++)
        n *= experiment->axes[i].n_values;
    return n;
}

static void plan_small(const char *text) {
    struct experiment experiment;
    struct plan plan;
    if (experiment_parse("x.yaml", text, SMALL, small, &experiment))
        return;
    if (count_cells(&experiment) <= MOST_CELLS && !plan_create(&experiment, &plan))
        plan_free(&plan);
    experiment_free(&experiment);
}

void fuzz_experiment(const char *text, size_t size) {
    struct experiment experiment;
    struct pool pool = {0};
    (void)size;
    if (experiment_parse("x.yaml", text, 0, NULL, &experiment))
        return;
    experiment_json(&experiment, &pool);
    pool_free(&pool);
    experiment_free(&experiment);
    plan_small(text);
}

void fuzz_tune(const char *text, size_t size) {
    struct experiment experiment;
    struct tuning tuning;
    struct pool pool = {0};
    (void)size;
    if (experiment_parse("x.yaml", text, 0, NULL, &experiment))
        return;
    tuning_read(&experiment, &pool, &tuning);
    tune_protocol_set(&experiment, "quick", &pool);
    pool_free(&pool);
    experiment_free(&experiment);
}

void fuzz_claim(const char *text, size_t size) {
    static const char *const protocols[] = {NULL, "quick", "literal"};
    const char *path = fuzz_file("claim.yaml", text, size);
    for (int i = 0; i < 3; i++) {
        struct claim claim;
        if (claim_read(path, protocols[i], &claim))
            continue;
        if (claim.has_runs && count_cells(&claim.experiment) <= MOST_CELLS)
            claim_check(&claim, NULL);
        claim_free(&claim);
    }
}
