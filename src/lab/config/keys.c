/* The one table of configuration keys. What stands here drives checking, defaults, `describe`, the
 * attributes in the results and a run's identity. A new key: a row here, a field in a config
 * struct. */
#include "lab/config/keys.h"

#include <assert.h>
#include <string.h>

#include "base/key.h"

struct row {
    struct key key;
    size_t offset;       /* of the field in struct config */
    size_t count_offset; /* lists: of the field with their length */
    /* Keys of the normalizers: the rows of the registry that it applies to; `when` follows from
     * it. */
    bool (*belongs_to)(const struct normalizer *kind);
    /* Choices among the rows of a table: their names, which become `words`. */
    const char *(*name)(int index);
    bool own; /* declared by a normalizer, stored in norm.own */
};

#define FIELD(member) .offset = offsetof(struct config, member)
#define COUNT(member) .count_offset = offsetof(struct config, member)

static bool has_param(const struct normalizer *kind) {
    return norm_fields(kind->param) > 0;
}

static bool declares(const struct norm_field fields[NORM_FIELDS], const char *name) {
    for (int i = 0; i < norm_fields(fields); i++)
        if (!strcmp(fields[i].name, name))
            return true;
    return false;
}

static bool has_gamma(const struct normalizer *kind) {
    return declares(kind->param, "gamma");
}

static bool has_beta(const struct normalizer *kind) {
    return declares(kind->param, "beta");
}

static bool has_state(const struct normalizer *kind) {
    return norm_fields(kind->state) > 0;
}

static bool needs_population(const struct normalizer *kind) {
    return kind->needs_population;
}

static bool has_running_state(const struct normalizer *kind) {
    return has_state(kind) && !kind->needs_population;
}

static bool has_running_var(const struct normalizer *kind) {
    return has_running_state(kind) && declares(kind->state, "running_var");
}

static bool has_eps(const struct normalizer *kind) {
    return kind->uses_eps;
}

static bool averages(const struct normalizer *kind) {
    return kind->averages;
}

static bool mixes_rows(const struct normalizer *kind) {
    return kind->mixes_rows;
}

static bool draws_noise(const struct normalizer *kind) {
    return kind->draws_noise;
}

#define LARGEST_SEED 9007199254740992.0 /* 2^53: up to there a double is exact */
/* Adam divides by eps in float32, where less than 1e-38 is 0 and a gradient of 0 would give 0/0.
 * Normalizers add theirs in double, but 1/sqrt(eps), rounded to float32, must not be infinite. */
#define SMALLEST_EPS 1e-30
enum { LARGEST_ROWS = 2147483647 };

