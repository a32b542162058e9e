#include "engine/diagnostics/ablation.h"

#include "engine/diagnostics/sample.h"
#include "engine/kernel/reduce.h"

enum { CHUNK = 256 }; /* rows that one thread looks at at a time */

struct removal_worker {
    struct workspace whole, changed;
    float *product; /* [CHUNK, out] of the layer above the unit */
    struct target *targets;
};

static int rows_of(const struct trainer *trainer) {
    return sample_rows(trainer->dataset->n[PART_VALIDATION]);
}

static struct span chunk_of(const struct trainer *trainer, int chunk) {
    return span_tile(rows_of(trainer), CHUNK, chunk);
}

static int chunks(const struct trainer *trainer) {
    return span_tiles(rows_of(trainer), CHUNK);
}

static void layout_worker(struct removal_worker *worker, struct arena *arena,
                          const struct mlp *mlp) {
    int widest = 0;
    for (int k = 0; k < mlp->n_layers; k++)
        widest = mlp->layers[k].out > widest ? mlp->layers[k].out : widest;
    workspace_layout_eval(&worker->whole, arena, mlp, CHUNK);
    workspace_layout_eval(&worker->changed, arena, mlp, CHUNK);
    worker->product = arena_floats(arena, (size_t)CHUNK * (size_t)widest);
    worker->targets = arena_alloc(arena, CHUNK, sizeof *worker->targets);
}

static void free_worker(struct removal_worker *worker) {
    workspace_free(&worker->whole);
    workspace_free(&worker->changed);
}

static void layout_workers(struct removal_study *study, struct arena *arena,
                           const struct trainer *trainer) {
    study->n_workers = trainer->n_threads;
    study->workers = arena_alloc(arena, (size_t)study->n_workers, sizeof *study->workers);
    for (int i = 0; i < study->n_workers; i++) {
        struct removal_worker counted = {0};
        layout_worker(study->workers ? &study->workers[i] : &counted, arena, &trainer->mlp);
        free_worker(&counted);
    }
}

void removal_study_layout(struct removal_study *study, struct arena *arena,
                          const struct trainer *trainer) {
    const struct mlp *mlp = &trainer->mlp;
    study->first = arena_alloc(arena, (size_t)mlp->n_layers, sizeof *study->first);
    study->n_units = 0;
    for (int k = 0; k < mlp->n_layers - 1; k++) {
        if (study->first)
            study->first[k] = study->n_units;
        study->n_units += mlp->layers[k].out;
    }
    size_t n = (size_t)study->n_units, n_chunks = (size_t)chunks(trainer);
    study->mean = arena_doubles(arena, n);
    study->increase = arena_doubles(arena, n);
    study->sums = arena_doubles(arena, n_chunks * n);
    study->wrong = arena_doubles(arena, n_chunks * (n + 1));
    layout_workers(study, arena, trainer);
}

void removal_study_free(struct removal_study *study) {
    for (int i = 0; study->workers && i < study->n_workers; i++)
        free_worker(&study->workers[i]);
}

struct look {
    struct removal_study *study;
    const struct trainer *trainer;
};

static void pass_chunk(const struct look *look, struct removal_worker *worker, struct span rows) {
    const struct trainer *trainer = look->trainer;
    dataset_gather(trainer->dataset, PART_VALIDATION, NULL, 0, rows.begin,
                   (struct span){0, span_size(rows)}, worker->whole.x, worker->targets);
    mlp_forward_eval(&trainer->mlp, &worker->whole, trainer->mlp.states, span_size(rows));
}

static double count_wrong(const struct mlp *mlp, const struct workspace *workspace,
                          const struct target *targets, int rows) {
    int K = mlp->n_outputs;
    double wrong = 0;
    for (int b = 0; b < rows; b++)
        wrong += loss_error(workspace->y[mlp->n_layers - 1] + (long)b * K, K, targets[b]);
    return wrong;
}

/* Sums of every unit's output, and the errors of the whole network. */
static void sum_outputs(struct team team, void *argument) {
    const struct look *look = argument;
    struct removal_study *study = look->study;
    struct removal_worker *worker = &study->workers[team.rank];
    const struct mlp *mlp = &look->trainer->mlp;
    TEAM_TILES (team, c, chunks(look->trainer)) {
        struct span rows = chunk_of(look->trainer, c);
        pass_chunk(look, worker, rows);
        for (int k = 0; k < mlp->n_layers - 1; k++)
            reduce_columns(0, mlp->layers[k].out, span_size(rows), mlp->layers[k].out,
                           worker->whole.y[k],
                           study->sums + (long)c * study->n_units + study->first[k]);
        study->wrong[(long)c * (study->n_units + 1) + study->n_units] =
            count_wrong(mlp, &worker->whole, worker->targets, span_size(rows));
    }
}

/* changed a[k + 1] = product + (mean - y_j) W_j, with W_j the weights that unit j of layer k goes
 * by; then on to the outputs. */
static void pass_without(const struct look *look, struct removal_worker *worker, int k, int j,
                         int rows) {
    const struct mlp *mlp = &look->trainer->mlp;
    const struct layer *above = &mlp->layers[k + 1];
    int D = above->out;
    const float *W = above->W + (long)j * D, *y = worker->whole.y[k] + j;
    float mean = (float)look->study->mean[look->study->first[k] + j];
    for (int b = 0; b < rows; b++) {
        float difference = mean - y[(long)b * above->in];
        for (int i = 0; i < D; i++)
            worker->changed.a[k + 1][(long)b * D + i] =
                worker->product[(long)b * D + i] + difference * W[i];
    }
    mlp_finish_eval(mlp, &worker->changed, k + 1, mlp->states, rows);
    for (int l = k + 2; l < mlp->n_layers; l++) {
        mlp_linear(mlp, &worker->changed, l, rows, worker->changed.a[l]);
        mlp_finish_eval(mlp, &worker->changed, l, mlp->states, rows);
    }
}

static void remove_units(struct team team, void *argument) {
    const struct look *look = argument;
    struct removal_study *study = look->study;
    struct removal_worker *worker = &study->workers[team.rank];
    const struct mlp *mlp = &look->trainer->mlp;
    TEAM_TILES (team, c, chunks(look->trainer)) {
        int rows = span_size(chunk_of(look->trainer, c));
        double *wrong = study->wrong + (long)c * (study->n_units + 1);
        pass_chunk(look, worker, chunk_of(look->trainer, c));
        for (int k = 0; k < mlp->n_layers - 1; k++) {
            mlp_linear(mlp, &worker->whole, k + 1, rows, worker->product);
            for (int j = 0; j < mlp->layers[k].out; j++) {
                pass_without(look, worker, k, j, rows);
                wrong[study->first[k] + j] =
                    count_wrong(mlp, &worker->changed, worker->targets, rows);
            }
        }
    }
}

void removal_study_look(struct removal_study *study, const struct trainer *trainer) {
    struct look look = {study, trainer};
    int n = study->n_units, n_chunks = chunks(trainer), n_rows = rows_of(trainer);
    team_run(study->n_workers, sum_outputs, &look);
    for (int u = 0; u < n; u++) {
        study->mean[u] = 0;
        for (int c = 0; c < n_chunks; c++)
            study->mean[u] += study->sums[(long)c * n + u] / n_rows;
    }
    team_run(study->n_workers, remove_units, &look);
    for (int u = 0; u < n; u++) {
        double more = 0;
        for (int c = 0; c < n_chunks; c++)
            more += study->wrong[(long)c * (n + 1) + u] - study->wrong[(long)c * (n + 1) + n];
        study->increase[u] = more / n_rows;
    }
}
