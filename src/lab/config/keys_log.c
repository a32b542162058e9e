/* The keys eval.* and log.*: what is evaluated and written down. Training reads none of them. */
#include "lab/config/key_group.h"
#include "lab/config/keys.h"

static bool mixes_rows(const struct normalizer *kind) {
    return kind->mixes_rows;
}

static const struct key_row eval_rows[] = {
    {.key = {.name = "eval.population_rows",
             .type = KEY_INT,
             .min = 2,
             .max = LARGEST_ROWS,
             .initial = "10000",
             .unit = "rows",
             .doc = "Rows of the training part, its first (all, if it has fewer), whose statistics "
                    "take the place of the running ones in *_error_population.",
             .since = 2},
     FIELD(run.eval.population_rows),
     .belongs_to = norm_has_state},
    {.key = {.name = "eval.batch_rows",
             .type = KEY_INT,
             .words = "auto",
             .min = 1,
             .max = LARGEST_ROWS,
             .initial = "auto",
             .unit = "rows",
             .doc = "Rows of the mini-batches that are evaluated with their own statistics in "
                    "*_error_batch; auto: train.batch_size. What the last ones lack to a whole "
                    "mini-batch is dropped.",
             .since = 2},
     FIELD(run.eval.batch_rows),
     .belongs_to = mixes_rows},
    {.key = {.name = "eval.momenta",
             .type = KEY_REALS,
             .min = 0,
             .max = 1,
             .initial = "[]",
             .unit = "",
             .doc =
                 "Values of norm.momentum, ascending: for each of them and each of norm.average, "
                 "running statistics are kept beside the run's own and evaluated (series of the "
                 "group bank). One run does for many, because training reads none of them.",
             .since = 2},
     FIELD(run.eval.momenta),
     COUNT(run.eval.n_momenta),
     .belongs_to = norm_averages},
};

static const struct key_row log_rows[] = {
    {.key = {.name = "log.level",
             .type = KEY_CHOICE,
             .words = "economy|standard|full",
             .initial = "standard",
             .unit = "",
             .doc =
                 "What is written down: final figures; also curves an epoch and the training loss "
                 "a step; also "
                 "every step and statistics of every layer. Logging changes nothing in training.",
             .volatile_ = true},
     FIELD(log.level)},
    {.key = {.name = "log.test",
             .type = KEY_CHOICE,
             .words = "never|final|epoch",
             .initial = "epoch",
             .unit = "",
             .doc = "When the test rows are evaluated. No choice may look at them.",
             .volatile_ = true},
     FIELD(log.test)},
    {.key = {.name = "log.weights",
             .type = KEY_CHOICE,
             .words = "none|initial|final|both",
             .initial = "none",
             .unit = "",
             .doc = "Which weights and normalizer vectors are stored with the run.",
             .volatile_ = true},
     FIELD(log.weights)},
    {.key = {.name = "log.probes",
             .type = KEY_TEXT,
             .initial = "",
             .unit = "",
             .doc = "Probes that are taken beyond the level: names or families as `normlab list "
                    "probes` shows them, separated by blanks or commas.",
             .volatile_ = true,
             .since = 2},
     FIELD(log.probes)},
};

const struct key_group eval_keys = KEY_GROUP(eval_rows);
const struct key_group log_keys = KEY_GROUP(log_rows);
