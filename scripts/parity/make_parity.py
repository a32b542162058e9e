#!/usr/bin/env python3
"""What PyTorch computes in float64, for tests/engine/nn/test_parity.c.

    make_parity.py DIR            write DIR/inputs.bin and DIR/<case>.bin
    make_parity.py --compare A B  the same cases, configurations and numbers in both folders?

Needs python3-torch (made with Debian 12's PyTorch 1.13.1) and numpy; the test itself needs neither.

A file is a text header and arrays: lines "key value" in the words of an experiment file, then for each
array a line "array NAME TYPE COUNT" followed by COUNT little-endian numbers; the last line is "end".
inputs.bin holds `inputs` [320, 40] float32 and `labels` [320] uint8. A case trains on the first data.train
rows of it, in order, and holds `initial.*` (float32) and `final.*` (float64) for every weight and running
statistic: W [in, out] and b, gamma, beta, alpha, s, running_mean, running_var of layer<k> and of input.

Where our words and PyTorch's differ:
    norm.momentum = 1 - momentum            W = weight transposed
    train.loss squared = 1/B sum_b 1/2 sum_k (z_bk - [k = label_b])^2
    optimizer.clip = clip_grad_norm_ on the loss's gradient, before weight decay
    running_var biased = PyTorch's unbiased update times (B - 1) / B (emulated here)
"""
import math
import os
import sys

import numpy as np

ROWS, FEATURES, CLASSES = 320, 40, 5
DISTURBANCE = 1e-6
LONG_RUN = 1e-4  # as in the test
RELATIVE = 1e-6  # how far a file made afresh may be from the stored one

DEFAULTS = {
    "data.scale": "none", "data.validation": 0, "train.order": "sequential", "train.loss": "cross_entropy",
    "model.hidden": [12, 8], "model.activation": "relu", "model.bias": "auto",
    "norm.kind": "none", "optimizer.kind": "sgd", "optimizer.momentum": 0, "optimizer.lr_scaling": "none",
    "optimizer.schedule": "constant",
}


def cases():
    def case(name, steps, batch_size, lr, rows=None, **keys):
        config = dict(DEFAULTS)
        config.update({"train.steps": steps, "train.batch_size": batch_size, "optimizer.lr": lr,
                       "data.train": rows or steps * batch_size})
        config.update({key.replace("__", "."): value for key, value in keys.items()})
        return name, config

    # 50 steps: float32 and float64 stay within 1e-4 only at this batch size and rate (design: numerics).
    for placement in "before", "after":
        for kind in "none", "batch", "layer":
            if (kind, placement) != ("none", "after"):  # placement means nothing to none
                yield case(f"steps50_{kind}_{placement}" if kind != "none" else "steps50_none", 50, 64, 0.002,
                           rows=ROWS, model__hidden=[24, 16], optimizer__momentum=0.9, norm__kind=kind,
                           **({"norm__placement": placement} if kind != "none" else {}))

    # One step each.
    batch = {"norm__kind": "batch", "norm__placement": "before"}
    layer = {"norm__kind": "layer", "norm__placement": "before"}
    after = {"norm__placement": "after"}
    yield case("softmax_regression", 1, 10, 0.5, model__hidden=[])
    yield case("none_one_row", 1, 1, 0.1, optimizer__weight_decay=0.01)
    yield case("none_clip_decay", 1, 256, 0.1, optimizer__clip=0.5, optimizer__weight_decay=0.01,
               optimizer__decay_on="all")
    yield case("none_tanh_squared", 1, 33, 0.25, model__activation="tanh", train__loss="squared")
    yield case("batch_sigmoid", 1, 16, 0.1, **batch, model__activation="sigmoid")
    yield case("batch_two_rows", 1, 2, 0.05, **batch, norm__eps=0.1, model__activation="tanh")
    yield case("batch_tanh_after", 1, 32, 0.05, **{**batch, **after}, model__activation="tanh")
    yield case("batch_bias_kept", 1, 12, 0.2, **batch, model__bias="on", optimizer__weight_decay=0.1,
               optimizer__decay_on="all")
    yield case("batch_no_affine", 1, 10, 0.2, **batch, norm__affine="false", norm__momentum=0.5)
    yield case("batch_biased_var", 1, 5, 0.02, **{**batch, **after}, model__activation="sigmoid",
               norm__running_var="biased", norm__momentum=0)
    yield case("batch_squared", 1, 24, 0.3, **batch, model__activation="tanh", train__loss="squared")
    yield case("batch_on_output", 1, 20, 0.1, **batch, norm__on_output="true")
    yield case("batch_on_input", 1, 40, 0.1, **batch, norm__on_input="true", model__activation="sigmoid")
    yield case("batch_clip", 1, 128, 0.4, **{**batch, **after}, optimizer__clip=0.2, model__activation="tanh")
    yield case("batch_nesterov", 1, 128, 0.01, **batch, optimizer__momentum=0.9, optimizer__nesterov="true")
    yield case("layer_four_rows", 1, 4, 0.2, **layer)
    yield case("layer_identity_after", 1, 7, 0.5, **{**layer, **after}, model__activation="identity")
    yield case("layer_on_both_ends", 1, 9, 0.1, **layer, norm__on_output="true", norm__on_input="true",
               model__activation="tanh")
    yield case("layer_scaled_rate", 1, 16, 0.4, **layer, optimizer__lr_scaling="linear",
               optimizer__lr_reference_batch=64, norm__eps=0.001, model__activation="sigmoid")
    yield case("layer_adam", 1, 64, 0.001, **layer, optimizer__kind="adam", model__activation="tanh")

    # A few steps: what an optimizer remembers, a schedule, a second epoch.
    yield case("three_nesterov_decay", 3, 48, 0.05, **batch, model__activation="tanh", optimizer__momentum=0.8,
               optimizer__nesterov="true", optimizer__weight_decay=0.05)
    yield case("three_adam_decay", 3, 64, 0.002, **{**layer, **after}, model__activation="sigmoid",
               optimizer__kind="adam", optimizer__weight_decay=0.1, optimizer__decay_on="all")
    yield case("four_cosine_epochs", 4, 20, 0.1, rows=50, **batch, model__activation="tanh",
               optimizer__schedule="cosine")

    # Functions of each value by itself. Last: a case's weights are those of its place in this list.
    dyt = {"norm__kind": "dyt", "norm__placement": "before"}
    derf = {"norm__kind": "derf", "norm__placement": "before"}
    yield case("dyt_one_row", 1, 1, 0.1, **dyt, model__activation="sigmoid")
    yield case("dyt_after", 1, 32, 0.1, **{**dyt, **after}, model__activation="relu", optimizer__weight_decay=0.1,
               optimizer__decay_on="all")
    yield case("derf_clip", 1, 64, 0.4, **derf, optimizer__clip=0.2, model__activation="tanh")
    yield case("derf_on_both_ends", 1, 9, 0.1, **{**derf, **after}, norm__on_output="true", norm__on_input="true",
               model__activation="tanh")
    yield case("three_dyt_adam", 3, 64, 0.002, **dyt, optimizer__kind="adam", model__activation="tanh")
    yield case("derf_no_affine", 1, 16, 0.2, **derf, norm__affine="false", norm__alpha_initial=0.7)
    for kind in "dyt", "derf":
        yield case(f"steps50_{kind}_before", 50, 64, 0.002, rows=ROWS, model__hidden=[24, 16],
                   optimizer__momentum=0.9, norm__kind=kind, norm__placement="before")


