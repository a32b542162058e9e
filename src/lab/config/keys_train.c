/* The keys train.*, seed and seeds.*: mini-batches, budget, loss, and what is drawn from which
 * seed. */
#include "lab/config/key_group.h"
#include "lab/config/keys.h"

static bool draws_noise(const struct normalizer *kind) {
    return kind->draws_noise;
}

static const char *orders_doc(struct pool *pool) {
    const char *doc = "Order of the training rows. ";
    for (int i = 0; order_name(i); i++)
        doc = pool_format(pool, "%s%s%s: %s", doc, i ? "; " : "", order_name(i), order_get(i)->doc);
    return pool_format(pool, "%s.", doc);
}

/* "train.order!=sequential" */
static const char *where_order_is_drawn(struct pool *pool) {
    const char *when = "train.order";
    for (int i = 0, n = 0; order_name(i); i++)
        if (order_get(i)->fixed)
            when = pool_format(pool, "%s%s%s", when, n++ ? "|" : "!=", order_name(i));
    return when;
}

static const struct key_row train_rows[] = {
    {.key = {.name = "train.batch_size",
             .type = KEY_INT,
             .min = 1,
             .max = 1048576,
             .initial = "64",
             .unit = "rows",
             .doc = "Rows of a mini-batch; the last short one of an epoch is dropped."},
     FIELD(run.train.batch_size)},
    {.key =
         {.name = "train.epochs",
          .type = KEY_INT,
          .min = 1,
          .max = 1e6,
          .initial = "3",
          .unit = "epochs",
          .doc =
              "Budget in passes over the training rows; equal epochs give large batches few steps.",
          .when = "train.steps=auto"},
     FIELD(run.train.epochs)},
    {.key = {.name = "train.steps",
             .type = KEY_INT,
             .words = "auto",
             .min = 1,
             .max = 1e12,
             .initial = "auto",
             .unit = "steps",
             .doc = "Budget in updates; auto: as train.epochs says."},
     FIELD(run.train.steps)},
    {.key = {.name = "train.order", .type = KEY_CHOICE, .initial = "shuffle", .unit = ""},
     FIELD(run.train.order),
     .name = order_name,
     .make_doc = orders_doc},
    {.key = {.name = "train.classes_per_batch",
             .type = KEY_INT,
             .min = 1,
             .max = 256,
             .initial = "1",
             .unit = "classes",
             .doc = "Classes of a mini-batch, with equally many rows each (train.batch_size must "
                    "be a multiple), drawn in proportion to the rows they have left. An epoch uses "
                    "no row twice and ends where no such mini-batch is left: that drops less than "
                    "a share of each class and one mini-batch, or what frequent classes have too "
                    "much.",
             .when = "train.order=classes",
             .since = 2},
     FIELD(run.train.classes_per_batch)},
    {.key =
         {.name = "train.loss",
          .type = KEY_CHOICE,
          .initial = "cross_entropy",
          .unit = "",
          .doc =
              "The loss: cross entropy of the softmax, or half the squared distance to the one-hot "
              "label or to the row's target, summed over the outputs. Of a mini-batch: the mean.",
          .elsewhere = "squared, of B rows and K outputs: a sum of squared distances is 2B times "
                       "it, so a rate there is 2B times as large here; PyTorch's MSELoss is 2/K "
                       "of it"},
     FIELD(run.train.loss),
     .name = loss_name},
};

static const struct key_row seed_rows[] = {
    {.key = {.name = "seed",
             .type = KEY_INT,
             .min = 0,
             .max = WHOLE_MAX,
             .initial = "0",
             .unit = "",
             .doc = "Seed of a run: initial weights, batch order and noise follow from it."},
     FIELD(run.seeds.seed)},
    {.key = {.name = "seeds.init",
             .type = KEY_INT,
             .words = "auto",
             .min = 0,
             .max = WHOLE_MAX,
             .initial = "auto",
             .unit = "",
             .doc = "Seed of the initial weights alone; auto: seed."},
     FIELD(run.seeds.init)},
    {.key = {.name = "seeds.order",
             .type = KEY_INT,
             .words = "auto",
             .min = 0,
             .max = WHOLE_MAX,
             .initial = "auto",
             .unit = "",
             .doc = "Seed of the batch order alone; auto: seed."},
     FIELD(run.seeds.order),
     .make_when = where_order_is_drawn},
    {.key = {.name = "seeds.noise",
             .type = KEY_INT,
             .words = "auto",
             .min = 0,
             .max = WHOLE_MAX,
             .initial = "auto",
             .unit = "",
             .doc = "Seed of the noise that a normalizer injects; auto: seed."},
     FIELD(run.seeds.noise),
     .belongs_to = draws_noise},
};

const struct key_group train_keys = KEY_GROUP(train_rows);
const struct key_group seed_keys = KEY_GROUP(seed_rows);
