#!/usr/bin/env python3
"""PyTorch's side of scripts/bench_torch.py: a process that trains on demand and says how fast.

    torch_worker.py THREADS

Reads requests from stdin, a line of JSON each, and answers each on stdout with one: first, unasked, the versions;
then {"call": "prepare", "cell": ..., "forms": [...]} makes a training of each form for one cell, and
{"call": "measure", "form": ..., "seconds": ...} gives its steps a second. The forms: see scripts/bench_torch.py.
"""
import json
import math
import os
import signal
import statistics
import sys
import time

ROWS, WRONG_LABELS = 55000, 0.1  # as in src/lab/bench/bench_data.h
MOMENTUM = 0.9
USUAL = {"forward": "traced", "inputs": "scaled", "optimizer": "foreach", "denormals": "kept"}
ALTERNATIVES = {"optimizer": "plain", "forward": "module", "inputs": "bytes", "denormals": "flushed"}
TRIALS, TRIAL_S, CLEARLY = 5, 0.08, 1.02
PIECES = 25  # of a measurement, as in src/lab/bench/bench_turns.c


class Data:
    """Rows like pictures: half their class's random picture, half noise, one label in ten wrong."""

    def __init__(self, torch, n_features, n_classes):
        torch.manual_seed(0)
        classes = torch.randint(n_classes, (ROWS,))
        centres = torch.randint(256, (n_classes, n_features), dtype=torch.uint8) // 2
        self.bytes = torch.randint(256, (ROWS, n_features), dtype=torch.uint8).div_(2, rounding_mode="floor")
        self.bytes += centres[classes]
        self.labels = torch.where(torch.rand(ROWS) < WRONG_LABELS, (classes + 1) % n_classes, classes)
        self.shift = float(self.bytes.float().mean())
        self.factor = 1 / float(self.bytes.float().std())
        self.scaled = self.bytes.float().sub_(self.shift).mul_(self.factor)


def build_network(torch, sizes, norm):
    nn, layers = torch.nn, []
    for k in range(len(sizes) - 2):
        layers += [nn.Linear(sizes[k], sizes[k + 1], bias=norm != "batch")]
        layers += {"none": [], "batch": [nn.BatchNorm1d(sizes[k + 1])], "layer": [nn.LayerNorm(sizes[k + 1])]}[norm]
        layers += [nn.ReLU(inplace=True)]
    layers += [nn.Linear(sizes[-2], sizes[-1])]
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return nn.Sequential(*layers)


def by_hand(torch, network):
    """The network as a chain of functional calls on its parameters."""
    nn, F, calls = torch.nn, torch.nn.functional, []
    for m in network:
        if isinstance(m, nn.Linear):
            calls.append(lambda x, w=m.weight, b=m.bias: F.linear(x, w, b))
        elif isinstance(m, nn.BatchNorm1d):
            calls.append(lambda x, m=m, mean=m.running_mean, var=m.running_var, gamma=m.weight, beta=m.bias:
                         torch.batch_norm(x, gamma, beta, mean, var, True, m.momentum, m.eps, False))
        elif isinstance(m, nn.LayerNorm):
            calls.append(lambda x, shape=m.normalized_shape, gamma=m.weight, beta=m.bias, eps=m.eps:
                         torch.layer_norm(x, shape, gamma, beta, eps, False))
        else:
            calls.append(torch.relu_)

    def forward(x):
        for call in calls:
            x = call(x)
        return x
    return forward


