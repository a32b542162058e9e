/* Parity with PyTorch. The files in tests/parity hold what PyTorch computes in float64 from given
 * weights and rows (scripts/parity/make_parity.py says how); the trainer, in float32, must arrive
 * at the same weights and running statistics. `make parity` makes the files afresh. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <glob.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/config/cell.h"

/* Float32 PyTorch meets both with room to spare; make_parity.py prints by how much. */
static const double LONG_RUN = 1e-4;    /* 50 steps: of the largest weight of an array */
static const double FEW_STEPS = 1e-5;   /* of the largest update of an array ... */
static const double ROUNDING = 0x1p-23; /* ... and a rounding of the weight itself a step */

enum { MOST_ITEMS = 128, N_FEATURES = 40, N_CLASSES = 5, N_ROWS = 320 };

struct array {
    char name[64], type[16];
    long count;
    void *data;
};

/* A file of make_parity.py: configuration in the words of an experiment file, then arrays. */
struct parity_file {
    struct pool pool;
    int n_keys, n_arrays;
    char key[MOST_ITEMS][64], value[MOST_ITEMS][64];
    struct array arrays[MOST_ITEMS];
};

static size_t type_size(const char *type) {
    return !strcmp(type, "float64") ? 8 : !strcmp(type, "float32") ? 4 : 1;
}

static void read_array(struct parity_file *file, FILE *in, const char *line, const char *path) {
    struct array *array = &file->arrays[file->n_arrays++];
    cr_assert(file->n_arrays <= MOST_ITEMS, "%s: too many arrays", path);
    int words = sscanf(line, "array %63s %15s %ld", array->name, array->type, &array->count);
    cr_assert(words == 3, "%s: not understood: %s", path, line);
    size_t size = type_size(array->type);
    array->data = pool_alloc(&file->pool, (size_t)array->count * size);
    size_t got = fread(array->data, size, (size_t)array->count, in);
    cr_assert(got == (size_t)array->count, "%s: truncated in %s", path, array->name);
}

static void read_file(const char *path, struct parity_file *file) {
    memset(file, 0, sizeof *file);
    FILE *in = fopen(path, "rb");
    cr_assert(in, "cannot open %s; run the tests from the project's folder", path);
    char line[256];
    for (;;) {
        cr_assert(fgets(line, sizeof line, in), "%s: ends without 'end'", path);
        line[strcspn(line, "\n")] = 0;
        if (!strcmp(line, "end"))
            break;
        if (!strncmp(line, "array ", 6)) {
            read_array(file, in, line, path);
            continue;
        }
        int i = file->n_keys++;
        cr_assert(i < MOST_ITEMS &&
                      sscanf(line, "%63s %63[^\n]", file->key[i], file->value[i]) == 2,
                  "%s: not understood: %s", path, line);
    }
    fclose(in);
}

static const struct array *find_array(const struct parity_file *file, const char *prefix,
                                      const char *name) {
    char whole[80];
    snprintf(whole, sizeof whole, "%s%s", prefix, name);
    for (int i = 0; i < file->n_arrays; i++)
        if (!strcmp(file->arrays[i].name, whole))
            return &file->arrays[i];
    cr_assert(false, "no array %s", whole);
    return NULL;
}

/* ---- one case ---- */

struct fixture {
    struct pool pool;
    struct parity_file inputs, file;
    struct data_source source;
    struct dataset *dataset;
    struct config config;
    struct trainer *trainer;
};

static void configure(struct fixture *f, double lr_factor) {
    struct cell cell;
    cell_create(&cell, &f->pool);
    for (int i = 0; i < f->file.n_keys; i++) {
        int index;
        cr_assert(key_require(f->file.key[i], &index) == OK, "%s", status_message());
        enum status status =
            value_parse(key_get(index), f->file.value[i], &f->pool, &cell.values[index]);
        cr_assert(!status, "%s", status_message());
    }
    cell_finish(&cell, &f->config);
    f->config.run.optimizer.lr *= lr_factor;
}