# ---- the network in PyTorch ----------------------------------------------------------------------------

def build(torch, config, dtype):
    """A list of (name, module); names as in our results file."""
    nn = torch.nn
    kind, placement = config["norm.kind"], config.get("norm.placement", "before")
    on_output = config.get("norm.on_output") == "true"
    act = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "identity": nn.Identity}
    eps, affine = config.get("norm.eps", 1e-5), config.get("norm.affine", "true") == "true"

    class Squash(nn.Module):
        def __init__(self, width):
            super().__init__()
            start = float(config.get("norm.alpha_initial", 0.5))
            self.function = torch.tanh if kind == "dyt" else torch.erf
            self.start = torch.tensor(start, dtype=dtype)
            if affine:
                self.weight, self.bias = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
                self.alpha = nn.Parameter(torch.full((1,), start))
                self.s = nn.Parameter(torch.zeros(1)) if kind == "derf" else None

        def forward(self, x):
            if not affine:
                return self.function(self.start * x)
            u = self.alpha * x if self.s is None else self.alpha * x + self.s
            return self.weight * self.function(u) + self.bias

    def norm(width):
        if kind in ("dyt", "derf"):
            return Squash(width)
        if kind == "batch":
            return nn.BatchNorm1d(width, eps=eps, momentum=1 - config.get("norm.momentum", 0.9), affine=affine)
        return nn.LayerNorm(width, eps=eps, elementwise_affine=affine)

    widths = [FEATURES] + config["model.hidden"] + [CLASSES]
    modules = []
    if config.get("norm.on_input") == "true":
        modules.append(("input", norm(FEATURES)))
    for k in range(len(widths) - 1):
        last = k == len(widths) - 2
        normed = kind != "none" and (not last or on_output)
        # auto: no bias where batch norm takes it away directly after
        direct = last or placement == "before" or config["model.activation"] == "identity"
        cancelled = kind == "batch" and normed and direct
        bias = config["model.bias"] == "on" or not cancelled
        modules.append((f"layer{k}", nn.Linear(widths[k], widths[k + 1], bias=bias)))
        own = [(f"layer{k}", norm(widths[k + 1]))] if normed else []
        act_k = [] if last else [("", act[config["model.activation"]]())]
        modules += own + act_k if placement == "before" else act_k + own
    for _, module in modules:
        module.to(dtype)
    return modules


