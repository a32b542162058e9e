#include <math.h>

#include "engine/data/dataset.h"
#include "tests/engine/data/idx_files.h"

TestSuite(generated);

static const struct data_config clusters = {.name = DATA_CLUSTERS,
                                            .train = -1,
                                            .test = -1,
                                            .rescale_factor = 1,
                                            .classes = 5,
                                            .features = 8,
                                            .rows = 20000,
                                            .test_rows = 4000,
                                            .spread = 0.5,
                                            .condition = 50};
static const struct data_config spirals = {.name = DATA_SPIRALS,
                                           .train = -1,
                                           .test = -1,
                                           .rescale_factor = 1,
                                           .classes = 3,
                                           .rows = 3000,
                                           .test_rows = 300,
                                           .spread = 0.02};

static struct data_source *load(const struct data_config *config) {
    struct data_source *source = NULL;
    cr_assert(data_source_load(config, &source) == OK, "%s", status_message());
    return source;
}

/* Deviation of feature j: of class k around its mean, or with k = -1 of all rows. */
static double deviation(const struct data_source *source, int j, int k) {
    double n = 0, sum = 0, square = 0;
    for (int pass = 0; pass < 2; pass++)
        for (long i = 0; i < source->n_train_rows; i++) {
            double x = (double)source->train_values[i * source->n_features + j];
            if (k >= 0 && source->train_labels[i] != k)
                continue;
            if (pass == 0)
                n++, sum += x;
            else
                square += (x - sum / n) * (x - sum / n);
        }
    return sqrt(square / n);
}

/* With n rows a deviation is known to 1/sqrt(2n): 0.5 % of 20,000, 1.1 % of 4,000. */
Test(generated, clusters_have_the_condition_that_was_asked_for) {
    struct data_source *source = load(&clusters);
    double first = deviation(source, 0, -1), last = deviation(source, 7, -1);
    cr_assert(fabs(first / last / 50 - 1) <= 0.04, "condition %g instead of 50", first / last);
    cr_assert(fabs(first / sqrt(1.25) - 1) <= 0.02, "deviation %g instead of sqrt(1 + 0.5^2)",
              first);
    for (int j = 0; j < 8; j++) {
        double expected = pow(50, -j / 7.0) * sqrt(1.25);
        cr_assert(fabs(deviation(source, j, -1) / expected - 1) <= 0.02, "feature %d: %g, not %g",
                  j, deviation(source, j, -1), expected);
    }
    data_source_free(source);
}

Test(generated, clusters_have_the_spread_that_was_asked_for) {
    struct data_source *source = load(&clusters);
    for (int k = 0; k < 5; k++)
        for (int j = 0; j < 8; j++) {
            double expected = 0.5 * pow(50, -j / 7.0);
            cr_assert(fabs(deviation(source, j, k) / expected - 1) <= 0.05,
                      "class %d, feature %d: %g instead of %g", k, j, deviation(source, j, k),
                      expected);
        }
    data_source_free(source);
}

Test(generated, training_and_test_rows_have_the_same_centres) {
    struct data_source *source = load(&clusters);
    for (int k = 0; k < 5; k++)
        for (int j = 0; j < 8; j++) {
            double train = 0, test = 0;
            for (long i = 0; i < source->n_train_rows; i++)
                train += source->train_labels[i] == k ? (double)source->train_values[i * 8 + j] : 0;
            for (long i = 0; i < source->n_test_rows; i++)
                test += source->test_labels[i] == k ? (double)source->test_values[i * 8 + j] : 0;
            double error = 0.5 * pow(50, -j / 7.0) * sqrt(1 / 4000.0 + 1 / 800.0);
            cr_assert(fabs(train / 4000 - test / 800) <= 4.5 * error,
                      "class %d, feature %d: centres %g and %g", k, j, train / 4000, test / 800);
        }
    data_source_free(source);
}

/* The noise of training row i and of test row i, without the centres: correlation times sqrt(n). */
Test(generated, test_rows_have_noise_of_their_own) {
    struct data_config noise = clusters;
    noise.spread = 1e6;
    noise.condition = 1;
    struct data_source *source = load(&noise);
    double sum = 0;
    for (long i = 0; i < source->n_test_rows * 8; i++)
        sum += (double)source->train_values[i] / 1e6 * (double)source->test_values[i] / 1e6;
    double z = sum / sqrt((double)source->n_test_rows * 8);
    cr_assert(fabs(z) <= 4.5, "test rows repeat training rows: correlated by %g deviations", z);
    data_source_free(source);
}