static void open_case(struct fixture *f, const char *folder, const char *path, double lr_factor) {
    memset(f, 0, sizeof *f);
    char inputs[512];
    snprintf(inputs, sizeof inputs, "%s/inputs.bin", folder);
    read_file(inputs, &f->inputs);
    read_file(path, &f->file);
    configure(f, lr_factor);
    const struct array *values = find_array(&f->inputs, "", "inputs");
    const struct array *labels = find_array(&f->inputs, "", "labels");
    cr_assert(values->count == N_ROWS * N_FEATURES && labels->count == N_ROWS, "inputs.bin: shape");
    f->source = (struct data_source){
        .n_features = N_FEATURES,
        .n_classes = N_CLASSES,
        .n_train_rows = N_ROWS,
        .n_test_rows = 1,
        .train_values = values->data,
        .test_values = values->data,
        .train_labels = labels->data,
        .test_labels = labels->data,
    };
    enum status status = dataset_create(&f->config.run.data, &f->source, &f->dataset);
    cr_assert(!status, "%s: %s", path, status_message());
    status = trainer_create(&f->trainer, &f->config.run, f->dataset, 2);
    cr_assert(!status, "%s: %s", path, status_message());
}

static void close_case(struct fixture *f) {
    trainer_free(f->trainer);
    dataset_free(f->dataset);
    pool_free(&f->file.pool);
    pool_free(&f->inputs.pool);
    pool_free(&f->pool);
}

/* `count` gets its length. */
static float *norm_field(const struct norm *norm, const char *name, long *count) {
    for (int i = 0; norm && i < NORM_FIELDS; i++) {
        const struct norm_field *param = &norm->kind->param[i], *state = &norm->kind->state[i];
        *count = norm_field_size(param, norm->D);
        if (param->name && !strcmp(param->name, name))
            return norm->param[i];
        *count = norm->D;
        if (state->name && !strcmp(state->name, name))
            return norm->state[i];
    }
    return NULL;
}

/* The trainer's array for "layer1.gamma" or "input.beta", or NULL. */
static float *find_vector(const struct trainer *trainer, const char *name, long *count) {
    const struct mlp *mlp = &trainer->mlp;
    int k;
    if (!strncmp(name, "input.", 6))
        return norm_field(mlp->input_norm, name + 6, count);
    if (sscanf(name, "layer%d.", &k) != 1 || k < 0 || k >= mlp->n_layers)
        return NULL;
    const struct layer *layer = &mlp->layers[k];
    const char *field = strchr(name, '.') + 1;
    bool matrix = !strcmp(field, "W");
    *count = matrix ? (long)layer->in * layer->out : layer->out;
    return matrix                ? layer->W
           : !strcmp(field, "b") ? layer->b
                                 : norm_field(layer->norm, field, count);
}

/* Every `initial.` array into the trainer, and nothing of the trainer's left out. */
static void load_weights(struct fixture *f) {
    long loaded = 0;
    for (int i = 0; i < f->file.n_arrays; i++) {
        const struct array *array = &f->file.arrays[i];
        if (strncmp(array->name, "initial.", 8))
            continue;
        long count = 0;
        float *vector = find_vector(f->trainer, array->name + 8, &count);
        cr_assert(vector && count == array->count, "%s: not in the network, or of another size",
                  array->name);
        memcpy(vector, array->data, (size_t)count * sizeof *vector);
        loaded++;
    }
    long own = 0;
    const struct mlp *mlp = &f->trainer->mlp;
    for (int k = 0; k < mlp->n_layers; k++)
        own += 1 + mlp->layers[k].has_bias;
    for (int k = 0; k < mlp->n_norms; k++)
        for (int i = 0; i < NORM_FIELDS; i++)
            own += (mlp->norms[k].param[i] != NULL) + (mlp->norms[k].state[i] != NULL);
    cr_assert(own == loaded, "the network has %ld arrays, the file %ld", own, loaded);
}

/* The largest error of an array in units of what is tolerated: above 1, or not a number, is a
 * failure. */
