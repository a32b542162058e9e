/* From the words of `normlab bench` to the cells that are measured. */
#include "cli/bench_request.h"

#include <string.h>

#include "lab/config/keys.h"

/* What is read before the cells follow from it. */
struct longs {
    int n;
    long *items;
};

struct widths {
    int n;
    int *items;
};

struct lists {
    struct widths *sizes;
    struct longs norms, placements;
};

enum { MOST_WIDTH = 1 << 20 };

/* A word of the option as a value of the key `name` of an experiment file. */
static enum status read_choice(const char *option, const char *name, const char *word,
                               struct pool *pool, long *index) {
    struct key key = *key_get(key_find(name));
    struct value value;
    key.name = option;
    enum status status = value_parse(&key, word, pool, &value);
    if (!status)
        *index = value.integer;
    return status;
}

static enum status read_choices(const char *option, const char *name, const struct words *words,
                                struct pool *pool, struct longs *list) {
    enum status status = OK;
    *list = (struct longs){words->n, pool_alloc(pool, (size_t)words->n * sizeof *list->items)};
    for (int i = 0; i < words->n && !status; i++)
        status = read_choice(option, name, words->items[i], pool, &list->items[i]);
    return status;
}

static enum status check_widths(const char *text, const struct widths *widths) {
    int classes = widths->items[widths->n - 1];
    if (widths->n < 2)
        return fail(ERROR_USAGE,
                    "--sizes: '%s' is one width; a network has at least features and classes, "
                    "like 784-10",
                    text);
    if (widths->n - 1 > MLP_MAX_LAYERS)
        return fail(ERROR_USAGE, "--sizes: %d layers are more than %d", widths->n - 1,
                    MLP_MAX_LAYERS);
    if (classes < 2 || classes > BENCH_MOST_CLASSES)
        return fail(ERROR_USAGE, "--sizes: '%s' ends with %d; there can be 2 to %d classes", text,
                    classes, BENCH_MOST_CLASSES);
    return OK;
}

/* "784-100-10": features, hidden units, classes. */
static enum status read_widths(const char *text, struct pool *pool, struct widths *widths) {
    const struct key key = {
        .name = "--sizes", .type = KEY_INT, .min = 1, .max = MOST_WIDTH, .unit = ""};
    const char *at = text;
    widths->items = pool_alloc(pool, (strlen(text) + 1) * sizeof *widths->items);
    for (bool more = true; more;) {
        size_t size = strcspn(at, "-");
        struct value value;
        enum status status =
            value_parse(&key, pool_format(pool, "%.*s", (int)size, at), pool, &value);
        if (status)
            return fail(status, "%s (in '%s'; write widths like 784-100-10)", status_message(),
                        text);
        widths->items[widths->n++] = (int)value.integer;
        more = at[size] == '-';
        at += size + more;
    }
    return check_widths(text, widths);
}

static enum status read_sizes(const struct words *words, struct pool *pool, struct widths **sizes) {
    enum status status = OK;
    *sizes = pool_alloc(pool, (size_t)words->n * sizeof **sizes);
    for (int i = 0; i < words->n && !status; i++)
        status = read_widths(words->items[i], pool, &(*sizes)[i]);
    return status;
}

/* All lists crossed; without a normalizer there is no placement. */
static void cross(const struct bench_words *words, const struct lists *lists, struct pool *pool,
                  struct bench_request *request) {
    int n =
        words->sizes.n * lists->norms.n * lists->placements.n * words->batches.n * words->threads.n;
    long none = normalizer_find("none");
    request->cells = pool_alloc(pool, (size_t)n * sizeof *request->cells);
    for (int i = 0; i < n; i++) {
        int rest = i;
        int thread = rest % words->threads.n;
        rest /= words->threads.n;
        int batch = rest % words->batches.n;
        rest /= words->batches.n;
        int placement = rest % lists->placements.n;
        rest /= lists->placements.n;
        int norm = rest % lists->norms.n;
        const struct widths *widths = &lists->sizes[rest / lists->norms.n];
        if (lists->norms.items[norm] == none && placement > 0)
            continue;
        request->cells[request->n_cells++] =
            (struct bench_cell){.n_widths = widths->n,
                                .widths = widths->items,
                                .norm = lists->norms.items[norm],
                                .placement = lists->placements.items[placement],
                                .B = words->batches.items[batch],
                                .n_threads = words->threads.items[thread]};
    }
}

enum status bench_request_read(const struct bench_words *words, struct pool *pool,
                               struct bench_request *request) {
    struct lists lists = {0};
    struct bench_request read = {.options = {.seconds = words->seconds, .profile = words->profile}};
    enum status status = read_sizes(&words->sizes, pool, &lists.sizes);
    if (!status)
        status = read_choices("--norm", "norm.kind", &words->norms, pool, &lists.norms);
    if (!status)
        status = read_choices("--placement", "norm.placement", &words->placements, pool,
                              &lists.placements);
    if (!status)
        status = read_choice("--log", "log.level", words->log, pool, &read.options.log);
    if (status)
        return status;
    cross(words, &lists, pool, &read);
    for (int i = 0; i < read.n_cells && !status; i++)
        status = bench_check(&read.cells[i]);
    if (!status)
        *request = read;
    return status;
}
