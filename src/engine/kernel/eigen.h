/* Eigenvalues of symmetric matrices, in double: to tridiagonal form, then one by one by bisection.
 */
#pragma once

/* Of the symmetric A [n, n], which is destroyed, a tridiagonal matrix with the same eigenvalues:
 * its diagonal a [n] and what stands beside it, b [n]. Good to about 1e-13 of the largest. 4/3 n^3
 * operations. */
void eigen_reduce(int n, double *A, double *a, double *b);
/* How many eigenvalues of a tridiagonal matrix are below x. */
int eigen_below(int n, const double *a, const double *b, double x);
/* Its eigenvalue `index` in ascending order. */
double eigen_find(int n, const double *a, const double *b, int index);