static double array_error(const struct array *initial, const struct array *final, const float *ours,
                          long steps) {
    const float *start = initial->data;
    const double *end = final->data;
    double largest = 0, update = 0, worst = 0;
    for (long i = 0; i < final->count; i++) {
        largest = fmax(largest, fabs(end[i]));
        update = fmax(update, fabs(end[i] - (double)start[i]));
    }
    for (long i = 0; i < final->count; i++) {
        double rounding = (double)steps * ROUNDING * fmax(fabs(end[i]), fabs((double)start[i]));
        double tolerance = steps >= 50 ? LONG_RUN * largest : FEW_STEPS * update + rounding;
        double error = fabs((double)ours[i] - end[i]) / tolerance;
        if (!(error <= worst))
            worst = error;
    }
    return worst;
}

/* Trains a case and returns its worst array_error; its name goes to `where`. */
static double run_case(const char *folder, const char *path, double lr_factor, char where[64]) {
    struct fixture f;
    open_case(&f, folder, path, lr_factor);
    load_weights(&f);
    long steps = f.config.run.train.steps;
    struct stretch stretch = {0};
    long done = trainer_advance(f.trainer, steps, &stretch);
    cr_assert(done == steps && f.trainer->diverged_at_step < 0, "%s: %ld of %ld steps", path, done,
              steps);
    double worst = -1;
    for (int i = 0; i < f.file.n_arrays; i++) {
        const struct array *final = &f.file.arrays[i];
        if (strncmp(final->name, "final.", 6))
            continue;
        long count;
        const float *ours = find_vector(f.trainer, final->name + 6, &count);
        double error =
            array_error(find_array(&f.file, "initial.", final->name + 6), final, ours, steps);
        if (!(error <= worst)) {
            worst = error;
            snprintf(where, 64, "%s", final->name + 6);
        }
    }
    close_case(&f);
    return worst;
}

/* ---- the cases: one a file ---- */

struct case_path {
    char path[512];
};

static const char *parity_folder(void) {
    const char *folder = getenv("NORMLAB_PARITY");
    return folder ? folder : "tests/parity";
}

static int find_cases(struct case_path cases[MOST_ITEMS]) {
    char pattern[512];
    snprintf(pattern, sizeof pattern, "%s/*_*.bin", parity_folder());
    glob_t found;
    int n = 0;
    if (!glob(pattern, 0, NULL, &found)) {
        for (; n < (int)found.gl_pathc && n < MOST_ITEMS; n++)
            snprintf(cases[n].path, sizeof cases[n].path, "%s", found.gl_pathv[n]);
        globfree(&found);
    }
    return n;
}

ParameterizedTestParameters(parity, same_weights_as_pytorch) {
    static struct case_path cases[MOST_ITEMS];
    int n = find_cases(cases);
    return cr_make_param_array(struct case_path, cases, (size_t)n);
}

ParameterizedTest(struct case_path *item, parity, same_weights_as_pytorch) {
    char where[64] = "";
    double error = run_case(parity_folder(), item->path, 1, where);
    cr_assert(error <= 1, "%s: %s is off by %g times what is tolerated", item->path, where, error);
}

/* The test above can fail: a learning rate that is off by one hundredth is noticed in every case.
 */
ParameterizedTestParameters(parity, notices_a_wrong_rate) {
    static struct case_path cases[MOST_ITEMS];
    int n = find_cases(cases);
    return cr_make_param_array(struct case_path, cases, (size_t)n);
}

ParameterizedTest(struct case_path *item, parity, notices_a_wrong_rate) {
    char where[64] = "";
    double error = run_case(parity_folder(), item->path, 1.01, where);
    cr_assert(error > 2, "%s: a rate of 1.01 times the right one passes (%g)", item->path, error);
}

/* 50 steps for none, dyt, derf, batch and layer in both placements, and at least a dozen single
 * steps. */
Test(parity, cases_are_all_there) {
    struct case_path cases[MOST_ITEMS];
    int n = find_cases(cases), n_long = 0, n_single = 0;
    for (int i = 0; i < n; i++) {
        struct parity_file file;
        read_file(cases[i].path, &file);
        for (int k = 0; k < file.n_keys; k++)
            if (!strcmp(file.key[k], "train.steps")) {
                n_long += atoi(file.value[k]) == 50;
                n_single += atoi(file.value[k]) == 1;
            }
        pool_free(&file.pool);
    }
    cr_assert(n_long >= 7 && n_single >= 12, "%s: %d cases of 50 steps, %d of one", parity_folder(),
              n_long, n_single);
}