class Training:
    """One network in training, in one form; `how` says which alternatives of the form bare."""

    def __init__(self, torch, data, cell, form, how):
        torch.manual_seed(0)
        self.torch, self.data, self.B, self.how = torch, data, cell["batch"], how
        self.network = build_network(torch, cell["sizes"], cell["norm"])
        self.parameters = list(self.network.parameters())
        self.lr = min(0.025 * self.B / 64, 0.05)
        plain = {} if form == "loader" else {"foreach": how["optimizer"] == "foreach"}
        self.optimizer = torch.optim.SGD(self.parameters, lr=self.lr, momentum=MOMENTUM, **plain)
        self.velocities = [torch.zeros_like(p) for p in self.parameters]
        self.forward = self.network
        self.step = self.bare_step
        self.batches = self.draw_batches()
        if form == "loader":
            self.batches, self.step = self.load_batches(), self.loader_step
        elif form == "hand":
            self.forward, self.step = by_hand(torch, self.network), self.hand_step
        elif how["forward"] == "traced":
            self.forward = torch.jit.trace(self.network, data.scaled[:self.B], check_trace=False)
        self.begin = [t.clone() for t in self.network.state_dict().values()]
        self.cross_entropy = torch.nn.functional.cross_entropy

    def restart(self):
        """Back to the initial weights, so that each measurement sees the same stretch of a training."""
        with self.torch.no_grad():
            for tensor, begin in zip(self.network.state_dict().values(), self.begin):
                tensor.copy_(begin)
            for velocity in self.velocities:
                velocity.zero_()
        self.optimizer.state.clear()

    def draw_batches(self):
        while True:
            order = self.torch.randperm(ROWS)[:ROWS // self.B * self.B]
            for rows in order.split(self.B):
                labels = self.data.labels.index_select(0, rows)
                if self.how["inputs"] == "scaled":
                    yield self.data.scaled.index_select(0, rows), labels
                else:
                    inputs = self.data.bytes.index_select(0, rows).float()
                    yield inputs.sub_(self.data.shift).mul_(self.data.factor), labels

    def load_batches(self):
        from torch.utils.data import DataLoader, TensorDataset
        rows = TensorDataset(self.data.scaled, self.data.labels)
        loader = DataLoader(rows, batch_size=self.B, shuffle=True, drop_last=True)
        while True:
            yield from loader

    def loader_step(self):
        inputs, labels = next(self.batches)
        self.optimizer.zero_grad()
        loss = self.cross_entropy(self.network(inputs), labels)
        loss.backward()
        self.optimizer.step()
        return loss

    def bare_step(self):
        inputs, labels = next(self.batches)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.cross_entropy(self.forward(inputs), labels)
        loss.backward()
        self.optimizer.step()
        return loss

    def hand_step(self):
        inputs, labels = next(self.batches)
        for parameter in self.parameters:
            parameter.grad = None
        loss = self.cross_entropy(self.forward(inputs), labels)
        loss.backward()
        with self.torch.no_grad():
            self.torch._foreach_mul_(self.velocities, MOMENTUM)
            self.torch._foreach_add_(self.velocities, [p.grad for p in self.parameters])
            self.torch._foreach_add_(self.parameters, self.velocities, alpha=-self.lr)
        return loss

    def rate(self, seconds):
        """Steps a second, the median over pieces, after some steps that are not counted."""
        self.torch.set_flush_denormal(self.how["denormals"] == "flushed")
        self.restart()
        self.run(0.1 * seconds)
        pieces = [self.run(seconds / PIECES) for _ in range(PIECES)]
        if not all(math.isfinite(loss) for _, _, loss in pieces):
            raise FloatingPointError(f"PyTorch's training diverged (B={self.B}, learning rate {self.lr:g})")
        return statistics.median(steps / spent for steps, spent, _ in pieces)

    def run(self, seconds):
        steps, spent, start = 0, 0, time.perf_counter()
        while spent < seconds or steps < 1:
            loss = self.step()
            steps += 1
            spent = time.perf_counter() - start
        return steps, spent, float(loss)


def fastest_way(training_of):
    """For each alternative in turn: is it clearly faster than the best so far?"""
    best = training_of(USUAL)
    for key, other in ALTERNATIVES.items():
        challenger = training_of({**best.how, key: other})
        ratios = [challenger.rate(TRIAL_S) / best.rate(TRIAL_S) for _ in range(TRIALS)]
        if statistics.median(ratios) > CLEARLY:
            best = challenger
    return best


def loaded_blas():
    """File of the BLAS library in this process, with its folder: on Debian that names the build."""
    with open("/proc/self/maps") as maps:
        paths = sorted({line.split()[-1] for line in maps if "/lib" in line})
    for name in "libopenblas", "libmkl_core", "libblis", "libblas":
        for path in paths:
            if os.path.basename(path).startswith(name):
                return "/".join(path.split("/")[-2:])
    return "unknown"


class Bench:
    """What a worker has: data, and for the cell at hand a training of each form."""

    def __init__(self, torch):
        self.torch, self.data, self.data_of, self.trainings = torch, None, None, {}

    def prepare(self, cell, forms):
        torch, sizes = self.torch, [int(width) for width in cell["sizes"].split("-")]
        cell = {**cell, "sizes": sizes}
        ends = (sizes[0], sizes[-1])
        if self.data_of != ends:
            self.data, self.data_of = Data(torch, *ends), ends
        self.trainings, how = {}, USUAL
        for form in forms:
            if form == "bare":
                training = fastest_way(lambda how: Training(torch, self.data, cell, "bare", how))
                how = training.how  # `hand`, which comes after it, takes inputs and denormals from it
            else:
                training = Training(torch, self.data, cell, form, how)
            self.trainings[form] = training
        return {"way": ",".join(how.values())}

    def measure(self, form, seconds):
        return {"rate": self.trainings[form].rate(seconds)}


def work(n_threads):
    """Answers requests on stdin, a line of JSON each: {"call": a method of Bench, and its arguments}."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends, and with it stdin
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever PyTorch prints is no answer

    def answer(values):
        print(json.dumps(values), file=answers, flush=True)
    try:
        import torch
    except ImportError as error:
        answer({"missing": str(error)})
        return
    torch.set_num_threads(n_threads)
    torch.set_num_interop_threads(1)
    answer({"version": torch.__version__, "blas": loaded_blas()})
    bench = Bench(torch)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer(getattr(bench, request.pop("call"))(**request))
        except (FloatingPointError, RuntimeError) as error:
            answer({"error": str(error)})


if __name__ == "__main__":
    try:
        work(int(sys.argv[1]))
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more
