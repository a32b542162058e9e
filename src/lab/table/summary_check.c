/* Types of known columns, ids and statuses. */
#include "lab/table/summary_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "base/words.h"
#include "lab/config/identity.h"
#include "lab/table/summary_columns.h"

/* ---- types ---- */

enum cell_type key_column_type(const struct key *key) {
    switch (key->type) {
    case KEY_BOOL:
        return TYPE_BOOL;
    case KEY_INT:
        return TYPE_INT;
    case KEY_REAL:
        return TYPE_REAL;
    default:
        return TYPE_TEXT;
    }
}

/* False: the name is not known. */
static bool find_type(const char *name, enum cell_type *type) {
    for (int i = 0; i < summary_column_count(); i++) {
        if (strcmp(summary_column_get(i)->name, name) == 0) {
            *type = summary_column_get(i)->type;
            return true;
        }
    }
    int key = key_find(name);
    if (key >= 0)
        *type = key_column_type(key_get(key));
    else
        *type = TYPE_TEXT;
    return key >= 0 || strcmp(name, "run") == 0;
}

enum status column_type_check(const char *name, enum cell_type type) {
    static const char *const words[] = {[TYPE_INT] = "whole numbers",
                                        [TYPE_REAL] = "reals",
                                        [TYPE_TEXT] = "texts",
                                        [TYPE_BOOL] = "booleans"};
    enum cell_type known;
    if (!find_type(name, &known) || known == type)
        return OK;
    return fail(ERROR_RESULTS, "'%s': %s where %s belong", name, words[type], words[known]);
}

const char *column_minus_one(const char *name, struct pool *pool) {
    int index = key_find(name);
    enum cell_type type;
    if (index < 0)
        return find_type(name, &type) ? "" : NULL;
    const struct key *key = key_get(index);
    if (key->type != KEY_INT || !key->words)
        return key->when ? "" : NULL;
    return key->when ? pool_format(pool, "%s_or_not_applicable", key->words) : key->words;
}

/* ---- a summary ---- */

static bool is_id(const char *text) {
    return run_id_begins(text) && strlen(text) == RUN_ID_SIZE - 1;
}

static enum status check_ids(const struct table *summary) {
    const struct column *runs = table_find(summary, "run");
    size_t n = (size_t)summary->n_rows;
    struct pool pool = {0};
    enum status status = OK;
    if (!runs)
        return fail(ERROR_RESULTS, "no column 'run'");
    const char **ids = pool_alloc(&pool, (n + 1) * sizeof *ids);
    memcpy(ids, runs->texts, n * sizeof *ids);
    sort_texts(ids, n);
    for (size_t i = 0; i < n && !status; i++)
        if (!is_id(ids[i]))
            status = fail(ERROR_RESULTS, "'run': '%.32s' is no id of a run", ids[i]);
        else if (i > 0 && strcmp(ids[i - 1], ids[i]) == 0)
            status = fail(ERROR_RESULTS, "'run': '%s' is there twice", ids[i]);
    pool_free(&pool);
    return status;
}

static enum status check_statuses(const struct table *summary) {
    static const char words[] = "complete|diverged|failed|missing";
    const struct column *statuses = table_find(summary, "status");
    if (!statuses)
        return fail(ERROR_RESULTS, "no column 'status'");
    for (int row = 0; row < summary->n_rows; row++)
        if (words_find(words, statuses->texts[row]) < 0)
            return fail(ERROR_RESULTS, "'status': no run ends as '%.32s'", statuses->texts[row]);
    return OK;
}

enum status summary_check(const struct table *summary) {
    enum status status = OK;
    for (int i = 0; i < summary->n_columns && !status; i++)
        status = column_type_check(summary->columns[i].name, summary->columns[i].type);
    if (!status)
        status = check_ids(summary);
    if (!status)
        status = check_statuses(summary);
    return status ? fail_in(status, "summary") : OK;
}
