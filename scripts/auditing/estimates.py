"""The numbers behind a word, as docs/statistics.md says them: the estimate, p values, rows, intervals."""
import functools
import itertools
import math

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import t as student

SAME = 1e-12       # of the largest figure: what is closer is equal
ENUMERABLE = 16    # seeds whose sign patterns are all tried
N_PATTERNS = 65536
RESAMPLES = 10000  # of the intervals that are audited; ours are OWN_RESAMPLES
OWN_RESAMPLES = 40000

# A fact: its name, the margin in units of delta, and the side of it on which d must lie.
FACTS = (("above", 1, 1), ("below", -1, -1), ("not_below", -1, 1), ("not_above", 1, -1), ("positive", 0, 1),
         ("negative", 0, -1))
CHAINS = (("not_below", "positive", "above"), ("not_above", "negative", "below"))  # each implied by the next


# ---- The estimate -------------------------------------------------------------------------------------------------

def weights(n):
    """Of n sorted values: the share of each in the middle half."""
    place = np.arange(n)
    return np.clip(np.minimum(place + 1, 0.75 * n) - np.maximum(place, 0.25 * n), 0, None) / (0.5 * n)


def interquartile_mean(values):
    """Along the last axis."""
    return np.sort(values, axis=-1) @ weights(np.shape(values)[-1])


# ---- Sign flips ---------------------------------------------------------------------------------------------------

