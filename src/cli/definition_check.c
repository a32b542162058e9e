/* Checks the sections of an experiment file that its runs do not need: before anything is trained
 * one wants to know that it can be tuned and judged. */
#include "cli/definition_check.h"

#include <stdio.h>

#include "base/visible.h"
#include "judge/claim/claim_check.h"
#include "judge/tune/tune_section.h"
#include "judge/tune/tuned_source.h"

static struct log_config logged(const struct experiment *experiment, struct pool *pool) {
    struct config config;
    struct cell cell;
    cell_copy(&cell, &experiment->base, pool);
    cell_finish(&cell, &config);
    return config.log;
}

static enum status check_claim(const char *file, const struct experiment *experiment) {
    struct pool pool = {0};
    struct claim claim;
    enum status status = claim_read(file, experiment->protocol, &claim);
    if (!status) {
        struct log_config log = logged(experiment, &pool);
        status = claim_check(&claim, &log);
        claim_free(&claim);
    }
    pool_free(&pool);
    return status;
}

/* As the file says, without what the command line does to it. */
static enum status check_tune(const char *file) {
    struct pool pool = {0};
    struct experiment experiment;
    struct tuning tuning;
    enum status status = experiment_read(file, 0, NULL, &experiment);
    if (status)
        return status;
    status = tuning_read(&experiment, &pool, &tuning);
    experiment_free(&experiment);
    pool_free(&pool);
    return status;
}

/* A protocol's keys are read where it applies. */
static enum status check_protocol(const char *file, const char *override) {
    struct experiment experiment;
    enum status status = experiment_read(file, 1, &override, &experiment);
    if (!status)
        experiment_free(&experiment);
    return status;
}

enum status definition_check(const char *file, const struct experiment *experiment) {
    struct pool pool = {0};
    struct yaml_node *root;
    const struct yaml_node *const *sections = experiment->sections;
    bool judged = sections[SECTION_CLAIM] || sections[SECTION_JUDGE] || sections[SECTION_COMPUTE];
    enum status status = fields_read_file(file, &pool, &root);
    if (!status && sections[SECTION_TUNE])
        status = check_tune(file);
    if (!status && node_find(root, "quick"))
        status = check_protocol(file, "protocol=quick");
    if (!status && node_find(root, "literal"))
        status = check_protocol(file, "protocol=literal");
    if (!status && judged)
        status = check_claim(file, experiment);
    pool_free(&pool);
    return status;
}

void definition_warn_source(const struct experiment *experiment) {
    struct pool pool = {0};
    tuned_source_warn(stderr, experiment, &(struct tuned_told){.pool = &pool});
    pool_free(&pool);
}

void definition_warn_plan(const struct plan *plan) {
    const struct experiment *experiment = plan->experiment;
    struct pool pool = {0};
    for (int i = 0; i < plan->n_warnings; i++)
        text_print(stderr, "normlab: warning: %s\n", plan->warnings[i]);
    if (experiment->sections[SECTION_TUNE])
        text_print(
            stderr,
            "normlab: warning: run ignores the section tune: `normlab tune %s` chooses the rates "
            "and writes the file to run\n",
            text_quoted(experiment->file, &pool));
    pool_free(&pool);
}