def tensors(modules):
    """(our name, tensor, is it a weight matrix) in the order of the layers."""
    words = {"weight": "gamma", "bias": "beta", "alpha": "alpha", "s": "s",
             "running_mean": "running_mean", "running_var": "running_var"}
    for name, module in modules:
        if hasattr(module, "in_features"):
            yield f"{name}.W", module.weight, True
            if module.bias is not None:
                yield f"{name}.b", module.bias, False
        elif name:
            for torch_word, word in words.items():
                if getattr(module, torch_word, None) is not None:
                    yield f"{name}.{word}", getattr(module, torch_word), False


def initialize(torch, modules, seed):
    """Numbers that matter everywhere: no gamma of 1, no bias of 0, no fresh running statistics."""
    random = np.random.Generator(np.random.Philox(seed))
    with torch.no_grad():
        for name, tensor, is_matrix in tensors(modules):
            value = random.standard_normal(tuple(tensor.shape))
            if is_matrix:
                value *= math.sqrt(2 / tensor.shape[1])
            elif name.endswith(("gamma", "alpha", "running_var")):
                value = 1 + 0.2 * np.tanh(value)
            else:
                value *= 0.1
            tensor.copy_(torch.from_numpy(value.astype(np.float32)))


def snapshot(modules):
    return {name: (t.detach().numpy().T if is_matrix else t.detach().numpy()).copy()
            for name, t, is_matrix in tensors(modules)}


def make_optimizer(torch, modules, config):
    decay = config.get("optimizer.weight_decay", 0)
    parameters = [(t, m) for _, t, m in tensors(modules) if t.requires_grad]
    groups = [{"params": [t for t, m in parameters if m], "weight_decay": decay},
              {"params": [t for t, m in parameters if not m],
               "weight_decay": decay if config.get("optimizer.decay_on") == "all" else 0}]
    groups = [group for group in groups if group["params"]]
    lr = config["optimizer.lr"]
    if config["optimizer.lr_scaling"] == "linear":
        lr *= config["train.batch_size"] / config["optimizer.lr_reference_batch"]
    if config["optimizer.kind"] == "adam":
        return torch.optim.Adam(groups, lr=lr)
    return torch.optim.SGD(groups, lr=lr, momentum=config["optimizer.momentum"],
                           nesterov=config.get("optimizer.nesterov") == "true")


def train(torch, config, inputs, labels, dtype, seed, disturbance=0):
    modules = build(torch, config, dtype)
    initialize(torch, modules, seed)
    initial = snapshot(modules)
    if disturbance:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for _, tensor, _ in tensors(modules):
                tensor *= 1 + disturbance * torch.randn(tensor.shape, generator=generator, dtype=dtype)
    network = torch.nn.Sequential(*[module for _, module in modules])
    optimizer = make_optimizer(torch, modules, config)
    steps, B, rows = config["train.steps"], config["train.batch_size"], config["data.train"]
    schedule = (torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
                if config["optimizer.schedule"] == "cosine" else None)
    for step in range(steps):
        begin = step % (rows // B) * B
        x = torch.from_numpy(inputs[begin:begin + B]).to(dtype)
        label = torch.from_numpy(labels[begin:begin + B].astype(np.int64))
        before = snapshot(modules)
        z = network(x)
        if config["train.loss"] == "squared":
            onehot = torch.nn.functional.one_hot(label, CLASSES).to(dtype)
            loss = ((z - onehot) ** 2).sum() / 2 / B
        else:
            loss = torch.nn.functional.cross_entropy(z, label)
        optimizer.zero_grad()
        loss.backward()
        if config.get("optimizer.clip"):
            norm = float(torch.nn.utils.clip_grad_norm_(network.parameters(), config["optimizer.clip"]))
            assert norm > config["optimizer.clip"], "this case never clips"
        optimizer.step()
        if schedule:
            schedule.step()
        if config.get("norm.running_var") == "biased":
            m = config.get("norm.momentum", 0.9)
            for name, tensor, _ in tensors(modules):
                if name.endswith("running_var"):
                    old = torch.from_numpy(m * before[name])
                    tensor.copy_(old + (tensor - old) * (B - 1) / B)
    return initial, snapshot(modules)


# ---- files -----------------------------------------------------------------------------------------------

TYPES = {"float32": "<f4", "float64": "<f8", "uint8": "u1"}


def write_file(path, config, arrays):
    with open(path, "wb") as out:
        for key, value in config.items():
            out.write(f"{key} {value}\n".encode())
        for name, (kind, array) in arrays.items():
            out.write(f"array {name} {kind} {array.size}\n".encode())
            out.write(np.ascontiguousarray(array, TYPES[kind]).tobytes())
        out.write(b"end\n")


def read_file(path):
    config, arrays = {}, {}
    with open(path, "rb") as file:
        while (line := file.readline().decode().rstrip("\n")) != "end":
            word, rest = line.split(" ", 1)
            if word == "array":
                name, kind, count = rest.split()
                dtype = np.dtype(TYPES[kind])
                arrays[name] = np.frombuffer(file.read(int(count) * dtype.itemsize), dtype)
                assert arrays[name].size == int(count), f"{path}: truncated in {name}"
            else:
                config[word] = rest
    return config, arrays


def make_inputs():
    """Five overlapping clusters in 40 features of unequal offset and size."""
    random = np.random.Generator(np.random.Philox(1))
    labels = random.integers(0, CLASSES, ROWS).astype(np.uint8)
    centres = 0.6 * random.standard_normal((CLASSES, FEATURES))
    size = np.exp(0.5 * random.standard_normal(FEATURES))
    offset = 0.5 * random.standard_normal(FEATURES)
    inputs = (centres[labels] + random.standard_normal((ROWS, FEATURES))) * size + offset
    return inputs.astype(np.float32), labels


def deviation(a, b):
    """Largest difference against the largest number."""
    return float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-300))