@functools.cache
def sign_patterns(n):
    """Rows of n signs, the first all +: all there are, or for many seeds drawn ones and their mirror images."""
    if n <= ENUMERABLE:
        return 1 - 2 * (np.arange(2 ** n)[:, None] >> np.arange(n) & 1)
    place = np.arange(n)
    words = philox(np.arange(N_PATTERNS // 2, dtype=np.uint64))
    half = 1 - 2 * (words[:, place // 32] >> (place % 32).astype(np.uint64) & np.uint64(1)).astype(int)
    half[0] = 1
    return np.concatenate((half, -half))


def philox(index, seed=0, purpose=20, stream=1):
    """Philox4x32-10 (Salmon et al. 2011): four words of 32 bits for each index."""
    low = np.uint64(0xffffffff)
    counter = [index & low, index >> np.uint64(32), np.full_like(index, purpose), np.full_like(index, stream)]
    keys = [seed & 0xffffffff, seed >> 32]
    for _ in range(10):
        products = [np.uint64(factor) * word for factor, word in zip((0xD2511F53, 0xCD9E8D57), counter[::2])]
        counter = [products[1] >> np.uint64(32) ^ counter[1] ^ np.uint64(keys[0]), products[1] & low,
                   products[0] >> np.uint64(32) ^ counter[3] ^ np.uint64(keys[1]), products[0] & low]
        keys = [(key + add) & 0xffffffff for key, add in zip(keys, (0x9E3779B9, 0xBB67AE85))]
    return np.stack(counter, axis=1)


def ranked_sizes(u, same):
    """The order of |u|, equal ones by place; their sizes in that order; the place of each in its group of equals."""
    order = np.argsort(np.abs(u), kind="stable")
    size, place = np.abs(u)[order], np.zeros(len(u))
    begins = np.r_[True, np.diff(size) > same]
    for begin, end in itertools.pairwise([*np.flatnonzero(begins), len(u)]):
        members = np.sort(order[begin:end])
        order[begin:end], size[begin:end], place[begin:end] = members, size[begin], np.arange(end - begin)
    return order, size, place


def tails(d, margin, largest):
    """p of d > margin, p of d < margin: the shares of sign patterns that lie at least as far out as the data.

    A pattern's interquartile mean without sorting: a value's weight depends on how many of its sign are larger. Equal
    sizes count as if the later seed's were larger by an infinitely small part: means are compared by what is finite,
    and where that is equal by the small parts.
    """
    u = d - margin
    u = np.where(np.abs(u) <= SAME * largest, 0, u)
    order, size, place = ranked_sizes(u, SAME * largest)
    signs = (sign_patterns(len(d)) * np.where(u < 0, -1, 1))[:, order]
    plus = signs > 0
    larger = np.where(plus, after(plus), after(~plus))
    terms = signs * weights(len(d))[larger]
    finite, small = terms @ size, terms @ (size * place)
    side = compared(finite - finite[0], SAME * largest)
    side = np.where(side == 0, compared(small - small[0], SAME * largest), side)
    return np.mean(side >= 0), np.mean(side <= 0)


def after(flags):
    """How many of a row's flags stand behind each place."""
    counts = np.cumsum(flags[:, ::-1], axis=1)[:, ::-1]
    return counts - flags


def compared(difference, same):
    return np.where(np.abs(difference) <= same, 0, np.sign(difference))


def p_values(d, delta, largest):
    """p of each fact; a fact that another implies is never the less certain of the two."""
    at = {unit: tails(d, unit * delta, largest) for unit in (-1, 0, 1)}
    p = {name: at[unit][0 if side > 0 else 1] for name, unit, side in FACTS}
    for chain in CHAINS:
        for weaker, stronger in itertools.pairwise(chain):
            p[stronger] = max(p[stronger], p[weaker])
    return p


# ---- Rows ---------------------------------------------------------------------------------------------------------

def rows_variance(ms_rows, ms_rest, n, m):
    return max(0.0, ms_rows - ms_rest) / (n * m)


def p_over_rows(p, distance, V):
    """p of a fact whose margin lies `distance` behind the estimate, for rows that could have been others."""
    if not (distance > 0 and p < 0.5):
        return max(p, 0.5)
    z = -ndtri(p)
    return ndtr(-distance / math.sqrt((distance / z) ** 2 + V))


def p2_values(p, estimate, delta, V, largest):
    distance = {unit: estimate - unit * delta for unit in (-1, 0, 1)}
    distance = {unit: 0 if abs(T) <= SAME * largest else T for unit, T in distance.items()}
    return {name: p_over_rows(p[name], side * distance[unit], V) for name, unit, side in FACTS}


def mean_squares(x, folds):
    """MS_rows and MS_rest of x[seed, row]; seeds of different folds share no row, their covariance is 0."""
    n, m = x.shape
    centred = x - x.mean(axis=1, keepdims=True)
    covariance = centred @ centred.T / (m - 1)
    covariance[np.not_equal.outer(folds, folds)] = 0
    own = np.trace(covariance) / n
    shared = (covariance.sum() - np.trace(covariance)) / (n * (n - 1))
    return own + (n - 1) * shared, own - shared


# ---- Intervals ----------------------------------------------------------------------------------------------------

def interval_bounds(d):
    """For either end of the BCa interval: where it is, and the span where 10,000 resamples may see it."""
    n, estimate = len(d), interquartile_mean(d)
    resampled = interquartile_mean(d[np.random.default_rng(2).integers(n, size=(OWN_RESAMPLES, n))])
    same = SAME * np.max(np.abs(d))
    below = np.mean(resampled < estimate - same) + 0.5 * np.mean(np.abs(resampled - estimate) <= same)
    left_out = interquartile_mean(np.array([np.delete(d, i) for i in range(n)]))
    pull = left_out.mean() - left_out
    spread = np.sum(pull ** 2)
    acceleration = np.sum(pull ** 3) / (6 * spread ** 1.5) if spread > n * same ** 2 else 0.0
    tail = math.sqrt(n / (n - 1)) * student.ppf(0.975, n - 1)
    return [end_of_interval(resampled, below, acceleration, z) for z in (-tail, tail)]


def end_of_interval(resampled, below, acceleration, z):
    z0 = ndtri(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    at = z0 + (z0 + z) / (1 - acceleration * (z0 + z))
    level = ndtr(at)
    density = [math.exp(-x * x / 2) / math.sqrt(2 * math.pi) for x in (at, z0)]
    error = math.sqrt((level * (1 - level) + (2 * density[0] / density[1]) ** 2 * below * (1 - below)) / RESAMPLES)
    return [np.quantile(resampled, min(max(level + k * error, 0), 1)) for k in (0, -4, 4)]
