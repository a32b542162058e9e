#!/usr/bin/env python3
"""Does any shape fall into a hole? `normlab bench` over random networks and mini-batch sizes, the worst ratio to the limit first.

    scripts/bench_grid.py [--program build/normlab] [--shapes 50] [--seed 1] [--seconds 1]
"""
import argparse
import csv
import math
import random
import subprocess
import sys


def draw(numbers):
    """A network and a mini-batch size, both uniform on a logarithmic scale."""
    def size(least, most):
        return round(math.exp(numbers.uniform(math.log(least), math.log(most))))

    widths = [size(5, 1200)] + [size(5, 1200) for _ in range(numbers.randint(1, 4))] + [size(2, 100)]
    return "-".join(map(str, widths)), numbers.choice(("none", "batch", "layer")), max(2, size(2, 1024))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/normlab")
    parser.add_argument("--shapes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", default="1")
    options = parser.parse_args()
    numbers, rows = random.Random(options.seed), []
    for i in range(options.shapes):
        sizes, norm, batch = draw(numbers)
        command = [options.program, "bench", "--sizes", sizes, "--norm", norm, "--batch", str(batch), "--threads", "1",
                   "--seconds", options.seconds, "--tsv"]
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE)
        if done.returncode:
            sys.exit(f"bench_grid.py: exit status {done.returncode} from: {' '.join(command)}")
        rows += csv.DictReader(done.stdout.splitlines(), delimiter="\t")
        print(f"\r{i + 1} of {options.shapes}", end="", file=sys.stderr)
    print(file=sys.stderr)
    rows.sort(key=lambda row: -float(row["ratio_to_limit"]))
    columns = ("sizes", "norm", "batch", "steps_per_s", "ratio_to_limit")
    print("\t".join(columns))
    for row in rows:
        print("\t".join(row[column] for column in columns))


if __name__ == "__main__":
    main()
