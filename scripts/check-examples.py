#!/usr/bin/python3
"""Runs every example of every help text and of README.md, as they stand there, and expects success; then
two that cannot work, and expects to be told.

They run in a folder of their own, with the definitions that are run made small: few rows, narrow networks, two
values where an axis has more, but for the mini-batch sizes, norm.kind and some seeds. What differs from the text: `build/normlab` is
found on PATH, r3f2 becomes the id of a run, and bench measures for a fiftieth of a second.

    scripts/check-examples.py [--program build/normlab] [WORD...]   only examples that contain one of the words
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Whole axes, since the examples name their values.
WHOLE = ("norm.kind", "norm.placement", "train.batch_size")
# What the examples read, made before them; {id}: of a run of small_batch, {smoke}: of smoke.
SETUP = [
    "normlab run experiments/small_batch.yaml log.level=full --name small_batch",
    "normlab run smoke",
    "normlab run smoke seed=0",
    "normlab run experiments/placement.yaml",
    "normlab run experiments/momentum.yaml log.level=full --name momentum",
    "normlab run mine.yaml",
    "mkdir old && cp results/small_batch.h5 old/",
    "normlab run experiments/small_batch.yaml --shard 0/2 --out node1",
    "normlab run experiments/small_batch.yaml --shard 1/2 --out node2",
    "mkdir fashion && cp /usr/share/datasets/fashion-mnist/* fashion/",
    "(echo size,Species; for i in 1 2 3 4 5 6 7 8; do echo $i,a; echo $i.5,b; done) >iris.csv",
    "/usr/bin/python3 -c 'import h5py, numpy as n; f = h5py.File(\"measurements.h5\", \"w\");"
    " f.update(X_train=n.eye(6), y_train=n.arange(6) % 2, X_test=n.eye(6), y_test=n.arange(6) % 2)'",
    # Nobody has tuned here: what papers' experiments are tuned to stands in for it untuned.
    "cd experiments/claims && for name in ba_sizes noisy; do cp $name.yaml $name.tuned.yaml; done",
    # In place of Slurm, which scripts/check-slurm.sh meets.
    "printf '#!/bin/sh\\necho 1\\n' >bin/sbatch && chmod +x bin/sbatch",
    "sed 's/\"scale_norm\"/\"mine\"/' {root}/examples/plugin/scale_norm.c >mine.c",
    "gcc -O1 -shared -fPIC -I{include} mine.c -o mine.so -lm",
]
# The definitions that examples run, with how many seeds; a claim with looks needs its own. The others stay as they are,
# since claims ask for their seeds and values.
SMALL = {"small_batch.yaml": 8, "smoke.yaml": 8, "placement.yaml": 8, "momentum.yaml": 8,
         "claims/heart.yaml": 2, "claims/noise_rows.yaml": 0}
WRONG = ["normlab table results/small_batch.h5 --by no.key", "nrmlab run smoke"]
# Examples that say that something differs.
STATUS = {"diff": (0, 1)}


def shorter(value, n_seeds):
    """An axis of few values."""
    if isinstance(value, list):
        return value[:2]
    found = re.fullmatch(r"range\((\d+)(?:, *(\d+))?\)", str(value))
    if not found:
        return value
    first, last = (0, int(found[1])) if found[2] is None else (int(found[1]), int(found[2]))
    return f"range({first}, {min(last, first + n_seeds)})"


def small(text, n_seeds=8):
    """The definition with networks and data that train in an instant, and with short axes; n_seeds 0: with its own."""
    definition = yaml.safe_load(text)
    base = definition.get("base")
    if base is None:
        return text
    data, train = base.setdefault("data", {}), base.setdefault("train", {})
    if data.get("name", "fashion-mnist") in ("fashion-mnist", "mnist"):
        data.update(train=300, validation=100)
    base.setdefault("model", {})["hidden"] = [12]
    for name in list(train):
        if name in ("epochs", "steps"):
            del train[name]
    train["epochs"] = 1
    sweep = definition.get("sweep", {}) if n_seeds else {}
    for key in list(sweep):
        if key in ("train.epochs", "train.steps", "model.hidden", "data.train"):
            del sweep[key]
        elif key not in WHOLE and key != "norm.momentum":
            sweep[key] = shorter(sweep[key], n_seeds)
    if "tune" in definition:
        definition["tune"]["seeds"] = "range(100, 101)"
    return yaml.safe_dump(definition, sort_keys=False)


def make_folder(folder, program):
    for path in glob.glob(os.path.join(ROOT, "experiments", "**", "*.*"), recursive=True):
        to = os.path.join(folder, os.path.relpath(path, ROOT))
        os.makedirs(os.path.dirname(to), exist_ok=True)
        name = os.path.relpath(path, os.path.join(ROOT, "experiments"))
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(to, "w", encoding="utf-8") as file:
            file.write(small(text, SMALL[name]) if name in SMALL else text)
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    mine = re.search(r"((?:    .*\n)+)\n    build/normlab run mine", readme)[1]
    with open(os.path.join(folder, "mine.yaml"), "w", encoding="utf-8") as file:
        file.write(small(re.sub(r"^    ", "", mine, flags=re.M)))
    os.mkdir(os.path.join(folder, "bin"))
    os.symlink(program, os.path.join(folder, "bin", "normlab"))
    return readme


def help_examples(folder):
    """(command, line) of each."""

    def read(*words):
        return run(["env", "COLUMNS=100000", "normlab", *words], folder).stdout

    def listed(text):
        part = text[text.index("\nExamples\n"):]
        return [line.strip()[2:] for line in re.findall(r"^    \$ .*$", part, flags=re.M)]

    overview = read("--help")
    commands = re.findall(r"^    ([a-z]+)  ", overview[overview.index("Commands"):overview.index("\nOptions")], flags=re.M)
    # In the overview a sentence stands behind each line.
    lines = [("", re.split(r" {2,}", line)[0]) for line in listed(overview)]
    for command in commands:
        lines += [(command, line) for line in listed(read(command, "--help"))]
    return lines


def readme_examples(readme):
    lines = [("", re.split(r" +# ", line)[0].strip().replace("build/normlab", "normlab"))
             for line in re.findall(r"^    build/normlab .*$", readme, flags=re.M)]
    lines += [("", line) for line in sorted(set(re.findall(r"`(normlab (?:run|describe|tune) [a-z][^`]*=[^`.]*|"
                                                           r"normlab describe norm[^`]*|normlab describe)`", readme)))]
    python = re.search(r"((?:    import .*\n)(?:    .*\n)+)", readme)[1]
    lines.append(("python", re.sub(r"^    ", "", python, flags=re.M)))
    return lines


def made_ready(command, line, ids):
    line = line.replace("r3f2a51c09d44", ids["smoke"]).replace("r3f2", ids["small_batch"][:6])
    if command == "bench":
        line += " --seconds 0.02"
    if command == "init":
        line = "mkdir -p init && cd init && " + line
    shell = "zsh" if "zsh" in line else "fish" if "fish" in line else "bash"
    if command == "python":
        return ["/usr/bin/python3", "-c", line]
    if shell == "zsh":
        return ["zsh", "-fc", "autoload -U compinit; compinit -D; " + line]
    return [shell, "-c", line]


def run(words, folder):
    environment = {**os.environ, "HOME": folder, "PATH": os.path.join(folder, "bin") + ":" + os.environ["PATH"],
                   "PYTHONPATH": os.path.join(ROOT, "share", "python")}
    environment.pop("NORMLAB_SHARE", None)
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def first_run(folder, name):
    made = run(["bash", "-c", f"normlab table results/{name}.h5 --columns run,norm.kind | awk '/batch/ {{ print $1; exit }}'"],
               folder)
    return made.stdout.strip()


def works(command, line, ids, folder):
    made = run(made_ready(command, line, ids), folder)
    if made.returncode in STATUS.get(command, (0,)) and "command not found" not in made.stderr:
        return True
    print(f"{line}\n    exit status {made.returncode}: {made.stderr.strip()[-400:]}", file=sys.stderr)
    return False


def check(program, wanted):
    with tempfile.TemporaryDirectory() as folder:
        readme = make_folder(folder, program)
        include = os.path.join(os.path.dirname(program), "include")
        for line in SETUP:
            made = run(["bash", "-c", line.format(root=ROOT, include=include)], folder)
            if made.returncode:
                sys.exit(f"check-examples.py: set-up: {line}: {made.stderr}")
        ids = {name: first_run(folder, name) for name in ("small_batch", "smoke")}
        lines = help_examples(folder) + readme_examples(readme)
        lines = [pair for pair in lines if not wanted or any(word in pair[1] for word in wanted)]
        failed = sum(not works(command, line, ids, folder) for command, line in lines)
        print("What follows cannot work:", file=sys.stderr, flush=True)
        seen = [not works("table", line, ids, folder) for line in WRONG]
        print(f"{len(lines)} examples of help texts and README.md, {failed} failed")
        return failed == 0 and all(seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "normlab"))
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    sys.exit(not check(program, arguments.words))


main()
