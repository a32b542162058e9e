#!/usr/bin/env python3
"""Trains again, in numpy, what a results file says was trained; the weights must come out the same.

    replay.py RESULTS.h5 [FOLDER_OF_THE_IDX_FILES]

Reads nothing but the results file and the data: initial weights, scaling, rates and configuration are all in
there. For runs with train.order: sequential, log.level: full, log.weights: both, plain SGD with momentum and
cross entropy, such as experiments/replay.yaml. Exit status 1 if an array of final weights is more than 1e-4 off
(of its largest element), or none was compared.
"""
import gzip
import os
import sys

import h5py
import numpy as np

TOLERANCE = 1e-4
FASHION_MNIST = "/usr/share/datasets/fashion-mnist"  # where Debian's package puts it


# An operation maps x to (y, back); back maps dL/dy to dL/dx and leaves the gradients of p in d.

def linear(x, p, d, c):
    def back(g):
        d["W"], d["b"] = x.T @ g, g.sum(0)
        return g @ p["W"].T
    return x @ p["W"] + p.get("b", 0), back


ACTIVATIONS = {  # y of x, and dy/dx of y
    "relu": (lambda x: np.maximum(x, 0), lambda y: y > 0),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda y: y * (1 - y)),
    "tanh": (np.tanh, lambda y: 1 - y * y),
    "identity": (lambda x: x, lambda y: 1),
}


def activation(x, p, d, c):
    f, slope = ACTIVATIONS[c["model.activation"]]
    y = f(x)
    return y, lambda g: g * slope(y)


def normalize(x, p, d, c):
    axis, B = (0 if c["norm.kind"] == "batch" else 1), len(x)
    mean, var = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
    inv_std = 1 / np.sqrt(var + c["norm.eps"])
    xhat = (x - mean) * inv_std
    if "running_mean" in p:
        p["running_mean"] += (1 - c["norm.momentum"]) * (mean[0] - p["running_mean"])
        p["running_var"] += (1 - c["norm.momentum"]) * (var[0] * B / (B - 1) - p["running_var"])

    def back(g):
        d["gamma"], d["beta"] = (g * xhat).sum(0), g.sum(0)
        h = g * p["gamma"]
        return inv_std * (h - h.mean(axis, keepdims=True) - xhat * (h * xhat).mean(axis, keepdims=True))
    return p["gamma"] * xhat + p["beta"], back


def operations(c, is_last):
    """What follows the input of a layer."""
    if is_last:
        return [linear]
    if c["norm.kind"] == "none":
        return [linear, activation]
    return [linear, normalize, activation] if c["norm.placement"] == "before" else [linear, activation, normalize]


def replay(c, rates, X, labels, layers):
    """The ten lines: layers is a list of {"W": ..., "b": ..., ...}, changed in place."""
    B, velocity = c["train.batch_size"], [dict.fromkeys(p, 0) for p in layers]
    for t, lr in enumerate(rates):
        x, tape, grads = X[t * B:(t + 1) * B], [], [{} for p in layers]
        for p, d in zip(layers, grads):
            for operation in operations(c, is_last=p is layers[-1]):
                x, back = operation(x, p, d, c)
                tape.append(back)
        g = (np.exp(x) / np.exp(x).sum(1, keepdims=True) - np.eye(x.shape[1])[labels[t * B:(t + 1) * B]]) / B
        for back in reversed(tape):
            g = back(g)
        for p, v, d in zip(layers, velocity, grads):
            for name in d.keys() & p.keys():
                v[name] = c["optimizer.momentum"] * v[name] + d[name]
                p[name] -= lr * v[name]


def read_idx(path, n):
    """The first n items of an IDX file, gzipped or not."""
    path = path if os.path.exists(path) else path + ".gz"
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        n_dims = file.read(4)[3]
        dims = np.frombuffer(file.read(4 * n_dims), ">u4").astype(int)
        size = int(np.prod(dims[1:]))
        return np.frombuffer(file.read(n * size), np.uint8).reshape(n, size)


def read_layers(group):
    return [{name: array[:].astype(float) for name, array in group[f"layer{k}"].items()
             if name not in ("in", "out", "unit")} for k in range(len(group))]


def compare(run, folder):
    c = dict(run.attrs)
    known = c["norm.kind"] in ("none", "batch", "layer") and c.get("norm.rows", -1) < 2
    assert known, f"no formula here for {c['norm.kind']}, norm.rows {c.get('norm.rows', 'auto')}"
    assert c["train.order"] == "sequential" and "weights/initial" in run, "needs sequential order and both weights"
    assert c.get("data.colour", "none") == "none", "replays no colours"
    rates = run["step/lr"][:]
    n = len(rates) * int(c["train.batch_size"])
    assert n <= int(c["data.train"]), "more than one epoch"
    pixels = read_idx(f"{folder}/train-images-idx3-ubyte", n)
    labels = read_idx(f"{folder}/train-labels-idx1-ubyte", n)[:, 0]
    X = (pixels - run["data/shift"][:].astype(float)) * run["data/factor"][:].astype(float)
    layers, stored = read_layers(run["weights/initial"]), read_layers(run["weights/final"])
    assert len(rates) == c["train.steps"], f"{len(rates)} rates for {c['train.steps']} steps: log.level must be full"
    replay(c, rates, X, labels, layers)
    return max(np.max(np.abs(p[name] - s[name])) / np.max(np.abs(s[name]))
               for p, s in zip(layers, stored) for name in s)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = sys.argv[2] if len(sys.argv) == 3 else FASHION_MNIST
    worst, n = 0.0, 0
    with h5py.File(sys.argv[1], "r") as file:
        for name, run in file["runs"].items():
            error = compare(run, folder)
            c = run.attrs
            print(f"{name}  {c['norm.kind']:6s} {c.get('norm.placement', ''):7s} {c['model.activation']:8s} {error:.1e}")
            worst, n = max(worst, error) if error == error else np.inf, n + 1
    print(f"replay: {n} runs, largest relative difference of final weights {worst:.1e}")
    sys.exit(0 if n and worst <= TOLERANCE else 1)


if __name__ == "__main__":
    main()
