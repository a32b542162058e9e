/* Eigenvalues of a symmetric matrix: Householder's reduction, then bisection. */
#include "engine/kernel/eigen.h"

#include <math.h>

#include "engine/kernel/reduce.h"

/* Eigenvalues below x: the negative pivots of T - x I (Sturm; Golub & Van Loan 2013, section 8.4).
 */
int eigen_below(int n, const double *a, const double *b, double x) {
    double pivot = 1;
    int below = 0;
    for (int i = 0; i < n; i++) {
        pivot = a[i] - x - (i ? b[i - 1] * b[i - 1] / pivot : 0);
        if (pivot == 0)
            pivot = 1e-300;
        below += pivot < 0;
    }
    return below;
}

struct interval {
    double low, high;
};

/* Gershgorin's limits of all eigenvalues. */
static struct interval limits(int n, const double *a, const double *b) {
    struct interval all = {INFINITY, -INFINITY};
    for (int i = 0; i < n; i++) {
        double beside = (i ? fabs(b[i - 1]) : 0) + (i < n - 1 ? fabs(b[i]) : 0);
        all.low = fmin(all.low, a[i] - beside);
        all.high = fmax(all.high, a[i] + beside);
    }
    return all;
}

double eigen_find(int n, const double *a, const double *b, int index) {
    enum { HALVINGS = 60 };
    struct interval in = limits(n, a, b);
    for (int i = 0; i < HALVINGS; i++) {
        double middle = in.low + (in.high - in.low) / 2;
        if (eigen_below(n, a, b, middle) > index)
            in.high = middle;
        else
            in.low = middle;
    }
    return in.low + (in.high - in.low) / 2;
}

enum { SIDE = 8 }; /* running sums side by side, so that none waits for the one before */

static double dot(int n, const double *x, const double *y) {
    double part[SIDE] = {0}, sum = 0;
    int i = 0;
    for (; i + SIDE <= n; i += SIDE)
        for (int l = 0; l < SIDE; l++)
            part[l] += x[i + l] * y[i + l];
    for (; i < n; i++)
        sum = plus_product(sum, x[i], y[i]);
    for (int l = 0; l < SIDE; l++)
        sum += part[l];
    return sum;
}

/* v = x - (|x| with the sign that adds) e_0, so that (I - 2 v v' / v'v) x has only its first number
 * left, which is returned. */
static double householder(int n, const double *x, double *v) {
    double size = sqrt(dot(n, x, x)), left = x[0] > 0 ? -size : size;
    for (int i = 0; i < n; i++)
        v[i] = x[i];
    v[0] -= left;
    return left;
}

/* A <- H A H for H = I - 2 v v' / v'v, on the block of A from row and column `first`:
 * p = 2 A v / v'v;  w = p - (p'v / v'v) v;  A <- A - v w' - w v' */
static void reflect(int n, int first, double *A, const double *v, double *w) {
    int m = n - first;
    double square = dot(m, v, v);
    if (square == 0)
        return;
    for (int i = 0; i < m; i++)
        w[i] = 2 * dot(m, A + (long)(first + i) * n + first, v) / square;
    double shift = dot(m, w, v) / square;
    for (int i = 0; i < m; i++)
        w[i] -= shift * v[i];
    for (int i = 0; i < m; i++) {
        double *row = A + (long)(first + i) * n + first;
        for (int j = 0; j < m; j++)
            row[j] -= v[i] * w[j] + w[i] * v[j];
    }
}

/* Column by column (Householder; Golub & Van Loan 2013, section 8.3.1). Until the end a and b are
 * room for vectors; what stands beside the diagonal is kept in A, in columns that are done with. */
void eigen_reduce(int n, double *A, double *a, double *b) {
    for (int k = 0; k + 1 < n; k++) {
        double *beside = A + (long)k * n + k + 1;
        *beside = householder(n - k - 1, beside, a);
        reflect(n, k + 1, A, a, b);
    }
    for (int k = 0; k < n; k++) {
        a[k] = A[(long)k * n + k];
        b[k] = k + 1 < n ? A[(long)k * n + k + 1] : 0;
    }
}
