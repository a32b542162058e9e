#!/usr/bin/env python3
"""What SciPy says: prints tests/judge/stats/scipy_values.h (python3-scipy 1.10; a minute).

    tests/judge/stats/scipy_values.py | clang-format --assume-filename=x.h >tests/judge/stats/scipy_values.h
"""
import numpy
from scipy import stats

MOST = 16
generator = numpy.random.default_rng(20251)


def weights(n):
    """Of the interquartile mean, from its definition as an integral over the sorted values."""
    i = numpy.arange(n)
    return numpy.clip(numpy.minimum(i + 1, 0.75 * n) - numpy.maximum(i, 0.25 * n), 0, None) / (n / 2)


def interquartile_mean(x, axis=-1):
    x = numpy.moveaxis(numpy.asarray(x), axis, -1)
    return numpy.sort(x, axis=-1) @ weights(x.shape[-1])


def row(*values):
    print("    {" + ", ".join("INFINITY" if v == numpy.inf else repr(float(v)) for v in values) + "},")


def table(name, fields, rows):
    print(f"static const struct {{ double {fields}; }} {name}[] = {{")
    for values in rows:
        row(*values)
    print("};\n")


def samples(name, fields, rows):
    print(f"static const struct {{ int n; double x[{MOST}]; double {fields}; }} {name}[] = {{")
    for x, values in rows:
        data = ", ".join(repr(float(v)) for v in x)
        print(f"    {{{len(x)}, {{{data}}}, " + ", ".join(repr(float(v)) for v in values) + "},")
    print("};\n")


def draw(n, kind):
    x = {"normal": generator.normal(size=n), "skewed": generator.lognormal(size=n),
         "heavy": generator.standard_t(3, size=n)}[kind]
    return numpy.round(x, 4)


def flipped(x, alternative):
    """SciPy's test of one sample by all changes of sign."""
    return stats.permutation_test((x,), interquartile_mean, permutation_type="samples", vectorized=True,
                                  n_resamples=numpy.inf, alternative=alternative).pvalue


def bootstrapped(x):
    n = len(x)
    tail = stats.norm.cdf(-numpy.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1))
    interval = stats.bootstrap((x,), interquartile_mean, n_resamples=200_000, batch=10_000, vectorized=True,
                               confidence_level=1 - 2 * tail, method="BCa", random_state=generator)
    return interval.confidence_interval


print("/* Made by scipy_values.py, with SciPy's distributions, tests and intervals. */")
print("#pragma once\n\n#include <math.h>\n")
table("normal_cdf_values", "x, p", [(x, stats.norm.cdf(x)) for x in (-30, -8.5, -3, -1.96, -0.1, 0, 0.5, 2, 5)])
table("normal_quantile_values", "p, x",
      [(p, stats.norm.ppf(p)) for p in (1e-300, 1e-20, 1e-8, 0.0041, 0.025, 0.075, 0.3, 0.5, 0.9, 0.999, 1)])
table("t_cdf_values", "t, nu, p",
      [(t, nu, stats.t.cdf(t, nu)) for t in (-12, -2.5, -0.3, 0, 0.7, 4) for nu in (1, 2, 5, 9, 30, 1000)])
table("t_quantile_values", "p, nu, t",
      [(p, nu, stats.t.ppf(p, nu)) for p in (1e-6, 0.025, 0.4, 0.8, 0.975) for nu in (1, 2, 5, 9, 30, 1000)])
table("beta_cdf_values", "x, a, b, p",
      [(x, a, b, stats.beta.cdf(x, a, b)) for x in (0.001, 0.2, 0.5, 0.93)
       for a, b in ((0.5, 0.5), (1, 10), (7.5, 3.5), (40, 60))])
table("beta_quantile_values", "p, a, b, x",
      [(p, a, b, stats.beta.ppf(p, a, b)) for p in (0.025, 0.5, 0.975) for a, b in ((1, 10), (7.5, 3.5), (40, 60))])
table("binomial_values", "k, n, p", [(k, n, stats.binom.cdf(k, n, 0.5)) for k, n in ((0, 1), (2, 9), (5, 10), (40, 100))])
table("share_values", "wins, n, low, high",
      [(k, n, *stats.binomtest(k, n).proportion_ci(method="exact")) for k, n in ((0, 8), (3, 8), (9, 10), (10, 10))])
samples("trim_values", "mean",
        [(x, [stats.trim_mean(x, 0.25)]) for x in (draw(n, "skewed") for n in (4, 8, 12, 16))])
samples("flip_values", "upper, lower",
        [(x, [flipped(x, "greater"), flipped(x, "less")])
         for x in (draw(n, kind) + shift for n, kind, shift in
                   ((4, "normal", 0.3), (5, "heavy", 0), (7, "normal", 1), (8, "skewed", -1), (10, "heavy", 0.4),
                    (10, "normal", -0.8), (11, "skewed", -0.8), (13, "heavy", 1), (14, "normal", 0.1)))])
samples("bootstrap_values", "low, high",
        [(x, bootstrapped(x)) for x in (draw(n, kind) for n, kind in
                                        ((6, "normal"), (9, "skewed"), (8, "heavy"), (10, "normal"), (10, "skewed"),
                                         (12, "skewed"), (16, "heavy")))])
