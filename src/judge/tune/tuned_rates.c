/* Reads the table of scores in a tuned file's comments: which rate each cell got, and where it lies
 * among those that were tried. */
#include "judge/tune/tuned_rates.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "judge/tune/tuned_comment.h"

enum { MOST_CELLS = 64, MOST_RUNS = 1000000 };

struct line {
    int n;
    const char *cells[MOST_CELLS];
};

/* The cells of "#  a  b", which two blanks part; false: it is no such line. */
static bool read_line(const char *text, struct pool *pool, struct line *line) {
    line->n = 0;
    if (strncmp(text, "#  ", 3) != 0)
        return false;
    const char *at = text + 1, *end = text + strcspn(text, "\n");
    while ((at += strspn(at, " ")) < end && line->n < MOST_CELLS) {
        const char *blanks = strstr(at, "  ");
        const char *stop = blanks && blanks < end ? blanks : end;
        line->cells[line->n++] = pool_format(pool, "%.*s", (int)(stop - at), at);
        at = stop;
    }
    return line->n > 0;
}

static const char *next_line(const char *text) {
    text += strcspn(text, "\n");
    return *text ? text + 1 : text;
}

/* "0.8322(2)": 2. */
static int failures_in(const char *score) {
    const char *bracket = strchr(score, '(');
    long n = bracket ? strtol(bracket + 1, NULL, 10) : 0;
    return n > 0 && n < MOST_RUNS ? (int)n : 0;
}

/* The cells from n_keys on are scores: "-", "0.1255", "0.8322(2)", chosen "0.1176*", at the edge
 * "0.1278*!". False: none is chosen. */
static bool read_rate(const struct line *head, const struct line *line, int n_keys,
                      struct pool *pool, struct tuned_rate *rate) {
    int chosen = -1, first = -1, last = -1;
    *rate = (struct tuned_rate){.values = pool_alloc(pool, (size_t)n_keys * sizeof(char *) + 1)};
    if (line->n != head->n)
        return false;
    memcpy(rate->values, line->cells, (size_t)n_keys * sizeof *rate->values);
    for (int i = n_keys; i < line->n; i++) {
        if (!strcmp(line->cells[i], "-"))
            continue;
        chosen = strchr(line->cells[i], '*') ? i : chosen;
        first = first < 0 ? i : first;
        last = i;
        rate->n_tried++;
        rate->n_failed += failures_in(line->cells[i]);
    }
    if (chosen < 0)
        return false;
    const char *score = line->cells[chosen];
    rate->rate = head->cells[chosen];
    rate->score = pool_format(pool, "%.*s", (int)strcspn(score, "*"), score);
    rate->low = head->cells[first];
    rate->high = head->cells[last];
    rate->edge = chosen == first ? TUNED_LOWEST : chosen == last ? TUNED_HIGHEST : TUNED_INSIDE;
    return true;
}

/* "(k): k of its 3 runs diverged or collapsed.": 3; 0 where that is not said. */
static int seeds_in(const char *legend) {
    static const char before[] = "k of its ";
    const char *at = strstr(legend, before);
    long n = at && at < legend + strcspn(legend, "\n") ? strtol(at + strlen(before), NULL, 10) : 0;
    return n > 0 && n < MOST_RUNS ? (int)n : 0;
}

bool tuned_rates_read(const char *text, struct pool *pool, struct tuned_rates *rates) {
    static const char by_rate[] = " by rate; *: chosen", table[] = "\n#\n#  ";
    struct line head, line;
    const char *metric = tuned_comment_is_in(text) ? strstr(text, by_rate) : NULL;
    const char *at = metric ? strstr(metric, table) : NULL;
    *rates = (struct tuned_rates){0};
    if (!at || !read_line(at + strlen("\n#\n"), pool, &head))
        return false;
    const char *begin = metric;
    while (begin > text && begin[-1] != ' ' && begin[-1] != '\n')
        begin--;
    rates->metric = pool_format(pool, "%.*s", (int)(metric - begin), begin);
    rates->n_seeds = seeds_in(metric);
    double rate_of_head;
    while (rates->n_keys < head.n && !number_read(head.cells[rates->n_keys], &rate_of_head))
        rates->n_keys++;
    rates->keys = pool_alloc(pool, sizeof head.cells);
    memcpy(rates->keys, head.cells, sizeof head.cells);
    int capacity = 0;
    for (at = next_line(at + strlen("\n#\n")); read_line(at, pool, &line); at = next_line(at)) {
        rates->all = pool_grow(pool, rates->all, rates->n, &capacity, sizeof *rates->all);
        struct tuned_rate *rate = &rates->all[rates->n++];
        if (!read_rate(&head, &line, rates->n_keys, pool, rate))
            return false;
        rate->learned_nothing =
            rates->n_seeds > 0 && rate->n_failed >= rate->n_tried * rates->n_seeds;
    }
    return rates->n > 0;
}
