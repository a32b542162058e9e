/* An experiment file, read and checked: base, axes, exclusions, figures. */
#pragma once

#include "lab/plan/figure_spec.h"
#include "lab/plan/sweep.h"

enum { EXPERIMENT_RESULTS_SIZE = 200 }; /* letters of struct experiment's `results`, at most */

/* What stands in a file beside the definition of its runs, for others to read. */
enum experiment_section { SECTION_CLAIM, SECTION_JUDGE, SECTION_COMPUTE, SECTION_TUNE, SECTIONS };

struct experiment {
    struct pool pool;
    const char *file; /* as given */
    const char *text; /* verbatim */
    const char *name, *title;
    const char *protocol;  /* "quick" or "literal", where one was applied; otherwise NULL */
    bool has_protocols;    /* the file has a section `quick` or `literal` */
    const char *overrides; /* what the command line changes, as overrides_text says it */
    const char *results;   /* the merged file's name: `name`, with overrides one of its own */
    struct cell base;
    int n_axes, n_exclusions, n_figures;
    const struct axis *axes;
    const struct exclusion *exclusions;
    const struct figure *figures;
    const struct yaml_node *sections[SECTIONS]; /* NULL: absent */
};

/* Reads `file` and applies overrides ("optimizer.lr=0.1", "seed=0,1,2", "model.hidden=[100,100]").
 * "protocol=quick" is one as well: it applies the file's section `quick` and adds "-quick" to the
 * name; "protocol=literal" does the same with `literal`. A file with `experiment: other.yaml` has
 * the runs of that one, which is read in its place. ERROR_USAGE with file:line:column. */
enum status experiment_read(const char *file, int n_overrides, const char *const *overrides,
                            struct experiment *experiment);
/* The same from text, for results files that carry their definition. */
enum status experiment_parse(const char *file, const char *text, int n_overrides,
                             const char *const *overrides, struct experiment *experiment);
/* "x.yaml", which `normlab tune` makes "x.tuned.yaml" from; NULL: `file` is called otherwise. */
const char *experiment_untuned(const char *file, struct pool *pool);
void experiment_free(struct experiment *experiment);

/* The axis on which the key is swept, and as which of its keys (place NULL: never mind); NULL: it
 * is on none. */
const struct axis *experiment_axis(const struct experiment *experiment, int key, int *place);

/* What may stand in the file. */
extern const struct section experiment_section;

/* The experiment as JSON: name, title, every key with its value or default, the axes. */
const char *experiment_json(const struct experiment *experiment, struct pool *pool);
