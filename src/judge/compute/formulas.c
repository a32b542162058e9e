/* The families of formulas as one list, and what they have in common. */
#include "judge/compute/formulas.h"

#include <math.h>
#include <stddef.h>

#include "judge/compute/formulas_family.h"

static const struct formulas *const families[] = {&formulas_output,  &formulas_learned,
                                                  &formulas_network, &formulas_scale,
                                                  &formulas_shift,   &formulas_cost};
enum { FAMILIES = sizeof families / sizeof *families };

int formula_count(void) {
    int n = 0;
    for (int i = 0; i < FAMILIES; i++)
        n += families[i]->n;
    return n;
}

const struct formula *formula_get(int index) {
    int family = 0;
    for (; index >= families[family]->n; family++) /* analysis: index < formula_count() */
        index -= families[family]->n;
    return &families[family]->rows[index];
}

void formula_begin(struct norm_work *work, const struct config *config, const double *a) {
    norm_work_create(work, &config->run.norm, (int)a[B], (int)a[D]);
    norm_work_fill(work, 0, a[MEAN], a[DEVIATION]);
    norm_work_train(work, 0);
}

size_t formula_size(const struct norm_work *work) {
    return (size_t)work->B * (size_t)work->D;
}

double formula_mean(size_t n, const float *x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i];
    return sum / (double)n;
}

static double rms(size_t n, const float *x) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (double)x[i] * (double)x[i];
    return sqrt(square / (double)n);
}

double formula_change(size_t n, const float *a, const float *b) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(square / (double)n) / rms(n, b);
}
