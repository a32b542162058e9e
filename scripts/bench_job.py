#!/usr/bin/env python3
"""How long does the main job take, and how long would PyTorch train for it? One ratio.

For each cell of an experiment (normalizer x batch size) the two sides take turns on one core: normlab trains a run of it
whole; PyTorch's time is the number of steps over its speed in its fastest form
(scripts/bench_torch.py says what that is), with OpenBLAS on one thread, and no evaluation. Of both, so many runs as the
experiment has seeds. Data are read once for all of them, which is in neither time.
"""
import argparse
import csv
import glob
import os
import statistics
import subprocess
import sys
import tempfile

import bench_torch

COLUMNS = ("norm", "batch", "steps", "runs", "train_s", "whole_s", "torch_s", "ratio", "ratio_low", "ratio_high", "others", "form")


def normlab(options, *words, core=None):
    pin = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
    done = subprocess.run([options.program, *words], text=True, capture_output=True, preexec_fn=pin)
    if done.returncode:
        bench_torch.give_up(f"normlab {' '.join(words)}: exit status {done.returncode}\n{done.stderr}")
    return list(csv.DictReader(done.stdout.splitlines(), delimiter="\t"))


def cells_of(options):
    """{(norm, batch): [steps, runs]} of the experiment."""
    cells = {}
    for row in normlab(options, "run", options.experiment, "--dry-run", "--tsv", "--out", options.folder):
        if row["run"] != "total":
            cell = cells.setdefault((row["norm.kind"], int(row["train.batch_size"])), [int(row["steps"]), 0])
            cell[1] += 1
    return cells


def our_seconds(options, norm, batch, steps, core):
    """A run of the cell: seconds of training; and with evaluation and logging."""
    with tempfile.TemporaryDirectory() as folder:
        normlab(options, "run", options.experiment, f"norm.kind={norm}", f"train.batch_size={batch}", "seed=0",
                f"train.steps={steps}", "--jobs", "1", "--threads", "1", "--out", folder, core=core)
        results, = glob.glob(f"{folder}/*.h5")
        row, = normlab(options, "table", results, "--columns", "train_s,eval_s,log_s")
        return float(row["train_s"]), sum(map(float, row.values()))


def measure(options, worker, core, norm, batch, steps, runs):
    steps = min(steps, options.steps) if options.steps else steps
    cell = {"sizes": options.sizes, "norm": norm, "batch": batch, "threads": 1}
    form = worker.ask(call="prepare", cell=cell, forms=["bare"])["way"]
    busyness = bench_torch.Busyness([worker], {core})
    trained, wholes, theirs = [], [], []
    for _ in range(options.repeats):
        ours = our_seconds(options, norm, batch, steps, core)
        trained.append(ours[0])
        wholes.append(ours[1])
        theirs.append(steps / worker.ask(call="measure", form="bare", seconds=options.seconds)["rate"])
    ratios = [b / a for a, b in zip(trained, theirs)]
    return dict(zip(COLUMNS, (norm, batch, steps, runs, statistics.median(trained), statistics.median(wholes),
                              statistics.median(theirs), statistics.median(ratios), min(ratios), max(ratios),
                              busyness.share(), form)))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiment", default="experiments/small_batch.yaml", help="none, batch and layer alone")
    parser.add_argument("--sizes", default="784-100-100-100-10", help="the network of the experiment, for PyTorch")
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement of PyTorch (1)")
    parser.add_argument("--repeats", type=int, default=3, help="of each side (3)")
    parser.add_argument("--steps", type=int, default=0, help="at most so many steps a run: a glance")
    parser.add_argument("--program", default="build/normlab", help="normlab (build/normlab)")
    return parser.parse_args()


def main():
    options = parse_options()
    core = max(os.sched_getaffinity(0))
    worker = bench_torch.Worker(1, {core}, True)
    print(f"one thread on core {core} of {bench_torch.processor()}; PyTorch {worker.version} with {worker.blas}", file=sys.stderr)
    totals = dict.fromkeys(("train_s", "whole_s", "torch_s"), 0.0)
    with tempfile.TemporaryDirectory() as options.folder:
        print("\t".join(COLUMNS))
        for (norm, batch), (steps, runs) in cells_of(options).items():
            row = measure(options, worker, core, norm, batch, steps, runs)
            print("\t".join(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values()), flush=True)
            for name in totals:
                totals[name] += runs * row[name]
    worker.close()
    print(f"all runs on one core: PyTorch trains for {totals['torch_s']:.0f} s, normlab for {totals['train_s']:.1f} s: "
          f"{totals['torch_s'] / totals['train_s']:.2f} times; with evaluation and logging {totals['whole_s']:.1f} s: "
          f"{totals['torch_s'] / totals['whole_s']:.2f} times")


if __name__ == "__main__":
    main()