def make(folder):
    import torch
    torch.set_num_threads(1)
    os.makedirs(folder, exist_ok=True)
    inputs, labels = make_inputs()
    write_file(os.path.join(folder, "inputs.bin"), {}, {"inputs": ("float32", inputs),
                                                        "labels": ("uint8", labels)})
    for seed, (name, config) in enumerate(cases(), start=2):
        initial, final = train(torch, config, inputs, labels, torch.float64, seed)
        _, single = train(torch, config, inputs, labels, torch.float32, seed)
        arrays = {f"initial.{key}": ("float32", value) for key, value in initial.items()}
        arrays.update({f"final.{key}": ("float64", value) for key, value in final.items()})
        write_file(os.path.join(folder, f"{name}.bin"), config, arrays)
        _, other = train(torch, config, inputs, labels, torch.float64, seed, disturbance=DISTURBANCE)
        report(name, config["train.steps"], initial, single, final, other)


def report(name, steps, initial, single, final, other):
    """How well conditioned is the case? PyTorch in float32 against float64, as the test will judge us; and what
    becomes of a small disturbance of the initial weights (a ReLU close to 0 makes it large)."""
    growth = max(deviation(other[key], final[key]) for key in final)
    assert growth < LONG_RUN / 2, f"{name}: {DISTURBANCE} becomes {growth:.1e}; take other inputs or another seed"
    if steps >= 50:
        worst = max(deviation(single[key], final[key]) for key in final)
        print(f"{name:24s} float32 misses the weights by {worst:.1e} (test: 1e-4)")
        return
    # What is left after the rounding of the weights themselves, as a share of the largest update.
    worst = 0.0
    for key, end in final.items():
        rounding = steps * 2.0 ** -23 * np.maximum(np.abs(end), np.abs(initial[key]))
        rest = np.abs(single[key].astype(float) - end) - rounding
        update = max(np.max(np.abs(end - initial[key])), 1e-300)  # 0 where the normalizer cancels it
        worst = max(worst, np.max(rest) / update)
    print(f"{name:24s} float32 misses the updates by {max(worst, 0):.1e} (test: 1e-5)")


def compare(a, b):
    names = [sorted(name for name in os.listdir(folder) if name.endswith(".bin")) for folder in (a, b)]
    assert names[0] == names[1] and names[0], f"not the same cases: {set(names[0]) ^ set(names[1])}"
    worst = 0.0
    for name in names[0]:
        (config_a, arrays_a), (config_b, arrays_b) = (read_file(os.path.join(d, name)) for d in (a, b))
        assert config_a == config_b, f"{name}: the configurations differ"
        assert arrays_a.keys() == arrays_b.keys(), f"{name}: not the same arrays"
        for key, array in arrays_a.items():
            other = arrays_b[key]
            assert array.dtype == other.dtype and array.shape == other.shape, f"{name}: {key} differs in shape"
            error = deviation(array.astype(float), other.astype(float))
            assert error <= RELATIVE, f"{name}: {key} differs by {error:.1e}"
            worst = max(worst, error)
    print(f"parity data: {len(names[0])} files agree, largest relative difference {worst:.1e}")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--compare":
        try:
            compare(sys.argv[2], sys.argv[3])
        except AssertionError as difference:
            sys.exit(f"make_parity.py: {difference}")
    elif len(sys.argv) == 2 and not sys.argv[1].startswith("-"):
        make(sys.argv[1])
    else:
        sys.exit(__doc__)
