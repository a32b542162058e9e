/* Compares two files of one run, and names where they differ. */
#include "lab/merge/run_copies.h"

#include <math.h>
#include <sys/stat.h>

#include "base/words.h"
#include "lab/config/keys.h"
#include "lab/merge/record_diff.h"
#include "lab/merge/run_kind.h"
#include "lab/store/store.h"

bool run_copies_one_file(const char *path, const char *copy) {
    struct stat a, b;
    return stat(path, &a) == 0 && stat(copy, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool is_logged_alike(const struct record_diff *diff) {
    for (int i = 0; i < diff->n; i++) {
        int key = diff->items[i].part == DIFF_CONFIGURATION ? key_find(diff->items[i].name) : -1;
        if (key >= 0 && key_get(key)->volatile_ && !key_get(key)->local)
            return false;
    }
    return true;
}

/* What only one has, or only one knows (nan), is no disagreement where the other did not log it. */
static const struct record_difference *find_disagreement(const struct record_diff *diff, int *n) {
    const struct record_difference *found = NULL;
    bool alike = is_logged_alike(diff);
    *n = 0;
    for (int i = 0; i < diff->n; i++) {
        const struct record_difference *item = &diff->items[i];
        bool is_result = item->part == DIFF_METRIC || item->part == DIFF_SERIES;
        if (!is_result || !(alike || isfinite(item->relative)))
            continue;
        found = found ? found : item;
        ++*n;
    }
    return found;
}

static struct run_difference find_difference(const struct record *one, const struct record *other,
                                             struct pool *pool) {
    struct record_diff diff;
    struct run_difference difference = {0};
    record_compare(one, other, &diff);
    const struct record_difference *item = find_disagreement(&diff, &difference.n);
    if (item) {
        difference.name = pool_text(pool, item->name);
        difference.a = pool_text(pool, item->a);
        difference.b = pool_text(pool, item->b);
        difference.made_a = run_kind_of(&one->provenance, pool);
        difference.made_b = run_kind_of(&other->provenance, pool);
    }
    record_diff_free(&diff);
    return difference;
}

enum status run_copies_compare(const char *path, const char *copy, struct pool *pool,
                               struct run_difference *difference) {
    struct record other = {0};
    enum status status = store_read_run(copy, &other);
    if (!status)
        status = run_copies_compare_record(path, &other, pool, difference);
    record_free(&other);
    return status;
}

enum status run_copies_compare_record(const char *path, const struct record *record,
                                      struct pool *pool, struct run_difference *difference) {
    struct record one = {0};
    enum status status = store_read_run(path, &one);
    if (!status)
        *difference = find_difference(&one, record, pool);
    record_free(&one);
    return status;
}

static const char *copy_text(const struct run_copy *copy, const struct run_kind *made,
                             struct pool *pool) {
    return pool_format(pool, "%s (%s%s%s%s, %s)", copy->path, *copy->host ? "host " : "",
                       copy->host, *copy->host ? ", " : "", made->processor, made->build);
}

const char *run_difference_text(const struct run_difference *difference, const struct run_copy *a,
                                const struct run_copy *b, struct pool *pool) {
    int more = difference->n - 1;
    const char *others = more > 0 ? pool_format(pool, "; %d other%s differ%s, too", more,
                                                plural(more), more == 1 ? "s" : "")
                                  : "";
    return pool_format(pool, "%s is %s in %s and %s in %s%s", difference->name, difference->a,
                       copy_text(a, &difference->made_a, pool), difference->b,
                       copy_text(b, &difference->made_b, pool), others);
}