Test(generated, classes_are_balanced_and_mixed) {
    struct data_source *source = load(&clusters);
    long counts[5] = {0}, equal = 0;
    for (long i = 0; i < source->n_train_rows; i++)
        counts[source->train_labels[i]]++;
    for (int k = 0; k < 5; k++)
        cr_assert(counts[k] == 4000, "class %d has %ld rows", k, counts[k]);
    for (long i = 1; i < source->n_train_rows; i++)
        equal += source->train_labels[i] == source->train_labels[i - 1];
    cr_assert(fabs((double)equal - 4000) <= 4.5 * sqrt(3200), "%ld neighbours of one class", equal);
    data_source_free(source);
}

Test(generated, reproducible_and_follows_the_seed) {
    const struct data_config *const configs[] = {&clusters, &spirals};
    for (int c = 0; c < 2; c++) {
        struct data_config other = *configs[c];
        other.seed = 1;
        struct data_source *a = load(configs[c]), *b = load(configs[c]), *d = load(&other);
        size_t size = (size_t)(a->n_train_rows * a->n_features) * sizeof(float);
        cr_assert(!strcmp(a->hash, b->hash) && strlen(a->hash) == 32, "%s, %s", a->hash, b->hash);
        cr_assert(!memcmp(a->train_values, b->train_values, size), "values differ");
        cr_assert(strcmp(a->hash, d->hash) != 0, "the seed changes nothing");
        cr_assert(memcmp(a->train_values, d->train_values, size) != 0, "the seed changes nothing");
        data_source_free(a);
        data_source_free(b);
        data_source_free(d);
    }
}

Test(generated, spirals_are_arms) {
    struct data_config exact = spirals;
    exact.spread = 0;
    struct data_source *clean = load(&exact), *noisy = load(&spirals);
    const double turn = 2 * acos(-1.0);
    double square = 0;
    cr_assert(clean->n_features == 2 && clean->n_classes == 3, "spirals lie in the plane");
    for (long i = 0; i < clean->n_train_rows; i++) {
        double x = (double)clean->train_values[2 * i], y = (double)clean->train_values[2 * i + 1];
        double r = hypot(x, y), phase = (atan2(y, x) / turn - r) * 3 - clean->train_labels[i];
        cr_assert(r <= 1 + 1e-6, "row %ld lies at radius %g", i, r);
        if (r > 0.01)
            cr_assert(fabs(phase / 3 - round(phase / 3)) <= 1e-4, "row %ld is off its arm", i);
        for (int j = 0; j < 2; j++)
            square +=
                pow((double)(noisy->train_values[2 * i + j] - clean->train_values[2 * i + j]), 2);
    }
    double noise = sqrt(square / 6000);
    cr_assert(fabs(noise / 0.02 - 1) <= 0.05, "noise of deviation %g instead of 0.02", noise);
    data_source_free(clean);
    data_source_free(noisy);
}