static const struct row fixed_rows[] = {
    /* data */
    {.key = {.name = "data.name",
             .type = KEY_CHOICE,
             .words = "fashion-mnist|idx|clusters|spirals|linear",
             .initial = "fashion-mnist",
             .unit = "",
             .doc = "The data set: Fashion-MNIST, any four IDX files, or generated: Gaussian "
                    "clusters, spirals, linear. The targets of linear are numbers and no classes: "
                    "A x, with x and the matrix A normal; it takes train.loss squared, and there "
                    "are no errors, only losses."},
     FIELD(run.data.name)},
    {.key = {.name = "data.dir",
             .type = KEY_TEXT,
             .initial = "",
             .unit = "",
             .doc = "Folder of the four IDX files; empty: where the package of Fashion-MNIST puts "
                    "them. The content is part of a run's identity, the folder is not.",
             .when = "data.name=fashion-mnist|idx",
             .volatile_ = true,
             .local = true},
     FIELD(run.data.dir)},
    {.key = {.name = "data.scale",
             .type = KEY_CHOICE,
             .words = "none|unit|standardize|standardize_features",
             .initial = "standardize",
             .unit = "",
             .doc = "Scaling of the input. none: as it is; unit: bytes divided by 255, other data "
                    "by the largest magnitude in the training part; standardize: by one mean and "
                    "one deviation over all training values; standardize_features: by those of "
                    "each feature (divisor n; a deviation of 0 counts as 1)."},
     FIELD(run.data.scale)},
    {.key =
         {.name = "data.train",
          .type = KEY_INT,
          .words = "all",
          .min = 1,
          .max = LARGEST_ROWS,
          .initial = "all",
          .unit = "rows",
          .doc =
              "Training rows: the training file's first; all: every row that validation leaves."},
     FIELD(run.data.train)},
    {.key = {.name = "data.validation",
             .type = KEY_INT,
             .min = 0,
             .max = LARGEST_ROWS,
             .initial = "5000",
             .unit = "rows",
             .doc = "Validation rows: the training file's last."},
     FIELD(run.data.validation)},
    {.key = {.name = "data.test",
             .type = KEY_INT,
             .words = "all",
             .min = 1,
             .max = LARGEST_ROWS,
             .initial = "all",
             .unit = "rows",
             .doc = "Test rows: the test file's first."},
     FIELD(run.data.test)},
    {.key = {.name = "data.rescale_features",
             .type = KEY_INTS,
             .min = 0,
             .max = LARGEST_ROWS,
             .initial = "[]",
             .unit = "",
             .doc = "Columns of the input, from 0, that get a factor and an offset of their own "
                    "after scaling."},
     FIELD(run.data.rescale_features),
     COUNT(run.data.n_rescale_features)},
    {.key = {.name = "data.rescale_factor",
             .type = KEY_REAL,
             .initial = "1",
             .unit = "",
             .doc = "x <- x * factor + offset on data.rescale_features.",
             .when = "data.rescale_features!=[]"},
     FIELD(run.data.rescale_factor)},
    {.key = {.name = "data.rescale_offset",
             .type = KEY_REAL,
             .initial = "0",
             .unit = "",
             .doc = "x <- x * factor + offset on data.rescale_features.",
             .when = "data.rescale_features!=[]"},
     FIELD(run.data.rescale_offset)},
    {.key = {.name = "data.colour",
             .type = KEY_CHOICE,
             .words = "none|row|batch|class_in_batch|class",
             .initial = "none",
             .unit = "",
             .doc = "Makes rows black (darker) or coloured (brighter), and says whose colour that "
                    "is. row: each row's own, at random; batch: one of a whole mini-batch, drawn "
                    "for it; class_in_batch: in each mini-batch one of each class, drawn for it; "
                    "class: each class's (data.colour_black), in all training and validation rows. "
                    "Mini-batches' colours follow from seeds.order and the step; evaluated rows "
                    "have their own in place of these.",
             .since = 2},
     FIELD(run.data.colour.kind)},
    {.key = {.name = "data.colour_strength",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e6,
             .initial = "1",
             .unit = "",
             .doc = "What black takes from every column of the input and colour adds, after "
                    "data.scale and data.rescale_features: in units of the scaled input.",
             .when = "data.colour!=none",
             .since = 2},
     FIELD(run.data.colour.strength)},
    {.key = {.name = "data.colour_seed",
             .type = KEY_INT,
             .min = 0,
             .max = LARGEST_SEED,
             .initial = "0",
             .unit = "",
             .doc = "Seed of rows' own colours; `seed` has no part in them.",
             .when = "data.colour!=none",
             .since = 2},
     FIELD(run.data.colour.seed)},
    {.key = {.name = "data.colour_black",
             .type = KEY_INTS,
             .min = 0,
             .max = 255,
             .initial = "[0]",
             .unit = "",
             .doc = "The classes that are black in training; the others are coloured. All of them: "
                    "a black training set.",
             .when = "data.colour=class",
             .since = 2},
     FIELD(run.data.colour.black),
     COUNT(run.data.colour.n_black)},
    {.key = {.name = "data.colour_test",
             .type = KEY_CHOICE,
             .words = "free|bound|swapped",
             .initial = "free",
             .unit = "",
             .doc = "Colours of the test rows: each row's own at random, their classes' as in "
                    "training, or the other colour of these. Training does not depend on it.",
             .when = "data.colour=class",
             .since = 2},
     FIELD(run.data.colour.test)},
    {.key = {.name = "data.seed",
             .type = KEY_INT,
             .min = 0,
             .max = LARGEST_SEED,
             .initial = "0",
             .unit = "",
             .doc = "Seed of a generated data set; `seed` has no part in the data.",
             .when = "data.name=clusters|spirals|linear"},
     FIELD(run.data.seed)},
    {.key = {.name = "data.classes",
             .type = KEY_INT,
             .min = 2,
             .max = 256,
             .initial = "10",
             .unit = "",
             .doc = "Classes of a generated data set; of linear: columns of the targets.",
             .when = "data.name=clusters|spirals|linear"},
     FIELD(run.data.classes)},
    {.key = {.name = "data.features",
             .type = KEY_INT,
             .min = 1,
             .max = 65536,
             .initial = "20",
             .unit = "",
             .doc = "Columns of the generated clusters and of linear; spirals have two.",
             .when = "data.name=clusters|linear"},
     FIELD(run.data.features)},
    {.key = {.name = "data.rows",
             .type = KEY_INT,
             .min = 1,
             .max = LARGEST_ROWS,
             .initial = "20000",
             .unit = "rows",
             .doc = "Training and validation rows of a generated data set.",
             .when = "data.name=clusters|spirals|linear"},
     FIELD(run.data.rows)},
    {.key = {.name = "data.test_rows",
             .type = KEY_INT,
             .min = 1,
             .max = LARGEST_ROWS,
             .initial = "5000",
             .unit = "rows",
             .doc = "Test rows of a generated data set.",
             .when = "data.name=clusters|spirals|linear"},
     FIELD(run.data.test_rows)},
    {.key = {.name = "data.spread",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e6,
             .initial = "1",
             .unit = "",
             .doc = "Deviation of a cluster, where the centres have deviation 1 in each feature; "
                    "for spirals: of the noise, where the radius is 1 (0.05 is a good value "
                    "there).",
             .when = "data.name=clusters|spirals"},
     FIELD(run.data.spread)},
    {.key = {.name = "data.condition",
             .type = KEY_REAL,
             .min = 1,
             .max = 1e12,
             .initial = "1",
             .unit = "",
             .doc = "Largest over smallest deviation of the clusters' features.",
             .when = "data.name=clusters"},
     FIELD(run.data.condition)},

    /* model */
    {.key = {.name = "model.hidden",
             .type = KEY_INTS,
             .min = 1,
             .max = 65536,
             .initial = "[100, 100, 100]",
             .unit = "units",
             .doc = "Widths of the hidden layers; [] is softmax regression."},
     FIELD(run.model.hidden),
     COUNT(run.model.n_hidden)},
    {.key = {.name = "model.activation",
             .type = KEY_CHOICE,
             .initial = "relu",
             .unit = "",
             .doc = "Activation of the hidden layers.",
             .when = "model.hidden!=[]"},
     FIELD(run.model.activation),
     .name = activation_name},
    {.key = {.name = "model.init",
             .type = KEY_CHOICE,
             .words = "he|glorot|normal",
             .initial = "he",
             .unit = "",
             .doc = "Initial weights, normal with deviation sqrt(2/in) (he), sqrt(2/(in+out)) "
                    "(glorot) or 1 (normal), times model.init_scale; biases start at 0.",
             .elsewhere = "PyTorch's nn.Linear draws weights and biases uniformly from "
                          "+-1/sqrt(in); Keras' Dense takes glorot_uniform"},
     FIELD(run.model.init)},
    {.key = {.name = "model.init_scale",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e6,
             .initial = "1",
             .unit = "",
             .doc = "Factor on the deviation of the initial weights."},
     FIELD(run.model.init_scale)},
    {.key = {.name = "model.bias",
             .type = KEY_CHOICE,
             .words = "auto|on|off",
             .initial = "auto",
             .unit = "",
             .doc = "Bias of the linear layers; auto: dropped where a normalizer directly after "
                    "cancels it."},
     FIELD(run.model.bias)},

    /* norm */
    {.key = {.name = "norm.kind",
             .type = KEY_CHOICE,
             .initial = "none",
             .unit = "",
             .doc = "The normalizer."},
     FIELD(run.norm.kind),
     .name = normalizer_name},
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
             .doc = "Are the normalizer's gamma and beta learned (true), or absent (false)?"},
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
          .min =
              0,
          .max =
              1,
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
     .belongs_to = averages},
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

    /* optimizer */
    {.key = {.name = "optimizer.kind",
             .type = KEY_CHOICE,
             .words = "sgd|adam",
             .initial = "sgd",
             .unit = "",
             .doc = "The optimizer: stochastic gradient descent with momentum, or Adam."},
     FIELD(run.optimizer.kind)},
    {.key = {.name = "optimizer.lr",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e6,
             .above_min = true,
             .initial = "0.025",
             .unit = "",
             .doc = "Learning rate; what optimizer.lr_scaling makes of it is stored as "
                    "optimizer.lr_effective."},
     FIELD(run.optimizer.lr)},
    {.key = {.name = "optimizer.lr_scaling",
             .type = KEY_CHOICE,
             .words = "none|linear|sqrt",
             .initial = "none",
             .unit = "",
             .doc = "How the learning rate follows the batch size B: not, times "
                    "B/lr_reference_batch, or times the root of that."},
     FIELD(run.optimizer.lr_scaling)},
    {.key = {.name = "optimizer.lr_reference_batch",
             .type = KEY_INT,
             .min = 1,
             .max = LARGEST_ROWS,
             .initial = "64",
             .unit = "rows",
             .doc = "Batch size at which the effective learning rate is optimizer.lr.",
             .when = "optimizer.lr_scaling!=none"},
     FIELD(run.optimizer.lr_reference_batch)},
    {.key = {.name = "optimizer.schedule",
             .type = KEY_CHOICE,
             .words = "constant|step|cosine",
             .initial = "constant",
             .unit = "",
             .doc = "Course of the learning rate over the run; cosine falls to 0."},
     FIELD(run.optimizer.schedule)},
    {.key = {.name = "optimizer.warmup",
             .type = KEY_REAL,
             .min = 0,
             .max = 1,
             .initial = "0",
             .unit = "",
             .doc =
                 "Share of the steps in which the learning rate rises linearly to its full value."},
     FIELD(run.optimizer.warmup)},
    {.key = {.name = "optimizer.step_at",
             .type = KEY_REALS,
             .min = 0,
             .max = 1,
             .initial = "[0.5, 0.75]",
             .unit = "",
             .doc = "Shares of the run, ascending, at which the learning rate is multiplied by "
                    "step_factor.",
             .when = "optimizer.schedule=step"},
     FIELD(run.optimizer.step_at),
     COUNT(run.optimizer.n_step_at)},
    {.key = {.name = "optimizer.step_factor",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e6,
             .initial = "0.1",
             .unit = "",
             .doc = "What the learning rate is multiplied by at each of optimizer.step_at.",
             .when = "optimizer.schedule=step"},
     FIELD(run.optimizer.step_factor)},
    {.key =
         {.name = "optimizer.momentum",
          .type = KEY_REAL,
          .min =
              0,
          .max =
              1,
          .initial = "0.9",
          .unit = "",
          .doc =
              "Momentum mu of the velocity: v <- mu*v + g, w <- w - lr*v.",
          .elsewhere =
              "PyTorch: the same update, 0; Keras: v <- mu*v - lr*g, the same while lr is constant",
          .when = "optimizer.kind=sgd"},
     FIELD(run.optimizer.momentum)},
    {.key = {.name = "optimizer.nesterov",
             .type = KEY_BOOL,
             .initial = "false",
             .unit = "",
             .doc = "Nesterov's momentum: w <- w - lr*(g + mu*v) with the new v.",
             .when = "optimizer.kind=sgd optimizer.momentum!=0"},
     FIELD(run.optimizer.nesterov)},
    {.key = {.name = "optimizer.beta1",
             .type = KEY_REAL,
             .min = 0,
             .max = 0.999999,
             .initial = "0.9",
             .unit = "",
             .doc = "Adam: share of the old value in the mean of the gradients.",
             .when = "optimizer.kind=adam"},
     FIELD(run.optimizer.beta1)},
    {.key = {.name = "optimizer.beta2",
             .type = KEY_REAL,
             .min = 0,
             .max = 0.999999,
             .initial = "0.999",
             .unit = "",
             .doc = "Adam: share of the old value in the mean of their squares.",
             .when = "optimizer.kind=adam"},
     FIELD(run.optimizer.beta2)},
    {.key = {.name = "optimizer.eps",
             .type = KEY_REAL,
             .min = SMALLEST_EPS,
             .max = 1,
             .initial = "1e-8",
             .unit = "",
             .doc = "Adam: added to the root of the mean square.",
             .elsewhere = "PyTorch: the same, 1e-8; Keras: 1e-7",
             .when = "optimizer.kind=adam"},
     FIELD(run.optimizer.eps)},
    {.key = {.name = "optimizer.weight_decay",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e6,
             .initial = "0",
             .unit = "",
             .doc = "Coupled weight decay: g <- g + weight_decay*w.",
             .elsewhere = "PyTorch: weight_decay of SGD and Adam (not of AdamW); an L2 penalty of "
                          "weight_decay/2"},
     FIELD(run.optimizer.weight_decay)},
    {.key = {.name = "optimizer.decay_on",
             .type = KEY_CHOICE,
             .words = "weights|all",
             .initial = "weights",
             .unit = "",
             .doc = "What decays: the weight matrices alone, or biases, gamma and beta too.",
             .elsewhere = "PyTorch: all, unless parameter groups say otherwise",
             .when = "optimizer.weight_decay!=0"},
     FIELD(run.optimizer.decay_on)},
    {.key = {.name = "optimizer.clip",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e12,
             .initial = "0",
             .unit = "",
             .doc = "Largest norm of the loss's gradient over all parameters; what is longer is "
                    "shortened to it. 0: no limit."},
     FIELD(run.optimizer.clip)},

    /* train */
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
          .min =
              1,
          .max =
              1e6,
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
    {.key = {.name = "train.order",
             .type = KEY_CHOICE,
             .words = "shuffle|sequential|sorted|classes",
             .initial = "shuffle",
             .unit = "",
             .doc =
                 "Order of the training rows. shuffle: a new permutation each epoch; sequential: "
                 "as they stand in the file; sorted: class after class from 0 on, shuffled "
                 "within each anew each epoch; classes: every mini-batch holds rows of "
                 "train.classes_per_batch classes alone, drawn for it."},
     FIELD(run.train.order)},
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

    /* seeds */
    {.key = {.name = "seed",
             .type = KEY_INT,
             .min = 0,
             .max = LARGEST_SEED,
             .initial = "0",
             .unit = "",
             .doc = "Seed of a run: initial weights, batch order and noise follow from it."},
     FIELD(run.seeds.seed)},
    {.key = {.name = "seeds.init",
             .type = KEY_INT,
             .words = "auto",
             .min = 0,
             .max = LARGEST_SEED,
             .initial = "auto",
             .unit = "",
             .doc = "Seed of the initial weights alone; auto: seed."},
     FIELD(run.seeds.init)},
    {.key = {.name = "seeds.order",
             .type = KEY_INT,
             .words = "auto",
             .min = 0,
             .max = LARGEST_SEED,
             .initial = "auto",
             .unit = "",
             .doc = "Seed of the batch order alone; auto: seed.",
             .when = "train.order!=sequential"},
     FIELD(run.seeds.order)},
    {.key = {.name = "seeds.noise",
             .type = KEY_INT,
             .words = "auto",
             .min = 0,
             .max = LARGEST_SEED,
             .initial = "auto",
             .unit = "",
             .doc = "Seed of the noise that a normalizer injects; auto: seed."},
     FIELD(run.seeds.noise),
     .belongs_to = draws_noise},

    /* eval: the same weights evaluated with other statistics; no part in training */
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
     .belongs_to = has_state},
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
     .belongs_to = averages},

    /* log: no part of a run's identity */
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

