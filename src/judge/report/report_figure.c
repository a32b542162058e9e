/* Pictures of the page: gnuplot's SVG, cut out of its file and made a part of the page. */
#include "judge/report/report_figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"
#include "judge/report/report_words.h"
#include "lab/figure/figure_draw.h"
#include "lab/figure/figure_list.h"
#include "lab/figure/gnuplot.h"

/* ---- a folder for gnuplot's files ---- */

static void remove_folder(const char *folder, struct pool *pool) {
    static const char *const suffixes[] = {".tsv", "-points.tsv"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        unlink(pool_format(pool, "%s/figure%s", folder, suffixes[i]));
    rmdir(folder);
}

/* ---- gnuplot's SVG as a part of a page ---- */

/* `text` with every `from` replaced. */
static const char *replaced(const char *text, const char *from, const char *to, struct pool *pool) {
    size_t n = 0, length = strlen(from);
    for (const char *at = strstr(text, from); at; at = strstr(at + length, from))
        n++;
    char *result = pool_alloc(pool, strlen(text) + n * strlen(to) + 1), *end = result;
    for (const char *at; (at = strstr(text, from)); text = at + length) {
        memcpy(end, text, (size_t)(at - text));
        end = stpcpy(end + (at - text), to);
    }
    strcpy(end, text);
    return result;
}

/* From <svg on, one picture to screen readers, named by its caption (the page has a table of what
 * is in it), with ids of its own, and with the width at which its text has the size that it was
 * drawn for. */
static enum status embed(const struct picture *picture, int number, struct pool *pool,
                         const char **svg) {
    const char *begin = strstr(picture->bytes, "<svg"),
               *box = begin ? strstr(begin, "viewBox=\"") : NULL;
    const char *open = begin ? strchr(begin, '>') : NULL;
    if (!box || !open || box > open)
        return fail(ERROR_RUN, "gnuplot wrote no SVG");
    box += strlen("viewBox=\"");
    const char *body = open + 1, *desc = strstr(body, "</desc>");
    body = desc ? desc + strlen("</desc>") : body;
    body = replaced(body, "id=\"", pool_format(pool, "id=\"f%d:", number), pool);
    body = replaced(body, "id='", pool_format(pool, "id='f%d:", number), pool);
    body = replaced(body, "href='#", pool_format(pool, "href='#f%d:", number), pool);
    body = replaced(body, "url(#", pool_format(pool, "url(#f%d:", number), pool);
    double width = 0;
    if (sscanf(box, "%*f %*f %lf", &width) != 1)
        return fail(ERROR_RUN, "gnuplot wrote an SVG without a size");
    *svg = pool_format(pool,
                       "<svg viewBox=\"%.*s\" style=\"--natural:%.0fpx\" "
                       "xmlns=\"http://www.w3.org/2000/svg\" "
                       "xmlns:xlink=\"http://www.w3.org/1999/xlink\" role=\"img\" "
                       "aria-labelledby=\"caption:%d\" focusable=\"false\">%s",
                       (int)strcspn(box, "\""), box, width, number, body);
    return OK;
}

/* ---- paired differences ---- */

/* The strata from the top, then all of them together where there are several. */
static void difference_tables(const struct answer *answer, struct table *data,
                              struct table *points) {
    const struct decision *decision = &answer->decision;
    const struct contrast *contrast = &answer->contrast;
    int n = contrast->n_strata, seeds = contrast->n_seeds, lines = n > 1 ? n + 1 : 1;
    table_create(data, lines);
    table_create(points, lines * seeds);
    long *place = table_add(data, "place", TYPE_INT, "", "")->integers;
    const char **name = table_add(data, "name", TYPE_TEXT, "", "")->texts;
    double *estimate = table_add(data, "estimate", TYPE_REAL, "", "")->reals;
    double *low = table_add(data, "low", TYPE_REAL, "", "")->reals;
    double *high = table_add(data, "high", TYPE_REAL, "", "")->reals;
    const char **effect = table_add(data, "effect", TYPE_TEXT, "", "")->texts;
    long *point_place = table_add(points, "place", TYPE_INT, "", "")->integers;
    double *value = table_add(points, "value", TYPE_REAL, "", "")->reals;
    for (int s = 0; s < lines; s++) {
        const struct finding *finding = s < n && n > 1 ? &decision->strata[s] : &decision->overall;
        place[s] = s + 1;
        name[s] = n > 1 ? (s < n ? report_stratum(contrast->strata[s], &data->pool) : "all") : "";
        estimate[s] = finding->estimate;
        low[s] = finding->interval_rows.low; /* that of the seeds where there are no rows */
        high[s] = finding->interval_rows.high;
        effect[s] = effect_name(finding->tests.effect);
        for (int i = 0; i < seeds; i++) {
            double sum = 0;
            for (int k = 0; k < n; k++)
                sum += contrast->d[k * seeds + i] / n;
            point_place[s * seeds + i] = s + 1;
            value[s * seeds + i] = s < n ? contrast->d[s * seeds + i] : sum;
        }
    }
}

/* Pixels: on a telephone its text is as large as that of the page. */
#define NARROW "360"

static enum status draw_differences(const struct answer *answer, const char *folder,
                                    struct pool *pool, struct picture *picture) {
    const struct claim_question *question = answer->question;
    struct table data, points;
    const char *script;
    enum status status = figure_script_find("differences", pool, &script);
    if (status)
        return status;
    const char *options[] = {
        pool_format(pool, "delta=%.17g", question->delta),
        figure_option_text("xlabel",
                           pool_format(pool, *question->unit ? "%s less %s, %s" : "%s less %s%s",
                                       question->more.name, question->less.name, question->unit),
                           pool),
        "width=" NARROW,
        question->equality ? "left=second larger" : "left=against the claim",
        question->equality ? "right=first larger" : "right=for the claim",
    };
    struct gnuplot_call call = {.script = script,
                                .terminal = "svg",
                                .out = pool_format(pool, "%s/figure.svg", folder),
                                .data = pool_format(pool, "%s/figure.tsv", folder),
                                .points = pool_format(pool, "%s/figure-points.tsv", folder),
                                .n_options = sizeof options / sizeof *options,
                                .options = options};
    difference_tables(answer, &data, &points);
    status = figure_write_table(call.data, &data);
    if (!status)
        status = figure_write_table(call.points, &points);
    if (!status)
        status = gnuplot_run(&call, pool, picture);
    table_free(&data);
    table_free(&points);
    return status;
}

enum status report_draw_answer(const struct answer *answer, int number, struct pool *pool,
                               const char **svg) {
    const char *folder;
    struct picture picture;
    enum status status = folder_temporary("report", pool, &folder);
    if (status)
        return status;
    status = draw_differences(answer, folder, pool, &picture);
    if (!status)
        status = embed(&picture, number, pool, svg);
    remove_folder(folder, pool);
    return status;
}

enum status report_draw_results(const char *results, const struct experiment *own, int index,
                                int number, struct pool *pool, struct report_figure *figure) {
    struct figure_source source;
    struct figure *figures;
    const char *folder;
    int n = 0;
    *figure = (struct report_figure){0};
    enum status status = figure_source_open(1, &results, &source);
    if (status)
        return status;
    source.own = own;
    status = folder_temporary("report", pool, &folder);
    if (!status && source.has_experiment && source.experiment.n_figures > 0 &&
        figure_list(&source, NULL, 0, NULL, pool, &figures, &n) == OK && index < n) {
        const char *stem = pool_format(pool, "%s/figure", folder);
        struct picture picture;
        char *table = NULL;
        status = figure_draw_svg(&source, &figures[index], stem, pool, &figure->caption, &picture);
        if (!status)
            status = file_read(pool_format(pool, "%s.tsv", stem), pool, &table);
        if (!status)
            status = embed(&picture, number, pool, &figure->svg);
        figure->table = table;
        if (status == ERROR_USAGE) /* nothing to draw, in a cut of it */
            status = OK;
    }
    figure->n = n;
    remove_folder(folder, pool);
    figure_source_close(&source);
    return status;
}
