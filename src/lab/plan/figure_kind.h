/* The kinds of figures that are known: a script of scripts/figures, what it draws where nothing is
 * said, and when it is drawn unasked. A script that is not in the table draws what error_vs_key
 * draws. */
#pragma once

#include <stdbool.h>

enum figure_x {
    FIGURE_X_GIVEN,  /* the row's x */
    FIGURE_X_NUMBER, /* the first key of numbers that varies */
    FIGURE_X_CHOICE, /* the first key of words that varies */
};

struct figure_kind {
    const char *script, *doc;
    const char *varied; /* drawn unasked where these keys vary ("a b"); NULL: no condition */
    const char *series; /* and where there are these series ("epoch/test_error") */
    bool fallback;      /* and nothing else was */
    bool crowded;       /* beside others only while its arms are few */
    const char *group;  /* the group of its series; NULL: the summary */
    enum figure_x x_from;
    const char *x;
    const char *y;      /* metrics, a comma between them; of "a|b" the first that has values */
    int most_metrics;   /* that it can draw */
    const char *second; /* what test_error_population is called beside the running statistics */
    const char *grid;   /* what may be chosen: "panel", "row", "panel row" */
    const char *panel, *row; /* keys, used where they vary */
    const char *y_label;     /* NULL: the metric's name */
    int most_arms;           /* that a reader can tell apart */
    bool arms_are_panels;    /* each in each panel has one of its own: they count together */
    bool cells;              /* numbers in cells: without intervals and single runs */
    bool x_may_be_absent;    /* runs to which x does not apply are drawn too */
    bool x_everywhere;       /* they are drawn at every x: a level line */
    bool log_x;              /* always on a logarithmic axis */
};

int figure_kind_count(void);
const struct figure_kind *figure_kind_get(int index);
const struct figure_kind *figure_kind_find(const char *script); /* NULL: unknown */
/* A file of the user's own ("my/figure.gp"), not a name of scripts/figures? */
bool figure_script_is_path(const char *script);