enum { N_FIXED = sizeof fixed_rows / sizeof *fixed_rows };

static struct {
    struct pool pool;
    struct row *rows; /* [n]; NULL: not built yet */
    struct value *initial;
    int n;
} table;

/* "norm.kind=batch|layer": the rows of the registry that meet the condition, then the key's own
 * when. "norm.kind=" where there is none: the key applies nowhere. */
static const char *when_belongs(const struct row *row) {
    const char *when = "norm.kind=";
    bool first = true;
    for (int i = 0; i < normalizer_count(); i++)
        if (row->belongs_to(normalizer_get(i))) {
            when =
                pool_format(&table.pool, "%s%s%s", when, first ? "" : "|", normalizer_get(i)->name);
            first = false;
        }
    return row->key.when ? pool_format(&table.pool, "%s %s", when, row->key.when) : when;
}

static void add_fixed_rows(void) {
    for (int i = 0; i < N_FIXED; i++) {
        struct row *row = &table.rows[table.n++];
        *row = fixed_rows[i];
        if (row->belongs_to)
            row->key.when = when_belongs(row);
        if (row->name)
            row->key.words = words_join(row->name, &table.pool);
    }
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && !strcmp(a, b));
}

static bool keys_agree(const struct key *a, const struct key *b) {
    return a->type == b->type && same_text(a->words, b->words) && a->min == b->min &&
           a->max == b->max && a->above_min == b->above_min && same_text(a->initial, b->initial);
}

