#!/usr/bin/env python3
"""Many small networks side by side in PyTorch, as one batched product (torch.bmm), on a processor or a GPU: when is that
faster than normlab, which trains one network a core?

Every network has its own weights, mini-batches, batch norm before ReLU, cross-entropy, SGD with momentum: the same work
as `normlab bench`. On a GPU a step of all networks is one CUDA graph. A column is the time of one step of one network:
of the step of all divided by their number. The processors of a machine train as many networks of normlab at once as it
has cores: `cores` says by how much to divide ours.
"""
import argparse
import csv
import os
import statistics
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before PyTorch is loaded
os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

MOMENTUM, EPS, ROWS = 0.9, 1e-5, 55000


class Networks:
    """n networks: W[k] is [n, in, out], activations are [n, B, units]."""

    def __init__(self, n, widths, B, device):
        self.n, self.B, self.device = n, B, device
        generator = torch.Generator().manual_seed(0)
        rows = torch.randint(256, (ROWS, widths[0]), generator=generator, dtype=torch.uint8)
        labels = torch.randint(widths[-1], (ROWS,), generator=generator)
        rows[:, 0] = (labels * (255 // widths[-1])).to(torch.uint8)  # something to learn
        self.x = ((rows.float() - rows.float().mean()) / rows.float().std()).to(device)
        self.labels, self.lr = labels.to(device), min(0.025 * B / 64, 0.05)
        self.parameters, self.running = [], []
        for k, (fan_in, out) in enumerate(zip(widths, widths[1:])):
            last = k == len(widths) - 2
            weights = torch.randn(n, fan_in, out, generator=generator) * (2 / fan_in) ** 0.5
            self.parameters.append([weights.to(device)] + ([torch.zeros(n, 1, out, device=device)] if last else
                                   [torch.ones(n, 1, out, device=device), torch.zeros(n, 1, out, device=device)]))
            if not last:
                self.running.append([torch.zeros(n, 1, out, device=device), torch.ones(n, 1, out, device=device)])
        self.flat = [p.requires_grad_() for layer in self.parameters for p in layer]
        self.velocities = [torch.zeros_like(p) for p in self.flat]
        self.rows = torch.zeros(n * B, dtype=torch.long, device=device)
        self.loss = torch.zeros((), device=device)

    def draw(self):
        """Rows of the next mini-batches; each network has its own."""
        self.rows.copy_(torch.randint(ROWS, (self.n * self.B,), device=self.device))

    def step(self):
        a = self.x.index_select(0, self.rows).view(self.n, self.B, -1)
        for (weights, *rest), running in zip(self.parameters[:-1], self.running):
            z = torch.bmm(a, weights)
            variance, mean = torch.var_mean(z, 1, unbiased=False, keepdim=True)
            with torch.no_grad():
                running[0].lerp_(mean, 1 - MOMENTUM)
                running[1].lerp_(variance * (self.B / max(self.B - 1, 1)), 1 - MOMENTUM)
            a = torch.relu(torch.addcmul(rest[1], (z - mean) * torch.rsqrt(variance + EPS), rest[0]))
        weights, bias = self.parameters[-1]
        z = torch.baddbmm(bias, a, weights).view(self.n * self.B, -1)
        loss = torch.nn.functional.cross_entropy(z, self.labels.index_select(0, self.rows), reduction="sum") / self.B
        gradients = torch.autograd.grad(loss, self.flat)
        with torch.no_grad():
            torch._foreach_mul_(self.velocities, MOMENTUM)
            torch._foreach_add_(self.velocities, gradients)
            torch._foreach_add_(self.flat, self.velocities, alpha=-self.lr)
            self.loss.copy_(loss / self.n)


class OnGpu:
    """A step as one CUDA graph."""

    def __init__(self, networks):
        self.networks, stream = networks, torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                networks.draw()
                networks.step()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            networks.step()

    def step(self):
        self.graph.replay()


def seconds_a_step(networks, seconds):
    """Median over pieces. The loss must have fallen: what does not train is not timed."""
    on_gpu = networks.device != "cpu"
    networks.draw()
    networks.step()
    first = float(networks.loss)
    runner = OnGpu(networks) if on_gpu else networks
    pieces, end = [], time.monotonic() + seconds
    while len(pieces) < 5 or time.monotonic() < end:
        n, begin = 0, time.perf_counter()
        while time.perf_counter() - begin < seconds / 25 or n < 1:
            networks.draw()
            runner.step()
            n += 1
        if on_gpu:
            torch.cuda.synchronize()
        pieces.append((time.perf_counter() - begin) / n)
    last = float(networks.loss)
    if not last < 1.5 * first:
        sys.exit(f"bench_batched.py: the networks do not train: loss {first:.3g}, then {last:.3g}")
    return statistics.median(pieces)


def our_seconds(options, B):
    """A step of one network, on one core."""
    done = subprocess.run([options.program, "bench", "--sizes", options.sizes, "--norm", "batch", "--batch", str(B),
                           "--seconds", str(options.seconds), "--tsv"], text=True, stdout=subprocess.PIPE, check=True)
    row, = csv.DictReader(done.stdout.splitlines(), delimiter="\t")
    return 1 / float(row["steps_per_s"])


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", help="cpu (one thread), or cuda")
    parser.add_argument("--sizes", default="784-100-100-100-10", help="of a network")
    parser.add_argument("--networks", type=numbers, default=[8, 24], help="side by side (8,24)")
    parser.add_argument("--batch", type=numbers, default=[2, 16, 64, 256], help="rows of a mini-batch (2,16,64,256)")
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement (1)")
    parser.add_argument("--repeats", type=int, default=3, help="turns of the two sides (3)")
    parser.add_argument("--program", default="build/normlab", help="normlab (build/normlab); -: PyTorch alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    name = torch.cuda.get_device_name() if options.device != "cpu" else "one thread"
    print(f"PyTorch {torch.__version__}, {name}; {os.cpu_count()} cores", file=sys.stderr)
    print("networks\tbatch\ttorch_us\tours_us\tratio\tcores")
    for B in options.batch:
        for n in options.networks:
            theirs, ours = [], []
            for _ in range(options.repeats):
                networks = Networks(n, numbers(options.sizes.replace("-", ",")), B, options.device)
                theirs.append(seconds_a_step(networks, options.seconds) / n)
                ours.append(our_seconds(options, B) if options.program != "-" else float("nan"))
            ratio = statistics.median(b / a for a, b in zip(ours, theirs))
            print(f"{n}\t{B}\t{statistics.median(theirs) * 1e6:.2f}\t{statistics.median(ours) * 1e6:.2f}\t{ratio:.3f}\t{os.cpu_count()}", flush=True)


if __name__ == "__main__":
    main()
