#!/usr/bin/env python3
"""Sweeps of more and more tiny runs: processor time of each command, and how it grows. A slope of 1 is linear: twice
the runs, twice the time. Exit status 1: some slope is above the limit, or a command failed.

    scale.py                     1,250 to 20,000 runs, a quarter of an hour
    scale.py --runs 100 400      other numbers, two at least
    --program FILE   default: build/normlab           --folder DIR   default: a temporary folder; kept where it is named
    --limit X        largest slope; default: 1.1      --jobs N       runs at a time

User and system time of a command with all its workers, so that others on the machine do not count; the slope is that
of the logarithm of time over the logarithm of runs, by least squares. Peak memory is that of the largest process.
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
YAML = """schema: 1
name: scale
title: Tiny runs
base:
  data: {{name: spirals, rows: 40, test_rows: 10, validation: 10, classes: 2}}
  model: {{hidden: [4]}}
  train: {{epochs: 1, batch_size: 10}}
  optimizer.lr: 0.1
sweep:
  norm.kind: [none, batch]
  seed: range({seeds})
"""


def commands(program, folder, jobs):
    """Name | words; {} is the folder. In their order: what a command needs, one before it has made."""
    file, runs, merged = f"{folder}/scale.yaml", f"{folder}/scale", f"{folder}/scale.h5"
    out = ["--out", folder]
    rows = [("plan", ["run", file, *out, "--dry-run"]),
            ("run", ["run", file, *out, "--shard", "0/1", "--jobs", str(jobs), "--threads", "1"]),
            ("plan again", ["run", file, *out, "--dry-run"]),
            ("shard 7/100", ["run", file, *out, "--dry-run", "--shard", "7/100"]),
            ("status", ["status", runs]),
            ("merge", ["merge", runs]),
            ("run again", ["run", file, *out]),
            ("table", ["table", merged]),
            ("list runs", ["list", "runs", merged]),
            ("show", ["show", merged])]
    known = {words[0]: subprocess.run([program, "help", words[0]], capture_output=True).returncode == 0
             for _, words in rows}
    return [(name, [program, *words]) for name, words in rows if known[words[0]]]


def measure(words):
    """Processor seconds and peak MB of a command and its workers."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            text = said.read().decode(errors="replace")[-500:]
            sys.exit(f"scale.py: {' '.join(words)}: exit status {process.returncode}: {text}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def slope(points):
    logs = [(math.log(n), math.log(seconds)) for n, seconds in points]
    x, y = (sum(values) / len(logs) for values in zip(*logs))
    return sum((a - x) * (b - y) for a, b in logs) / sum((a - x) ** 2 for a, _ in logs)


def parse():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--runs", nargs="+", type=int, default=[1250, 2500, 5000, 10000, 20000])
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "normlab"))
    parser.add_argument("--folder")
    parser.add_argument("--limit", type=float, default=1.1)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    return parser.parse_args()


def sweep(options, folder, n):
    """Times of each command for n runs, printed while they come."""
    place = os.path.join(folder, str(n))
    os.makedirs(place)
    with open(f"{place}/scale.yaml", "w", encoding="utf-8") as file:
        file.write(YAML.format(seeds=n // 2))
    times = {}
    for name, words in commands(os.path.abspath(options.program), place, options.jobs):
        seconds, megabytes = measure(words)
        times[name] = seconds
        print(f"{n:7} {name:12} {seconds:10.3f} s  {1e3 * seconds / n:8.4f} ms a run  {megabytes:8.1f} MB", flush=True)
    return times


def main():
    options = parse()
    with tempfile.TemporaryDirectory(prefix="normlab-scale-") as temporary:
        folder = options.folder or temporary
        times = {n: sweep(options, folder, n) for n in options.runs}
    steep = 0
    for name in times[options.runs[0]]:
        found = slope([(n, max(times[n][name], 1e-3)) for n in options.runs])
        steep += found > options.limit
        print(f"slope of {name:12} {found:5.2f}{'  above ' + str(options.limit) if found > options.limit else ''}")
    return 1 if steep else 0


if __name__ == "__main__":
    sys.exit(main())