static struct row *find_row(const char *name) {
    for (int i = 0; i < table.n; i++)
        if (!strcmp(table.rows[i].key.name, name))
            return &table.rows[i];
    return NULL;
}

/* ---- own keys of normalizers ---- */

static bool may_be_own(const struct key *key) {
    bool numeric = key->type == KEY_BOOL || key->type == KEY_INT || key->type == KEY_REAL;
    return (numeric || (key->type == KEY_CHOICE && key->words)) && key->initial && key->doc;
}

static enum status check_beside_fixed(const struct key *key) {
    for (int i = 0; i < N_FIXED; i++)
        if (!strcmp(fixed_rows[i].key.name, key->name))
            return fail(ERROR_USAGE, "own key %s: that name is taken by a key of normlab",
                        key->name);
    return OK;
}

static enum status check_beside_own(const struct normalizer *kind, const struct key *key) {
    for (int i = 0; i < normalizer_count(); i++) {
        const struct normalizer *other = normalizer_get(i);
        for (const struct key *own = other->own_keys; own && own->name; own++)
            if (other != kind && !strcmp(own->name, key->name) && !keys_agree(own, key))
                return fail(ERROR_USAGE,
                            "own key %s: %s has a key of this name, with another type, range or "
                            "default",
                            key->name, other->name);
    }
    return OK;
}

