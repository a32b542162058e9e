#!/usr/bin/env python3
"""How a sweep's speed grows with the number of runs at a time: 1, 2, 4, ... up to the processors of this machine.

    bench_jobs.py              144 runs of about a second, two rounds: eight minutes on 16 processors, and on 2
    --quick                    few and short runs, one round: does it work?
    --rounds N   default: 2, once upwards and once downwards, so that a machine that slows down slows all alike
    --jobs A,B   default: 1,2,4,...               --program FILE   default: build/normlab

Columns: runs at a time; seconds of the whole command, data and merging included; efficiency, that is speed over (speed
of one at a time x runs at a time); a run's time over that of a run alone, which is the share of processors and memory
in what is lost; the rest, what the command does beside its runs.
"""
import argparse
import csv
import io
import os
import statistics
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
YAML = """schema: 1
name: jobs
title: Runs at a time
base:
  data: {{name: clusters, features: 784, classes: 10, rows: 20000, test_rows: 4000, validation: 2000, spread: 5}}
  model: {{hidden: [100, 100, 100]}}
  optimizer: {{lr: 0.005, momentum: 0.9}}
sweep:
  norm.kind: [none, batch, layer]
  seed: range({seeds})
zip:
  - {{train.batch_size: [4, 16, 64], train.steps: [{steps}]}}
"""


def sweep(program, folder, jobs, size):
    """Seconds of the command, and the mean of its runs' own."""
    file = os.path.join(folder, "jobs.yaml")
    with open(file, "w", encoding="utf-8") as out:
        out.write(YAML.format(**size))
    begin = time.monotonic()
    subprocess.run([program, "run", file, "--out", folder, "--jobs", str(jobs), "--threads", "1"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - begin
    table = subprocess.run([program, "table", os.path.join(folder, "jobs.h5"), "--tsv", "--columns", "train_s,eval_s,log_s"],
                           check=True, stdout=subprocess.PIPE, text=True).stdout
    rows = list(csv.DictReader(io.StringIO(table), delimiter="\t"))
    return seconds, statistics.mean(sum(map(float, row.values())) for row in rows), len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "../build/normlab"))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--jobs")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    jobs = [int(word) for word in options.jobs.split(",")] if options.jobs else \
        [1 << i for i in range(cores.bit_length())]
    size = {"seeds": 2, "steps": "90, 40, 15"} if options.quick else {"seeds": 16, "steps": "18000, 8000, 3000"}
    rounds = options.rounds or (1 if options.quick else 2)
    found = {n: [] for n in jobs}
    for number in range(rounds):
        for n in jobs if number % 2 == 0 else jobs[::-1]:
            with tempfile.TemporaryDirectory() as folder:
                found[n].append(sweep(options.program, folder, n, size))
    print("jobs\tseconds\tefficiency\trun\trest_s")
    alone = min(found[jobs[0]])
    for n in jobs:
        seconds, run_s, n_runs = min(found[n])
        print(f"{n}\t{seconds:.2f}\t{alone[0] * jobs[0] / (seconds * n):.2f}\t{run_s / alone[1]:.2f}"
              f"\t{seconds - run_s * n_runs / n:.2f}")


if __name__ == "__main__":
    main()
