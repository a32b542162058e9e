/* The table of sources: what every kind shares of checking, loading, hashing and comparing. */
#include "engine/data/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "io/install_paths.h"

#define DECLARE(word, name) extern const struct source_kind source_##name;
DATA_SOURCES(DECLARE)

#define ROW(word, name) &source_##name,
static const struct source_kind *const kinds[] = {DATA_SOURCES(ROW)};

_Static_assert(sizeof(((struct data_source *)0)->hash) == HASH_TEXT_SIZE, "a hash is 32 digits");

static const uint64_t max_size_bytes = (uint64_t)4 << 30;

int source_kind_count(void) {
    return sizeof kinds / sizeof *kinds;
}

const struct source_kind *source_kind_get(long index) {
    return kinds[index];
}

const char *source_kind_name(int index) {
    return index < source_kind_count() ? kinds[index]->name : NULL;
}

const char *source_kind_how(const struct source_kind *kind, struct pool *pool) {
    if (!kind->script)
        return kind->how;
    const char *script = share_find(kind->script, pool);
    return pool_format(pool, "make it by R (apt-get install %s; Rscript %s) or %s", kind->package,
                       script ? script : pool_format(pool, "share/%s", kind->script), kind->how);
}

/* ---- checks ---- */

static enum status check_sizes(const struct data_config *config) {
    if (config->classes < 2 || config->classes > 256)
        return fail_key(ERROR_USAGE, "data.classes", "%ld is not in 2..256", config->classes);
    if (config->rows < 1 || config->test_rows < 1 || config->rows > INT32_MAX ||
        config->test_rows > INT32_MAX)
        return fail_key(ERROR_USAGE, "data.rows|data.test_rows", "not in 1..%d", INT32_MAX);
    return OK;
}

static enum status check_features(const struct data_config *config) {
    uint64_t n = (uint64_t)(config->rows + config->test_rows);
    if (config->features < 1 || (uint64_t)config->features > max_size_bytes / sizeof(float) / n)
        return fail_key(ERROR_USAGE, "data.features",
                        "%ld columns of %ld + %ld rows are not between one column and 4 GiB",
                        config->features, config->rows, config->test_rows);
    return OK;
}

enum status data_source_check(const struct data_config *config) {
    unsigned reads = kinds[config->name]->reads;
    enum status status = reads & READS_SIZES ? check_sizes(config) : OK;
    if (status)
        return status;
    if (reads & READS_SPREAD && !(config->spread >= 0 && isfinite(config->spread)))
        return fail_key(ERROR_USAGE, "data.spread", "%g is not a deviation", config->spread);
    if (reads & READS_CONDITION && !(config->condition >= 1 && isfinite(config->condition)))
        return fail_key(ERROR_USAGE, "data.condition", "%g is not a ratio of at least 1",
                        config->condition);
    return reads & READS_FEATURES ? check_features(config) : OK;
}

/* ---- the hash of the content ---- */

struct part {
    size_t n, F, K;
    const uint8_t *bytes;
    const float *values;
    const uint8_t *labels;
    const float *targets;
};

static void add_part(struct hash *hash, const struct part *part) {
    size_t n = part->n;
    if (part->bytes)
        hash_add(hash, part->bytes, n * part->F);
    else
        hash_add(hash, part->values, n * part->F * sizeof *part->values);
    if (part->labels)
        hash_add(hash, part->labels, n);
    else
        hash_add(hash, part->targets, n * part->K * sizeof *part->targets);
}

static void set_hash(struct data_source *source) {
    struct hash hash;
    size_t n_train = (size_t)source->n_train_rows, n_test = (size_t)source->n_test_rows;
    size_t F = (size_t)source->n_features, K = (size_t)source->n_classes;
    const struct part train = {n_train,
                               F,
                               K,
                               source->train_bytes,
                               source->train_values,
                               source->train_labels,
                               source->train_targets};
    const struct part test = {n_test,
                              F,
                              K,
                              source->test_bytes,
                              source->test_values,
                              source->test_labels,
                              source->test_targets};
    const uint64_t shape[] = {n_train, n_test, F, K,
                              source->train_bytes ? sizeof(uint8_t) : sizeof(float)};
    hash_begin(&hash);
    hash_add(&hash, shape, sizeof shape);
    add_part(&hash, &train);
    add_part(&hash, &test);
    if (source->origins)
        hash_add(&hash, source->origins, F * sizeof *source->origins);
    hash_end(&hash, source->hash);
}