static enum status check_own_key(const struct normalizer *kind, const struct key *key) {
    if (strncmp(key->name, "norm.", 5) != 0)
        return fail(ERROR_USAGE, "own key %s: its name must begin with norm.", key->name);
    if (!may_be_own(key))
        return fail(ERROR_USAGE,
                    "own key %s: it needs a type (bool, int, real, or choice with words), a "
                    "default and a sentence",
                    key->name);
    struct pool pool = {0};
    struct value value;
    enum status status = value_parse(key, key->initial, &pool, &value);
    pool_free(&pool);
    if (status)
        return fail_in(status, "default of an own key");
    status = check_beside_fixed(key);
    return status ? status : check_beside_own(kind, key);
}

enum status key_check_own(const struct normalizer *kind) {
    enum status status = OK;
    for (int k = 0; kind->own_keys && kind->own_keys[k].name && !status; k++)
        status = k < NORM_OWN_KEYS
                     ? check_own_key(kind, &kind->own_keys[k])
                     : fail(ERROR_USAGE, "more than %d own keys, or no {0} behind the last",
                            NORM_OWN_KEYS);
    return status;
}

/* Two normalizers may declare the same key of their own, if they agree on what it is. */
static void add_own_key(const struct normalizer *kind, const struct key *key) {
    assert(!strncmp(key->name, "norm.", 5));
    assert(key->type != KEY_TEXT && key->type != KEY_INTS && key->type != KEY_REALS);
    struct row *row = find_row(key->name);
    if (row) {
        assert(row->own && keys_agree(&row->key, key));
        row->key.when = pool_format(&table.pool, "%s|%s", row->key.when, kind->name);
        return;
    }
    row = &table.rows[table.n++];
    *row = (struct row){.key = *key, .own = true};
    row->key.when = pool_format(&table.pool, "norm.kind=%s", kind->name);
    row->key.unit = key->unit ? key->unit : "";
}

