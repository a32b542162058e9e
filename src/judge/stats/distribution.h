/* The normal, Student's t, the beta and the binomial distribution, in double. */
#pragma once

/* Phi(x). */
double normal_cdf(double x);
/* Phi^-1(p), relative error about 1e-16; p 0: -infinity, 1: infinity. Wichura 1988, "Algorithm AS
 * 241: the percentage points of the normal distribution", PPND16. */
double normal_quantile(double p);

/* I_x(a, b), the regularized incomplete beta function; a, b > 0. */
double beta_cdf(double x, double a, double b);
/* The x at which I_x(a, b) = p. */
double beta_quantile(double p, double a, double b);

/* Of Student's t with nu > 0 degrees of freedom. */
double t_cdf(double t, double nu);
double t_quantile(double p, double nu);

/* P(X <= k), X ~ Binomial(n, 1/2). */
double binomial_half_cdf(int k, int n);
