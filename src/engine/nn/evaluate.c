/* Evaluation mode over rows of a part, in chunks; and the states that it may be given. */
#include "engine/nn/evaluate.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 256 }; /* rows that one thread evaluates at a time; the sums go by chunk */
_Static_assert(CHUNK % 64 == 0, "a word of wrong rows is one thread's");

struct evaluator {
    const struct trainer *trainer;
    int n_threads;
    enum data_part part;
    long n;
    float *states;
    uint64_t *wrong; /* [evaluate_words(n)]; NULL: nobody asks */
    struct pool pool;
    struct arena arena;
    struct workspace *workspaces; /* one a thread */
    struct target *targets;       /* [n_threads, CHUNK] */
    double *losses, *errors;      /* sums, one a chunk */
};

static int chunks(long n) {
    return (int)((n + CHUNK - 1) / CHUNK);
}

/* As many threads as have some 100 us each to do, on one core by 50 GFLOP/s: bringing them together
 * may take as long. */
static int useful_threads(const struct trainer *trainer, long n) {
    const double together_s = 100e-6, work_flops = 50e9;
    double work_s = 2.0 * (double)trainer->mlp.n_params * (double)n / work_flops;
    return trainer_threads(trainer, work_s / together_s);
}

static void layout(struct evaluator *evaluator) {
    int n_threads = evaluator->n_threads;
    for (int i = 0; i < n_threads; i++)
        workspace_layout_eval(&evaluator->workspaces[i], &evaluator->arena,
                              &evaluator->trainer->mlp, CHUNK);
    evaluator->targets =
        arena_alloc(&evaluator->arena, (size_t)n_threads * CHUNK, sizeof(struct target));
    evaluator->losses = arena_doubles(&evaluator->arena, (size_t)chunks(evaluator->n));
    evaluator->errors = arena_doubles(&evaluator->arena, (size_t)chunks(evaluator->n));
}

/* Counted, not yet in memory. */
static void evaluator_outline(struct evaluator *evaluator, const struct trainer *trainer, long n) {
    *evaluator =
        (struct evaluator){.trainer = trainer, .n = n, .n_threads = useful_threads(trainer, n)};
    evaluator->workspaces =
        pool_alloc(&evaluator->pool, (size_t)evaluator->n_threads * sizeof *evaluator->workspaces);
    layout(evaluator);
}

static void evaluator_free(struct evaluator *evaluator) {
    for (int i = 0; i < evaluator->n_threads; i++)
        workspace_free(&evaluator->workspaces[i]);
    arena_free(&evaluator->arena);
    pool_free(&evaluator->pool);
}

static void evaluate_chunk(struct evaluator *evaluator, int rank, int chunk) {
    const struct trainer *trainer = evaluator->trainer;
    struct workspace *workspace = &evaluator->workspaces[rank];
    struct target *targets = evaluator->targets + (long)rank * CHUNK;
    long first = (long)chunk * CHUNK;
    int rows = (int)(evaluator->n - first < CHUNK ? evaluator->n - first : CHUNK);
    dataset_gather(trainer->dataset, evaluator->part, NULL, 0, first, (struct span){0, rows},
                   workspace->x, targets);
    mlp_forward_eval(&trainer->mlp, workspace, evaluator->states, rows);
    const struct loss_kind *loss = loss_get(trainer->config.train.loss);
    int K = trainer->mlp.n_outputs;
    double total = 0, wrong = 0;
    for (int b = 0; b < rows; b++) {
        const float *z = workspace->y[trainer->mlp.n_layers - 1] + (long)b * K;
        double error = loss_error(z, K, targets[b]);
        total += loss->row(z, K, targets[b], 0, NULL);
        wrong += error;
        if (evaluator->wrong && error == 1)
            evaluate_mark(evaluator->wrong, first + b);
    }
    evaluator->losses[chunk] = total;
    evaluator->errors[chunk] = wrong;
}

static void evaluate_chunks(struct team team, void *argument) {
    struct evaluator *evaluator = argument;
    TEAM_TILES (team, chunk, chunks(evaluator->n))
        evaluate_chunk(evaluator, team.rank, chunk);
}

