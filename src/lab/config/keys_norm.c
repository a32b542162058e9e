/* The keys norm.* that normalizers share; those of one alone stand in its own file. */
#include <string.h>

#include "lab/config/key_group.h"
#include "lab/config/keys.h"

static bool has_param(const struct normalizer *kind) {
    return norm_fields(kind->param) > 0;
}

static bool declares(const struct norm_field fields[NORM_FIELDS], const char *name) {
    return norm_field_find(fields, name) >= 0;
}

static bool has_gamma(const struct normalizer *kind) {
    return declares(kind->param, "gamma");
}

static bool has_beta(const struct normalizer *kind) {
    return declares(kind->param, "beta");
}

bool norm_has_state(const struct normalizer *kind) {
    return norm_fields(kind->state) > 0;
}

static bool needs_population(const struct normalizer *kind) {
    return kind->needs_population;
}

static bool has_running_state(const struct normalizer *kind) {
    return norm_has_state(kind) && !kind->needs_population;
}

static bool has_running_var(const struct normalizer *kind) {
    return has_running_state(kind) && declares(kind->state, "running_var");
}

static bool has_eps(const struct normalizer *kind) {
    return kind->uses_eps;
}

bool norm_averages(const struct normalizer *kind) {
    return kind->averages;
}

static const struct key_row norm_rows[] = {
    {.key = {.name = "norm.kind",
             .type = KEY_CHOICE,
             .initial = "none",
             .unit = "",
             .doc = "The normalizer."},
     FIELD(run.norm.kind),
     .name = normalizer_name,
     .hint = "one of your own is loaded with --plugin FILE.so"},
    {.key = {.name = "norm.placement",
             .type = KEY_CHOICE,
             .words = "before|after",
             .initial = "before",
             .unit = "",
             .doc = "Where a hidden layer is normalized: before or after its activation.",
             .when = "norm.kind!=none model.hidden!=[]"},
     FIELD(run.norm.placement)},
    {.key = {.name = "norm.affine",
             .type = KEY_BOOL,
             .initial = "true",
             .unit = "",
             .doc =
                 "Does the normalizer learn (true), or has it no gamma and beta, and others of its "
                 "numbers stay where they start (false)?"},
     FIELD(run.norm.affine),
     .belongs_to = has_param},
    {.key = {.name = "norm.eps",
             .type = KEY_REAL,
             .min = SMALLEST_EPS,
             .max = 1e6,
             .initial = "1e-5",
             .unit = "",
             .doc = "Added to the variance, inside the root.",
             .elsewhere = "PyTorch: the same, 1e-5; Keras: the same, 1e-3"},
     FIELD(run.norm.eps),
     .belongs_to = has_eps},
    {.key =
         {.name = "norm.momentum",
          .type = KEY_REAL,
          .min = 0,
          .max = 1,
          .initial = "0.9",
          .unit = "",
          .doc =
              "Share of the old value in running statistics: r <- momentum*r + (1-momentum)*batch.",
          .elsewhere =
              "PyTorch's momentum is one minus it (its default 0.1 is 0.9 here); Keras: the same "
              "convention, 0.99"},
     FIELD(run.norm.momentum),
     .belongs_to = has_running_state},
    {.key = {.name = "norm.running_var",
             .type = KEY_CHOICE,
             .words = "unbiased|biased",
             .initial = "unbiased",
             .unit = "",
             .doc = "Divisor of the running variance: B-1 or B; the forward pass in training "
                    "always has B.",
             .elsewhere = "PyTorch: unbiased; Keras: biased"},
     FIELD(run.norm.running_var),
     .belongs_to = has_running_var},
    {.key = {.name = "norm.average",
             .type = KEY_CHOICE,
             .words = "variance|deviation|second_moment",
             .initial = "variance",
             .unit = "",
             .doc = "What is averaged over the mini-batches beside the mean: their variances "
                    "(divisor: norm.running_var), the roots of those, or the means of the squares, "
                    "from which evaluation takes the square of the averaged mean. running_var is "
                    "the variance that comes of it. No part in training.",
             .elsewhere = "PyTorch and Keras: variance; batch renormalization's paper: deviation",
             .since = 2},
     FIELD(run.norm.average),
     .belongs_to = norm_averages},
    {.key = {.name = "norm.refresh",
             .type = KEY_INT,
             .min = 1,
             .max = LARGEST_ROWS,
             .initial = "100",
             .unit = "steps",
             .doc =
                 "Steps from one refresh of the training rows' statistics to the next, the first "
                 "before step 0; in between they are constants.",
             .since = 2},
     FIELD(run.norm.refresh),
     .belongs_to = needs_population},
    {.key = {.name = "norm.population_rows",
             .type = KEY_INT,
             .words = "all",
             .min = 2,
             .max = LARGEST_ROWS,
             .initial = "10000",
             .unit = "rows",
             .doc = "Rows of the training part, its first (all, if it has fewer), whose statistics "
                    "normalize every mini-batch.",
             .since = 2},
     FIELD(run.norm.population_rows),
     .belongs_to = needs_population},
    {.key = {.name = "norm.on_output",
             .type = KEY_BOOL,
             .initial = "false",
             .unit = "",
             .doc = "Also normalize the outputs of the last linear layer.",
             .when = "norm.kind!=none"},
     FIELD(run.norm.on_output)},
    {.key = {.name = "norm.on_input",
             .type = KEY_BOOL,
             .initial = "false",
             .unit = "",
             .doc = "Also normalize the input.",
             .when = "norm.kind!=none"},
     FIELD(run.norm.on_input)},
    {.key = {.name = "norm.gamma_initial",
             .type = KEY_REAL,
             .initial = "1",
             .unit = "",
             .doc = "Where the learned scale gamma starts.",
             .when = "norm.affine=true"},
     FIELD(run.norm.gamma_initial),
     .belongs_to = has_gamma},
    {.key = {.name = "norm.beta_initial",
             .type = KEY_REAL,
             .initial = "0",
             .unit = "",
             .doc = "Where the learned offset beta starts.",
             .when = "norm.affine=true"},
     FIELD(run.norm.beta_initial),
     .belongs_to = has_beta},
};

const struct key_group norm_keys = KEY_GROUP(norm_rows);
