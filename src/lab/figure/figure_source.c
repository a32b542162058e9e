/* Reads from a results file what every figure of it needs. */
#include "lab/figure/figure_source.h"

#include <string.h>

#include "lab/store/store.h"
#include "lab/table/run_rows.h"
#include "lab/table/table_join.h"

/* What series there are: those of the first run that ended well, or else that left any. */
static enum status read_shapes(struct figure_source *source) {
    const struct column *runs = table_find(&source->summary, "run");
    for (enum run_end end = END_COMPLETE; end <= END_DIVERGED; end++)
        for (int row = 0; runs && row < source->summary.n_rows; row++)
            if (run_ended(&source->summary, row, end))
                return store_read_series_of(run_file(&source->summary, row, source->file),
                                            runs->texts[row], NULL, &source->shapes);
    return OK;
}

/* A definition that this program cannot read, say of a later version, is no obstacle: the file then
 * gets the figures that suit its numbers. */
static void read_definition(struct figure_source *source, const char *yaml) {
    static bool said;
    source->has_experiment =
        experiment_parse(source->path, yaml, 0, NULL, &source->experiment) == OK;
    if (!source->has_experiment)
        notice_once(&said,
                    "a definition in results cannot be used, nor the figures that it names: %s",
                    status_message());
}

enum status figure_source_open(int n, const char *const *paths, struct figure_source *source) {
    *source = (struct figure_source){.path = paths[0], .file = n == 1 ? paths[0] : NULL};
    struct store_header header = {0};
    enum status status = store_read_summaries(n, paths, &source->summary);
    if (!status)
        status = store_read_header(paths[0], &source->pool, &header);
    if (!status)
        status = read_shapes(source);
    if (status) {
        figure_source_close(source);
        return status;
    }
    source->title = header.title && *header.title ? header.title : header.name;
    if (header.yaml && *header.yaml)
        read_definition(source, header.yaml);
    return OK;
}

void figure_source_close(struct figure_source *source) {
    table_free(&source->summary);
    record_free(&source->shapes);
    if (source->has_experiment)
        experiment_free(&source->experiment);
    pool_free(&source->pool);
    *source = (struct figure_source){0};
}
