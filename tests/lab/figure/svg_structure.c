/* Reads gnuplot's SVG by its words: it writes a line for each thing. */
#include "tests/lab/figure/svg_structure.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands between the words after `at`; "" where they are not there. */
static const char *between(const char *at, const char *before, const char *after,
                           struct pool *pool) {
    const char *from = strstr(at, before);
    const char *to = from ? strstr(from + strlen(before), after) : NULL;
    return to ? pool_format(pool, "%.*s", (int)(to - from - (long)strlen(before)),
                            from + strlen(before))
              : "";
}

static double width_of(const char *svg, struct pool *pool) {
    return atof(between(svg, " width=\"", "\"", pool));
}

static double height_of(const char *svg, struct pool *pool) {
    return atof(between(svg, " height=\"", "\"", pool));
}

/* ---- texts ---- */

struct text_box {
    const char *text;
    double left, right, top, bottom;
};

/* The next text at or after *at; false: there is none. */
static bool next_text(const char **at, struct text_box *box, struct pool *pool) {
    const char *begin = strstr(*at, "<text>");
    double x = 0, y = 0;
    if (!begin)
        return false;
    const char *place = begin;
    while (strncmp(place, "translate(", 10) != 0)
        place--;
    sscanf(place, "translate(%lf,%lf)", &x, &y);
    const char *anchor = between(place, "text-anchor=\"", "\"", pool);
    double size = atof(between(place, "font-size=\"", "\"", pool));
    box->text = between(begin, "<text>", "</text>", pool);
    double length = 0.5 * size * (double)strlen(box->text);
    double before = !strcmp(anchor, "end") ? 1 : !strcmp(anchor, "middle") ? 0.5 : 0;
    bool upright = strstr(pool_format(pool, "%.*s", (int)strcspn(place, ">"), place), "rotate");
    *box = upright ? (struct text_box){box->text, x - 0.7 * size, x, y - (1 - before) * length,
                                       y + before * length}
                   : (struct text_box){box->text, x - before * length, x + (1 - before) * length,
                                       y - 0.7 * size, y};
    *at = begin + 1;
    return true;
}

static bool overlap(const struct text_box *a, const struct text_box *b) {
    enum { SLACK = 1 };
    return a->left + SLACK < b->right && b->left + SLACK < a->right && a->top + SLACK < b->bottom &&
           b->top + SLACK < a->bottom;
}

static bool is_no_number(const char *text) {
    return !strcmp(text, "nan") || !strcmp(text, "inf") || !strcmp(text, "-nan") ||
           !strcmp(text, "-inf") || strstr(text, "NaN");
}

const char *svg_fault(const char *svg, struct pool *pool) {
    enum { MOST = 4096 };
    struct text_box *boxes = pool_alloc(pool, MOST * sizeof *boxes);
    int n = 0;
    const char *at = svg;
    while (n < MOST && next_text(&at, &boxes[n], pool)) {
        const struct text_box *box = &boxes[n];
        if (!*box->text)
            continue;
        if (is_no_number(box->text))
            return pool_format(pool, "'%s' is no number", box->text);
        if (box->left < 0 || box->top < 0 || box->right > width_of(svg, pool) ||
            box->bottom > height_of(svg, pool))
            return pool_format(pool, "'%s' leaves the page: %g to %g, %g to %g", box->text,
                               box->left, box->right, box->top, box->bottom);
        for (int i = 0; i < n; i++)
            if (overlap(box, &boxes[i]))
                return pool_format(pool, "'%s' stands on '%s' at %g, %g", box->text, boxes[i].text,
                                   box->left, box->top);
        n++;
    }
    return NULL;
}

/* ---- symbols and lines ---- */

/* A kind of thing and how many of it there are. */
struct tally {
    const char *what;
    int n;
};

enum { MOST_TALLIES = 512 };

static void count(const char *what, struct tally *tallies, int *n) {
    for (int i = 0; i < *n; i++)
        if (!strcmp(tallies[i].what, what)) {
            tallies[i].n++;
            return;
        }
    if (*n < MOST_TALLIES)
        tallies[(*n)++] = (struct tally){what, 1};
}

static const char *tallies_text(int n, const struct tally *tallies, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < n; i++)
        text = pool_format(pool, "%s%d x %s\n", text, tallies[i].n, tallies[i].what);
    return text;
}

/* "gpPt7 rgb(0, 114, 178)", "area rgb(...)", "line rgb(...)"; NULL: nothing that shows numbers. */
static const char *thing(const char *tag, struct pool *pool) {
    if (!strncmp(tag, "<use xlink", 10))
        return pool_format(pool, "%s %s", between(tag, "#", "'", pool),
                           between(tag, "color='", "'", pool));
    if (!strncmp(tag, "<polygon", 8))
        return pool_format(pool, "area %s", between(tag, "fill = '", "'", pool));
    if (!strncmp(tag, "<path stroke='rgb", 17) && !strstr(tag, "gridline"))
        return pool_format(pool, "line %s", between(tag, "stroke='", "'", pool));
    return NULL;
}

/* After the definitions. */
static const char *things(const char *svg, struct pool *pool) {
    struct tally *tallies = pool_alloc(pool, MOST_TALLIES * sizeof *tallies);
    int n = 0;
    const char *defs = strstr(svg, "</defs>");
    for (const char *at = defs; at; at = strchr(at + 1, '<')) {
        const char *what = thing(pool_format(pool, "%.*s", (int)strcspn(at, ">"), at), pool);
        if (what)
            count(what, tallies, &n);
    }
    return tallies_text(n, tallies, pool);
}

const char *svg_structure(const char *svg, struct pool *pool) {
    const char *text = pool_format(pool, "%g x %g\n", width_of(svg, pool), height_of(svg, pool)),
               *at = svg;
    struct text_box box;
    while (next_text(&at, &box, pool))
        if (*box.text)
            text = pool_format(pool, "%s\"%s\"\n", text, box.text);
    return pool_format(pool, "%s%s", text, things(svg, pool));
}