static void add_own_keys(void) {
    for (int i = 0; i < normalizer_count(); i++) {
        const struct key *key = normalizer_get(i)->own_keys;
        for (int k = 0; key && key[k].name; k++) {
            assert(k < NORM_OWN_KEYS);
            add_own_key(normalizer_get(i), &key[k]);
        }
    }
}

static void parse_defaults(void) {
    table.initial = pool_alloc(&table.pool, (size_t)table.n * sizeof *table.initial);
    for (int i = 0; i < table.n; i++) {
        const struct key *key = &table.rows[i].key;
        enum status status = value_parse(key, key->initial, &table.pool, &table.initial[i]);
        assert(!status);
        (void)status;
    }
}

/* Built at first use, and there until the program ends. */
static const struct row *rows(void) {
    if (!table.rows) {
        size_t room = N_FIXED + (size_t)normalizer_count() * NORM_OWN_KEYS;
        table.rows = pool_alloc(&table.pool, room * sizeof *table.rows);
        add_fixed_rows();
        add_own_keys();
        parse_defaults();
    }
    return table.rows;
}

int key_count(void) {
    rows();
    return table.n;
}

const struct key *key_get(int index) {
    return &rows()[index].key;
}

const struct value *key_default(int index) {
    rows();
    return &table.initial[index];
}

