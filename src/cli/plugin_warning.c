/* Tries the laws on the normalizers that a command line has loaded, before anything is trained with
 * them. */
#include "cli/plugin_warning.h"

#include "base/visible.h"
#include "base/words.h"
#include "judge/check/laws.h"
#include "lab/config/cell.h"

static struct norm_config default_config(long kind, struct pool *pool) {
    struct cell cell;
    struct config config;
    cell_create(&cell, pool);
    cell.values[key_find("norm.kind")].integer = kind;
    cell_finish(&cell, &config);
    return config.run.norm;
}

static enum status warn_of(long kind, FILE *out, struct pool *pool) {
    const struct norm_config config = default_config(kind, pool);
    const char *name = normalizer_get(kind)->name, *broken = "";
    enum status status = OK;
    int n = 0;
    for (int i = 0; i < law_count() && !status; i++) {
        struct law_result result;
        status = law_judge_apart(law_get(i), &config, &result);
        if (!status && result.verdict == LAW_BROKEN)
            broken = pool_format(pool, "%s%s%s", broken, n++ ? ", " : "", law_get(i)->name);
    }
    if (!status && n)
        text_print(out,
                   "normlab: warning: %s breaks %d law%s (%s), so that what is trained with it may "
                   "mean nothing; `normlab check %s --plugin %s` says where\n",
                   name, n, plural(n), broken, name, normalizer_object(kind).file);
    return status;
}

enum status plugin_warn(FILE *out) {
    struct pool pool = {0};
    enum status status = OK;
    for (long kind = 0; kind < normalizer_count() && !status; kind++)
        if (normalizer_object(kind).hash)
            status = warn_of(kind, out, &pool);
    pool_free(&pool);
    return status;
}
