/* The data sets that have a name, found or not. */
#include "cli/data_sets.h"

#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "cli/print_table.h"
#include "engine/data/source.h"

bool data_sets_has(long source) {
    const struct source_kind *kind = source_kind_get(source);
    return kind->dir || !(kind->reads & READS_DIR);
}

long data_sets_find(const char *name) {
    for (int i = 0; i < source_kind_count(); i++)
        if (data_sets_has(i) && !strcmp(source_kind_name(i), name))
            return i;
    return -1;
}

const char *data_sets_near(const char *name) {
    enum { MOST = 64 };
    const char *names[MOST];
    int n = 0;
    for (int i = 0; i < source_kind_count() && n < MOST; i++)
        if (data_sets_has(i))
            names[n++] = source_kind_name(i);
    return nearest_word(name, names, n);
}

/* "yes", "no" or "generated". */
static const char *is_found(long source, struct pool *pool) {
    const struct data_config config = {.name = source};
    const char *path;
    if (!source_kind_get(source)->dir)
        return "generated";
    return data_source_path(&config, pool, &path) == OK && access(path, R_OK) == 0 ? "yes" : "no";
}

enum status data_sets_print(const struct output_options *options) {
    struct output_heading heading = {.command = "data"};
    struct table table;
    int n = 0;
    table_create(&table, source_kind_count());
    const char **names = print_texts(&table, "name"), **found = print_texts(&table, "found"),
               **titles = print_texts(&table, "title"), **places = print_texts(&table, "place");
    for (int i = 0; i < source_kind_count(); i++) {
        const struct source_kind *kind = source_kind_get(i);
        if (!data_sets_has(i))
            continue;
        names[n] = kind->name;
        titles[n] = kind->title;
        places[n] = kind->dir ? kind->dir : "";
        found[n] = is_found(i, &table.pool);
        if (!strcmp(found[n], "no"))
            note(&heading.notes, &table.pool, "%s: %s", kind->name,
                 source_kind_how(kind, &table.pool));
        n++;
    }
    table.n_rows = n;
    enum status status = output_table(options, &heading, &table, stdout);
    if (!status)
        notes_print(options, &heading.notes);
    table_free(&table);
    return status;
}
