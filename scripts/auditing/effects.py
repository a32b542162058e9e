"""Of a table of effects: the ratio of two arms and its interval, and the power at an effect that can be decided."""
import math

import numpy as np
from scipy.optimize import brentq

from auditing.estimates import SAME, interquartile_mean, interval_bounds, p_over_rows, tails

DRAWS = 200


def ratio_of(more, less):
    """The r at which the interquartile mean of less - r more is 0."""
    if np.any(more <= 0) or np.any(less < 0):
        return math.nan
    first, last = min(less / more), max(less / more)
    return first if first == last else brentq(lambda r: interquartile_mean(less - r * more), first, last, xtol=1e-15)


def ratio_ends_here(more, less, end, r, near):
    """Is 0 at that end (0: the lower) of the interval of less - r more, or within `near` of r?"""
    (before, *_), (_, least, most), (after, *_) = (interval_bounds(less - at * more)[end] for at in (r - near, r, r + near))
    return before >= 0 >= after or least <= 0 <= most


def power_of(kind, d, effect, delta, level, variance):
    """The share of experiments like this one that find a true difference `effect` to be above delta, or, of equality,
    none at all to lie within it: seeds that scatter like these, on rows that err alike in all of them."""
    generator, n = np.random.default_rng(10), len(d)
    center = interquartile_mean(d)
    scatter = math.sqrt(n / (n - 1)) * (d[generator.integers(n, size=(DRAWS, n))] - center)
    scatter += generator.normal(0, math.sqrt(variance), (DRAWS, 1))
    shift, largest = (effect if kind == "equality" else effect - delta), np.max(np.abs(scatter)) + abs(effect)
    found = [finds(x + shift, variance, largest, 0) <= level and
             (kind != "equality" or finds(x - shift, variance, largest, 1) <= level) for x in scatter]
    return np.mean(found)


def finds(x, variance, largest, side):
    """p of x > 0 (side 0), of x < 0 (side 1)."""
    estimate = interquartile_mean(x)
    distance = 0 if abs(estimate) <= SAME * largest else (-1) ** side * estimate
    return p_over_rows(tails(x, 0, largest)[side], distance, variance)
