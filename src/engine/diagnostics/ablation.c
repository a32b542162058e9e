/* Removes one unit after the other: the layer above gets its mean, and errors are counted. */
#include "engine/diagnostics/ablation.h"

#include "engine/diagnostics/snapshot.h"
#include "engine/kernel/reduce.h"

enum { CHUNK = 256 }; /* rows that one thread takes at a time */

struct ablation_worker {
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

static void layout_worker(struct ablation_worker *worker, struct arena *arena,
                          const struct mlp *mlp) {
    int widest = 0;
    for (int k = 0; k < mlp->n_layers; k++)
        widest = mlp->layers[k].out > widest ? mlp->layers[k].out : widest;
    workspace_layout_eval(&worker->whole, arena, mlp, CHUNK);
    workspace_layout_eval(&worker->changed, arena, mlp, CHUNK);
    worker->product = arena_floats(arena, (size_t)CHUNK * (size_t)widest);
    worker->targets = arena_alloc(arena, CHUNK, sizeof *worker->targets);
}

static void free_worker(struct ablation_worker *worker) {
    workspace_free(&worker->whole);
    workspace_free(&worker->changed);
}

static void layout_workers(struct ablation *ablation, struct arena *arena,
                           const struct trainer *trainer) {
    ablation->n_workers = trainer->n_threads;
    ablation->workers = arena_alloc(arena, (size_t)ablation->n_workers, sizeof *ablation->workers);
    for (int i = 0; i < ablation->n_workers; i++) {
        struct ablation_worker counted = {0};
        layout_worker(ablation->workers ? &ablation->workers[i] : &counted, arena, &trainer->mlp);
        free_worker(&counted);
    }
}

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct ablation *ablation = state;
    const struct mlp *mlp = &trainer->mlp;
    ablation->first = arena_alloc(arena, (size_t)mlp->n_layers, sizeof *ablation->first);
    ablation->n_units = 0;
    for (int k = 0; k < mlp->n_layers - 1; k++) {
        if (ablation->first)
            ablation->first[k] = ablation->n_units;
        ablation->n_units += mlp->layers[k].out;
    }
    size_t n = (size_t)ablation->n_units, n_chunks = (size_t)chunks(trainer);
    ablation->mean = arena_doubles(arena, n);
    ablation->increase = arena_doubles(arena, n);
    ablation->sums = arena_doubles(arena, n_chunks * n);
    ablation->wrong = arena_doubles(arena, n_chunks * (n + 1));
    layout_workers(ablation, arena, trainer);
}

static void release(void *state) {
    struct ablation *ablation = state;
    for (int i = 0; ablation->workers && i < ablation->n_workers; i++)
        free_worker(&ablation->workers[i]);
}

struct work {
    struct ablation *ablation;
    const struct trainer *trainer;
};

static void pass_chunk(const struct work *work, struct ablation_worker *worker, struct span rows) {
    const struct trainer *trainer = work->trainer;
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
    const struct work *work = argument;
    struct ablation *ablation = work->ablation;
    struct ablation_worker *worker = &ablation->workers[team.rank];
    const struct mlp *mlp = &work->trainer->mlp;
    TEAM_TILES (team, c, chunks(work->trainer)) {
        struct span rows = chunk_of(work->trainer, c);
        pass_chunk(work, worker, rows);
        for (int k = 0; k < mlp->n_layers - 1; k++)
            reduce_columns(0, mlp->layers[k].out, span_size(rows), mlp->layers[k].out,
                           worker->whole.y[k],
                           ablation->sums + (long)c * ablation->n_units + ablation->first[k]);
        ablation->wrong[(long)c * (ablation->n_units + 1) + ablation->n_units] =
            count_wrong(mlp, &worker->whole, worker->targets, span_size(rows));
    }
}

/* changed a[k + 1] = product + (mean - y_j) W_j, with W_j the weights that unit j of layer k goes
 * by; then on to the outputs. */
static void pass_without(const struct work *work, struct ablation_worker *worker, int k, int j,
                         int rows) {
    const struct mlp *mlp = &work->trainer->mlp;
    const struct layer *above = &mlp->layers[k + 1];
    int D = above->out;
    const float *W = above->W + (long)j * D, *y = worker->whole.y[k] + j;
    float mean = (float)work->ablation->mean[work->ablation->first[k] + j];
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
    const struct work *work = argument;
    struct ablation *ablation = work->ablation;
    struct ablation_worker *worker = &ablation->workers[team.rank];
    const struct mlp *mlp = &work->trainer->mlp;
    TEAM_TILES (team, c, chunks(work->trainer)) {
        int rows = span_size(chunk_of(work->trainer, c));
        double *wrong = ablation->wrong + (long)c * (ablation->n_units + 1);
        pass_chunk(work, worker, chunk_of(work->trainer, c));
        for (int k = 0; k < mlp->n_layers - 1; k++) {
            mlp_linear(mlp, &worker->whole, k + 1, rows, worker->product);
            for (int j = 0; j < mlp->layers[k].out; j++) {
                pass_without(work, worker, k, j, rows);
                wrong[ablation->first[k] + j] =
                    count_wrong(mlp, &worker->changed, worker->targets, rows);
            }
        }
    }
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct ablation *ablation = state;
    const struct trainer *trainer = all->trainer;
    struct work work = {ablation, trainer};
    int n = ablation->n_units, n_chunks = chunks(trainer), n_rows = rows_of(trainer);
    team_run(ablation->n_workers, sum_outputs, &work);
    for (int u = 0; u < n; u++) {
        ablation->mean[u] = 0;
        for (int c = 0; c < n_chunks; c++)
            ablation->mean[u] += ablation->sums[(long)c * n + u] / n_rows;
    }
    team_run(ablation->n_workers, remove_units, &work);
    for (int u = 0; u < n; u++) {
        double more = 0;
        for (int c = 0; c < n_chunks; c++)
            more += ablation->wrong[(long)c * (n + 1) + u] - ablation->wrong[(long)c * (n + 1) + n];
        ablation->increase[u] = more / n_rows;
    }
    return OK;
}

const struct diagnostic diagnostic_ablation = {.name = "ablation",
                                               .size = sizeof(struct ablation),
                                               .layout = layout,
                                               .measure = measure,
                                               .free = release};
