/* The keys data.*: which rows there are, and what is done to them before training. */
#include "lab/config/key_group.h"
#include "lab/config/keys.h"

/* Titles of the sources that read files, or of the others, after `text`. */
static const char *add_titles(const char *text, bool files, struct pool *pool) {
    const char *comma = "";
    for (int i = 0; i < source_kind_count(); i++) {
        const struct source_kind *kind = source_kind_get(i);
        if ((kind->reads & READS_DIR ? true : false) != files)
            continue;
        text = pool_format(pool, "%s%s%s", text, comma, kind->title);
        comma = ", ";
    }
    return text;
}

static const char *sources_doc(struct pool *pool) {
    const char *doc = add_titles("The data set: ", true, pool);
    doc = add_titles(pool_format(pool, "%s, or generated: ", doc), false, pool);
    doc = pool_format(pool, "%s.", doc);
    for (int i = 0; i < source_kind_count(); i++)
        if (source_kind_get(i)->note)
            doc = pool_format(pool, "%s %s", doc, source_kind_get(i)->note);
    return doc;
}

static const char *dir_doc(struct pool *pool) {
    const char *doc = "Where the data are; empty: the usual place of a set that has a name, as "
                      "`normlab data` lists them. It may begin with ~ or $HOME. The content is "
                      "part of a run's identity, the "
                      "place is not. By data.name:";
    const char *comma = " ";
    for (int i = 0; i < source_kind_count(); i++) {
        const struct source_kind *kind = source_kind_get(i);
        if (!kind->holds)
            continue;
        doc = pool_format(pool, "%s%s%s, %s", doc, comma, kind->name, kind->holds(pool));
        comma = ". ";
    }
    return pool_format(pool, "%s.", doc);
}

static const struct key_row data_rows[] = {
    {.key = {.name = "data.name", .type = KEY_CHOICE, .initial = "fashion-mnist", .unit = ""},
     FIELD(run.data.name),
     .name = source_kind_name,
     .make_doc = sources_doc},
    {.key = {.name = "data.dir",
             .type = KEY_TEXT,
             .initial = "",
             .unit = "",
             .volatile_ = true,
             .local = true},
     FIELD(run.data.dir),
     .make_doc = dir_doc,
     .source_reads = READS_DIR},
    {.key = {.name = "data.targets",
             .type = KEY_CHOICE,
             .words = "auto|classes|numbers",
             .initial = "auto",
             .unit = "",
             .doc = "What the targets are. classes: 0, 1, 2, ... without gaps, up to 255; numbers: "
                    "to be met by the outputs, which takes train.loss squared; auto: classes, "
                    "unless they are floats, or in CSV fractions. It is not part of a run's "
                    "identity, which the targets "
                    "themselves are.",
             .volatile_ = true},
     FIELD(run.data.targets),
     .source_reads = READS_TARGETS},
    {.key = {.name = "data.target",
             .type = KEY_TEXT,
             .initial = "",
             .unit = "",
             .doc = "The column of the targets, by its name or its number, from 0; empty: the "
                    "last. Classes that are words are numbered in the order of the alphabet.",
             .volatile_ = true},
     FIELD(run.data.target),
     .source_reads = READS_COLUMNS},
    {.key = {.name = "data.header",
             .type = KEY_BOOL,
             .initial = "true",
             .unit = "",
             .doc = "Does the first line have the names of the columns?",
             .volatile_ = true},
     FIELD(run.data.header),
     .source_reads = READS_COLUMNS},
    {.key = {.name = "data.test_share",
             .type = KEY_REAL,
             .min = 0.001,
             .max = 0.999,
             .initial = "0.2",
             .unit = "1",
             .doc = "Of a single file, the share of its rows that are for testing: of 0.2, each "
                    "fifth.",
             .volatile_ = true},
     FIELD(run.data.test_share),
     .source_reads = READS_COLUMNS},
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
    {.key = {.name = "data.split",
             .type = KEY_CHOICE,
             .words = "file|folds",
             .initial = "file",
             .unit = "",
             .doc = "From which rows these three are taken. file: from the two files as they are. "
                    "folds: the rows of both files, the training file's first, are dealt out in "
                    "turn to seven folds, row i to fold i mod 7; fold `seed` mod 7 is for testing, "
                    "and the others, in their order, stand for the training file.",
             .since = 2},
     FIELD(run.data.split)},
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
             .max = WHOLE_MAX,
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
             .max = WHOLE_MAX,
             .initial = "0",
             .unit = "",
             .doc = "Seed of a generated data set; `seed` has no part in the data."},
     FIELD(run.data.seed),
     .source_reads = READS_SIZES},
    {.key = {.name = "data.classes",
             .type = KEY_INT,
             .min = 2,
             .max = 256,
             .initial = "10",
             .unit = "",
             .doc = "Classes of a generated data set; of linear: columns of the targets."},
     FIELD(run.data.classes),
     .source_reads = READS_SIZES},
    {.key = {.name = "data.features",
             .type = KEY_INT,
             .min = 1,
             .max = 65536,
             .initial = "20",
             .unit = "",
             .doc = "Columns of the generated clusters and of linear; spirals have two."},
     FIELD(run.data.features),
     .source_reads = READS_FEATURES},
    {.key = {.name = "data.rows",
             .type = KEY_INT,
             .min = 1,
             .max = LARGEST_ROWS,
             .initial = "20000",
             .unit = "rows",
             .doc = "Training and validation rows of a generated data set."},
     FIELD(run.data.rows),
     .source_reads = READS_SIZES},
    {.key = {.name = "data.test_rows",
             .type = KEY_INT,
             .min = 1,
             .max = LARGEST_ROWS,
             .initial = "5000",
             .unit = "rows",
             .doc = "Test rows of a generated data set."},
     FIELD(run.data.test_rows),
     .source_reads = READS_SIZES},
    {.key = {.name = "data.spread",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e6,
             .initial = "1",
             .unit = "",
             .doc = "Deviation of a cluster, where the centres have deviation 1 in each feature; "
                    "for spirals: of the noise, where the radius is 1 (0.05 is a good value "
                    "there)."},
     FIELD(run.data.spread),
     .source_reads = READS_SPREAD},
    {.key = {.name = "data.condition",
             .type = KEY_REAL,
             .min = 1,
             .max = 1e12,
             .initial = "1",
             .unit = "",
             .doc = "Largest over smallest deviation of the clusters' features."},
     FIELD(run.data.condition),
     .source_reads = READS_CONDITION},
};

const struct key_group data_keys = KEY_GROUP(data_rows);
