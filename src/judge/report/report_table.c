/* Text and tab-separated tables as HTML. */
#include "judge/report/report_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"

/* What stands for a character that HTML reads as its own; NULL: the character itself. */
static const char *entity(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

const char *report_escape(const char *text, struct pool *pool) {
    static const size_t longest = sizeof "&quot;";
    text = text_visible(text ? text : "", pool);
    char *escaped = pool_alloc(pool, strlen(text) * longest + 1), *end = escaped;
    for (; *text; text++)
        if (entity(*text))
            end = stpcpy(end, entity(*text));
        else
            *end++ = *text;
    return escaped;
}

void report_put(FILE *out, const char *text) {
    struct pool pool = {0};
    fputs(report_escape(text, &pool), out);
    pool_free(&pool);
}

/* ---- tab-separated text ---- */

enum { MOST_COLUMNS = 64 };

/* The next line's cells, which point into the text; *text moves behind the line. */
static int next_cells(char **text, char *cells[MOST_COLUMNS]) {
    char *line = *text, *end = strchr(line, '\n');
    *text = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';
    int n = 0;
    while (line && n < MOST_COLUMNS) {
        cells[n++] = line;
        line = strchr(line, '\t');
        if (line)
            *line++ = '\0';
    }
    return n;
}

/* Which columns have something in a row behind the first. */
static void find_used(const char *tsv, bool used[MOST_COLUMNS]) {
    struct pool pool = {0};
    char *text = pool_text(&pool, tsv), *cells[MOST_COLUMNS];
    next_cells(&text, cells);
    while (*text) {
        int n = next_cells(&text, cells);
        for (int i = 0; i < n; i++)
            used[i] |= *cells[i] != '\0';
    }
    pool_free(&pool);
}

static void put_cell(FILE *out, const char *cell) {
    char *end;
    double number = strtod(cell, &end);
    if (*cell && !*end) {
        fprintf(out, "<td class=\"n\">%.4g</td>", number);
    } else {
        fputs("<td>", out);
        report_put(out, cell);
        fputs("</td>", out);
    }
}

void report_put_table(FILE *out, const char *tsv) {
    struct pool pool = {0};
    bool used[MOST_COLUMNS] = {false};
    char *text = pool_text(&pool, tsv), *cells[MOST_COLUMNS];
    find_used(tsv, used);
    fputs("<div class=\"wide\"><table><thead><tr>", out);
    int n = next_cells(&text, cells);
    for (int i = 0; i < n; i++)
        if (used[i]) {
            fputs("<th scope=\"col\">", out);
            report_put(out, cells[i]);
            fputs("</th>", out);
        }
    fputs("</tr></thead><tbody>\n", out);
    while (*text) {
        fputs("<tr>", out);
        n = next_cells(&text, cells);
        for (int i = 0; i < n; i++)
            if (used[i])
                put_cell(out, cells[i]);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>", out);
    pool_free(&pool);
}
