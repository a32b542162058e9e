/* Reads from a run's provenance what made it, and counts kinds. */
#include "lab/merge/run_kind.h"

#include <string.h>

static const char *text_of(const struct attributes *provenance, const char *name) {
    const struct attribute *attribute = attributes_find(provenance, name);
    bool is_there = attribute && attribute->type == TYPE_TEXT && *attribute->text;
    return is_there ? attribute->text : "unknown";
}

static bool is_dirty(const struct attributes *provenance) {
    const struct attribute *dirty = attributes_find(provenance, "git_dirty");
    return dirty && dirty->type == TYPE_BOOL && dirty->integer != 0;
}

struct run_kind run_kind_of(const struct attributes *provenance, struct pool *pool) {
    return (struct run_kind){
        .processor = pool_text(pool, text_of(provenance, "processor")),
        .build = pool_format(pool, "normlab %s (%s%s, %s, %s)", text_of(provenance, "version"),
                             text_of(provenance, "git_commit"),
                             is_dirty(provenance) ? " with changes" : "",
                             text_of(provenance, "compiler"), text_of(provenance, "products"))};
}

bool run_kind_same(const struct run_kind *a, const struct run_kind *b) {
    return !strcmp(a->processor, b->processor) && !strcmp(a->build, b->build);
}

static void count(struct kind_counts *counts, const char *word, struct pool *pool) {
    int i = 0;
    while (i < counts->n && strcmp(counts->items[i].word, word) != 0)
        i++;
    if (i == counts->n) {
        counts->items =
            pool_grow(pool, counts->items, counts->n, &counts->capacity, sizeof *counts->items);
        counts->items[counts->n++] = (struct kind_count){pool_text(pool, word), 0};
    }
    counts->items[i].n_runs++;
}

void run_kinds_add(struct run_kinds *kinds, const struct run_kind *kind, struct pool *pool) {
    count(&kinds->processors, kind->processor, pool);
    count(&kinds->builds, kind->build, pool);
}

/* "2 processors: AMD EPYC (3 runs), Intel Xeon (1)" behind what is there. */
static const char *counts_text(const char *text, const char *noun, const struct kind_counts *counts,
                               struct pool *pool) {
    if (counts->n < 2)
        return text;
    text = pool_format(pool, "%s%s%d %s: ", text ? text : "", text ? "; " : "", counts->n, noun);
    for (int i = 0; i < counts->n; i++) {
        const struct kind_count *item = &counts->items[i];
        const char *runs = item->n_runs == 1 ? " run" : " runs";
        text = pool_format(pool, "%s%s%s (%d%s)", text, i ? ", " : "", item->word, item->n_runs,
                           i ? "" : runs);
    }
    return text;
}

const char *run_kinds_text(const struct run_kinds *kinds, struct pool *pool) {
    const char *text = counts_text(NULL, "processors", &kinds->processors, pool);
    return counts_text(text, "builds", &kinds->builds, pool);
}