Test(generated, settings_that_make_no_set) {
    const struct {
        const char *key, *word;
        long name, classes, features, rows;
        double spread, condition;
    } bad[] = {
        {"data.classes", "1", DATA_CLUSTERS, 1, 2, 10, 1, 1},
        {"data.classes", "257", DATA_SPIRALS, 257, 2, 10, 1, 1},
        {"data.rows", "1..", DATA_CLUSTERS, 2, 2, 0, 1, 1},
        {"data.spread", "-1", DATA_CLUSTERS, 2, 2, 10, -1, 1},
        {"data.spread", "nan", DATA_SPIRALS, 2, 2, 10, (double)NAN, 1},
        {"data.condition", "0.5", DATA_CLUSTERS, 2, 2, 10, 1, 0.5},
        {"data.features", "0", DATA_CLUSTERS, 2, 0, 10, 1, 1},
        {"data.features", "4 GiB", DATA_CLUSTERS, 2, 1000000000, 10, 1, 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct data_config config = clusters;
        struct data_source *source = NULL;
        config.name = bad[i].name;
        config.classes = bad[i].classes;
        config.features = bad[i].features;
        config.rows = bad[i].rows;
        config.spread = bad[i].spread;
        config.condition = bad[i].condition;
        ASSERT_FAILURE(bad[i].key, data_source_load(&config, &source), ERROR_USAGE, bad[i].key,
                       bad[i].word);
        cr_assert(source == NULL, "%s: a source all the same", bad[i].key);
    }
}

/* The smallest sets there are: one feature, one row, classes without rows. */
Test(generated, small_sets) {
    struct data_config config = clusters;
    config.classes = 256;
    config.features = 1;
    config.rows = config.test_rows = 1;
    config.scale = SCALE_STANDARDIZE_FEATURES;
    struct data_source *source = load(&config);
    struct dataset *dataset;
    float x;
    struct target target;
    cr_assert(dataset_create(&config, source, &dataset) == OK, "%s", status_message());
    dataset_gather(dataset, PART_TRAIN, NULL, 0, 0, (struct span){0, 1}, &x, &target);
    cr_assert(x == 0 && target.label >= 0 && target.label < 256, "x %g, label %d", (double)x,
              target.label);
    dataset_free(dataset);
    data_source_free(source);
}

/* ---- every row of the table ---- */

static struct data_config small_of(long name) {
    return (struct data_config){.name = name,
                                .train = -1,
                                .test = -1,
                                .rescale_factor = 1,
                                .classes = 3,
                                .features = 4,
                                .rows = 60,
                                .test_rows = 30,
                                .spread = 0.5,
                                .condition = 2};
}

static void check_content(const struct source_kind *kind, const struct data_source *source) {
    long n = source->n_train_rows * source->n_features;
    cr_assert(source->n_train_rows == 60 && source->n_test_rows == 30 && source->n_classes == 3,
              "%s: %ld and %ld rows, %d classes", kind->name, source->n_train_rows,
              source->n_test_rows, source->n_classes);
    cr_assert(!source->train_labels == !!source->train_targets,
              "%s: labels or targets, one of them", kind->name);
    for (long i = 0; i < n; i++)
        cr_assert(isfinite(source->train_values[i]), "%s: value %ld is no number", kind->name, i);
    for (long i = 0; source->train_labels && i < 60; i++)
        cr_assert(source->train_labels[i] < 3, "%s: label %d", kind->name, source->train_labels[i]);
    cr_assert(memcmp(source->train_values, source->test_values,
                     30 * (size_t)source->n_features * sizeof(float)) != 0,
              "%s: the test rows are training rows", kind->name);
}

/* A generated set is a function of the keys that its row reads. */
Test(generated, every_generated_source_follows_from_its_keys) {
    int n = 0;
    for (int i = 0; i < source_kind_count(); i++) {
        const struct source_kind *kind = source_kind_get(i);
        struct data_config config = small_of(i), other = small_of(i);
        cr_assert(kind->title && kind->open, "%s: a title and a function", kind->name);
        if (kind->reads & READS_DIR)
            continue;
        n++;
        struct data_source *one = load(&config), *again = load(&config);
        check_content(kind, one);
        cr_expect(!strcmp(one->hash, again->hash), "%s: two sets of the same keys", kind->name);
        other.seed = 1;
        struct data_source *another = load(&other);
        cr_expect(strcmp(one->hash, another->hash) != 0, "%s: two seeds, one set", kind->name);
        cr_expect(!data_source_same(&config, &other), "%s: two seeds are one source", kind->name);
        other = config;
        other.features += !(kind->reads & READS_FEATURES);
        other.spread += !(kind->reads & READS_SPREAD);
        other.condition += !(kind->reads & READS_CONDITION);
        struct data_source *unread = load(&other);
        cr_expect(!strcmp(one->hash, unread->hash), "%s: reads a key that its row does not name",
                  kind->name);
        cr_expect(data_source_same(&config, &other), "%s: an unread key makes another source",
                  kind->name);
        data_source_free(one);
        data_source_free(again);
        data_source_free(another);
        data_source_free(unread);
    }
    cr_assert(n > 0, "no generated source");
}