int key_find(const char *name) {
    rows();
    const struct row *row = find_row(name);
    return row ? (int)(row - table.rows) : -1;
}

/* "lr" for optimizer.lr: the one key whose last part is `name`, or NULL where there are more. */
static const char *key_ending_in(const char *name) {
    const char *found = NULL;
    for (int i = 0; i < key_count(); i++) {
        const char *dot = strchr(key_get(i)->name, '.');
        if (!dot || strcmp(dot + 1, name) != 0)
            continue;
        if (found)
            return NULL;
        found = key_get(i)->name;
    }
    return found;
}

enum status key_require(const char *name, int *index) {
    int found = key_find(name);
    if (found >= 0) {
        *index = found;
        return OK;
    }
    struct pool pool = {0};
    int n = key_count();
    const char **names = pool_alloc(&pool, (size_t)n * sizeof *names);
    for (int i = 0; i < n; i++)
        names[i] = key_get(i)->name;
    const char *last = strrchr(name, '.') ? strrchr(name, '.') + 1 : name;
    const char *near = key_ending_in(last);
    if (!near)
        near = nearest_word(name, names, n);
    pool_free(&pool);
    if (near)
        return fail(ERROR_USAGE, "unknown key '%s' (did you mean '%s'?)", name, near);
    return fail(ERROR_USAGE, "unknown key '%s'; `normlab describe` lists all", name);
}

static void store_own(const struct key *key, const struct value *value,
                      struct norm_config *config) {
    const struct key *own = normalizer_get(config->kind)->own_keys;
    for (int i = 0; own && own[i].name; i++)
        if (!strcmp(own[i].name, key->name))
            config->own[i] = key->type == KEY_REAL ? value->real : (double)value->integer;
}

void key_store(int index, const struct value *value, struct config *config) {
    const struct row *row = &rows()[index];
    char *field = (char *)config + row->offset;
    if (row->own) {
        store_own(&row->key, value, &config->run.norm);
        return;
    }
    switch (row->key.type) {
    case KEY_BOOL:
        *(bool *)field = value->integer != 0;
        break;
    case KEY_INT:
    case KEY_CHOICE:
        *(long *)field = value->integer;
        break;
    case KEY_REAL:
        *(double *)field = value->real;
        break;
    case KEY_TEXT:
        *(const char **)field = value->text;
        break;
    case KEY_INTS:
    case KEY_REALS:
        *(const double **)field = value->items;
        *(int *)((char *)config + row->count_offset) = value->n_items;
        break;
    }
}