/* ---- the whole ---- */

/* What a kind does not read of targets and columns is not the keys' to say. */
static struct data_config settle(const struct data_config *config) {
    const struct source_kind *kind = kinds[config->name];
    struct data_config settled = *config;
    if (!(kind->reads & READS_TARGETS))
        settled.targets = TARGETS_AUTO;
    if (!(kind->reads & READS_COLUMNS)) {
        settled.target = NULL;
        settled.header = kind->header;
        settled.test_share = kind->test_share;
    }
    if (!settled.target)
        settled.target = ""; /* the last column */
    return settled;
}

enum status data_source_load(const struct data_config *config, struct data_source **source) {
    const struct source_kind *kind = kinds[config->name];
    enum status status = data_source_check(config);
    if (status)
        return status;
    struct data_source *loaded = calloc(1, sizeof *loaded);
    if (!loaded)
        return fail(ERROR_RUN, "out of memory");
    const struct data_config settled = settle(config);
    status = kind->open(kind, &settled, loaded);
    if (status) {
        data_source_free(loaded);
        return status;
    }
    set_hash(loaded);
    *source = loaded;
    return OK;
}

void data_source_free(struct data_source *source) {
    if (!source)
        return;
    const void *const blocks[] = {source->train_bytes,   source->test_bytes,   source->train_values,
                                  source->test_values,   source->train_labels, source->test_labels,
                                  source->train_targets, source->test_targets, source->origins,
                                  source->class_names};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free((void *)blocks[i]);
    free(source);
}

const char *data_source_dir(const struct data_config *config) {
    const char *usual = kinds[config->name]->dir;
    return config->dir && config->dir[0] ? config->dir : usual ? usual : "";
}

/* As a shell has them. */
static enum status expand_home(const char *dir, struct pool *pool, const char **expanded) {
    static const char *const homes[] = {"~", "$HOME", "${HOME}"};
    *expanded = dir;
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        size_t size = strlen(homes[i]);
        if (strncmp(dir, homes[i], size) != 0 || !strchr("/", dir[size]))
            continue;
        const char *home = getenv("HOME");
        if (!home || !*home)
            return fail_key(ERROR_USAGE, "data.dir", "begins with %s, and HOME is not set",
                            homes[i]);
        *expanded = pool_format(pool, "%s%s", home, dir + size);
    }
    return OK;
}

enum status data_source_path(const struct data_config *config, struct pool *pool,
                             const char **path) {
    const struct source_kind *kind = kinds[config->name];
    const char *dir = data_source_dir(config);
    if (!dir[0])
        return fail_key(ERROR_USAGE, "data.dir", "is empty, but data.name: %s needs it: %s",
                        kind->name, kind->how);
    return expand_home(dir, pool, path);
}

/* Files are the same by their folder, whatever the source is called. */
static bool same_files(const struct data_config *a, const struct data_config *b) {
    const struct data_config first = settle(a), second = settle(b);
    return kinds[a->name]->open == kinds[b->name]->open &&
           !strcmp(data_source_dir(a), data_source_dir(b)) && first.targets == second.targets &&
           !strcmp(first.target, second.target) && first.header == second.header &&
           first.test_share == second.test_share;
}

bool data_source_same(const struct data_config *a, const struct data_config *b) {
    unsigned reads = kinds[a->name]->reads;
    if (reads & kinds[b->name]->reads & READS_DIR)
        return same_files(a, b);
    bool sizes = a->seed == b->seed && a->classes == b->classes && a->rows == b->rows &&
                 a->test_rows == b->test_rows;
    return a->name == b->name && (sizes || !(reads & READS_SIZES)) &&
           (a->features == b->features || !(reads & READS_FEATURES)) &&
           (a->spread == b->spread || !(reads & READS_SPREAD)) &&
           (a->condition == b->condition || !(reads & READS_CONDITION));
}