static struct evaluation total(const struct evaluator *evaluator) {
    double loss = 0, wrong = 0;
    for (int i = 0; i < chunks(evaluator->n); i++) {
        loss += evaluator->losses[i];
        wrong += evaluator->errors[i];
    }
    return (struct evaluation){loss / (double)evaluator->n, wrong / (double)evaluator->n};
}

enum status evaluate(const struct trainer *trainer, enum data_part part, long n, float *states,
                     uint64_t *wrong, struct evaluation *result) {
    if (n <= 0) {
        *result = (struct evaluation){NAN, NAN};
        return OK;
    }
    struct evaluator evaluator;
    evaluator_outline(&evaluator, trainer, n);
    evaluator.part = part;
    evaluator.states = states ? states : trainer->mlp.states;
    evaluator.wrong = wrong;
    if (wrong)
        memset(wrong, 0, evaluate_words(n) * sizeof *wrong);
    enum status status = arena_create(&evaluator.arena);
    if (!status) {
        layout(&evaluator);
        team_run(evaluator.n_threads, evaluate_chunks, &evaluator);
        *result = total(&evaluator);
    }
    evaluator_free(&evaluator);
    return status;
}

struct population {
    const struct trainer *trainer;
    struct mlp mlp; /* the trainer's, with its state elsewhere */
    struct population_statistics statistics;
};

static void population_pass(struct team team, void *argument) {
    struct population *population = argument;
    const struct trainer *trainer = population->trainer;
    population_statistics_take(team, &population->statistics, &population->mlp, trainer->dataset,
                               trainer->step, trainer->total_steps);
}

enum status evaluate_population_states(const struct trainer *trainer, long n, float *states) {
    struct population population = {.trainer = trainer};
    struct arena arena = {0};
    mlp_with_states(&population.mlp, &trainer->mlp, states);
    mlp_reset_states(&population.mlp);
    population_statistics_layout(&population.statistics, &arena, &population.mlp, (int)n);
    enum status status = arena_create(&arena);
    if (!status) {
        population_statistics_layout(&population.statistics, &arena, &population.mlp, (int)n);
        team_run(useful_threads(trainer, n), population_pass, &population);
    }
    population_statistics_free(&population.statistics);
    mlp_free(&population.mlp);
    arena_free(&arena);
    return status;
}

long evaluate_population_rows(const struct trainer *trainer) {
    long n = trainer->dataset->n[PART_TRAIN], rows = trainer->config.eval.population_rows;
    return n < rows ? n : rows;
}

bool evaluate_debiased_states(const struct trainer *trainer, int member, float *states) {
    const struct mlp *mlp = &trainer->mlp;
    const struct bank *bank = &trainer->bank;
    bool own = member < 0;
    double momentum = own ? mlp->norm_config.momentum : bank_momentum(bank, member);
    double left = pow(momentum, (double)trainer->step);
    if (left == 1 || normalizer_get(mlp->norm_config.kind)->needs_population)
        return false;
    mlp_debias_states(mlp, own ? mlp->norm_config.average : bank_average(member), left,
                      own ? mlp->states : bank_states(bank, member), states);
    return true;
}

size_t evaluate_population_memory(const struct trainer *trainer) {
    struct population_statistics statistics = {0};
    struct arena arena = {0};
    population_statistics_layout(&statistics, &arena, &trainer->mlp,
                                 (int)evaluate_population_rows(trainer));
    population_statistics_free(&statistics);
    return arena.used;
}

size_t evaluate_memory(const struct trainer *trainer) {
    const long *n = trainer->dataset->n;
    long rows = n[PART_TRAIN] < EVALUATE_ROWS ? n[PART_TRAIN] : EVALUATE_ROWS;
    for (enum data_part part = PART_VALIDATION; part <= PART_TEST; part++)
        rows = n[part] > rows ? n[part] : rows;
    struct evaluator evaluator;
    evaluator_outline(&evaluator, trainer, rows);
    size_t size = evaluator.arena.used;
    evaluator_free(&evaluator);
    return size;
}
