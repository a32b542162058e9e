#!/usr/bin/python3
"""The JSON Schema of experiment files against the program that reads them.

All shipped files pass. Of mutants of a file that has every section, those wrong in one place (a name, a type, a range,
a nesting) are refused by both; those wrong between places are refused by `normlab run --dry-run` alone, and are listed.

    scripts/check-schema.py [--program build/normlab] [--self-test]

--self-test: forgets a part of the schema at a time, and looks whether a mutant notices.
"""
import argparse
import copy
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `on` and dates are text, 1e-5 is a number."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"^(?:~|null||)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", list("tf")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", list("-+.0123456789")),
]:
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), first)
Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))

# Every section, each field at least once; nothing of it needs a data file.
EVERYTHING = """
schema: 1
name: everything
title: Every section once
base:
  data.name: clusters
  model: {hidden: [8, 8], activation: relu}
  train: {epochs: 1}
  optimizer.lr: 0.1
  norm.momentum: 0.9
sweep:
  norm.kind: [none, batch, layer]
  model.init_scale: [0.5, 1]
  seed: "range(0, 12)"
zip:
  - train.batch_size: [4, 8]
    optimizer.weight_decay: [0, 0.001]
exclude:
  - norm.kind: layer
    train.batch_size: [8]
figures:
  - script: error_vs_batch
    name: by-batch
    arm: norm.kind
    logx: 2
  - {script: ./mine.gp, whatever: 3}
quick:
  set: {train.epochs: 1}
  only: {train.batch_size: 4}
tune:
  key: optimizer.lr
  grid: {start: 0.0125, factor: 2, count: 4}
  seeds: "range(100, 103)"
  by: validation_error
  same_grid_within: [train.batch_size]
  set: {train.steps: 5}
claim:
  number: [1, 2]
  notes: A
  says: Batch norm is worse.
  rule: one
  looks: [10]
  seen_before: [{date: 2026-11-27, answer: refuted, changed: the seeds}]
  universal: false
judge:
  - name: small
    asks: Is it worse?
    role: decides
    kind: direction
    more: {norm.kind: batch, train.batch_size: 4}
    less: {norm.kind: none, train.batch_size: 4, name: without}
    metric: {series: epoch/test_error, take: last, over: {key: model.init_scale, take: min}}
    delta: 0.01
    transform: none
    supported: It is.
    refuted: It is not.
  - name: equal
    asks: Is it the same?
    kind: equality
    figure: test_error_scored
    more: {norm.kind: batch, model.init_scale: 1}
    less: {norm.kind: none, model.init_scale: 1}
    strata: {train.batch_size: [4, 8]}
    delta: 0.01
    supported: It is.
    refuted: It is not.
    depends: It depends.
compute:
  - what: output_deviation
    norm.kind: batch
    B: 64
    mean: 3
    says: The deviation is 1.
    claimed: 1
    tolerance: 0.01
    role: beside
"""

ABSENT = object()

# (place, what stands there instead)
WRONG_IN_ONE = [
    # names
    ("schema", ABSENT), ("name", ABSENT), ("sweeep", {"seed": [1]}), ("norm.kind", "batch"), ("seed", 3),
    ("base/norm.kindd", "batch"), ("base/model/hiden", [8]), ("base/moddel", {"hidden": [8]}), ("base/lr", 0.1),
    ("sweep/norm.kid", ["none"]), ("zip/0/train.batchsize", [4, 8]), ("exclude/0/norm", "batch"),
    ("figures/0/skript", "x"), ("figures/0/script", ABSENT), ("figures/0/amr", "norm.kind"), ("figures/1/script", "error_vs_batch"), ("quick/sett", {}),
    ("quick/set/train.epoch", 1), ("tune/gird", [1, 2, 3]), ("tune/grid", ABSENT), ("tune/seeds", ABSENT),
    ("tune/grid/begin", 1), ("tune/grid/start", ABSENT), ("tune/key", "optimizer.rate"),
    ("tune/same_grid_within", ["batch_size"]), ("claim/numbr", 1), ("claim/says", ABSENT),
    ("claim/seen_before/0/answer", ABSENT), ("claim/seen_before/0/day", "2026-11-27"), ("judge/0/delta", ABSENT),
    ("judge/0/name", ABSENT), ("judge/0/more", ABSENT), ("judge/0/mroe", {"norm.kind": "batch"}),
    ("judge/0/more/norm.kinds", "batch"), ("judge/0/metric/seris", "step/train_loss"),
    ("judge/0/metric/over/key", "optimizer.rate"), ("judge/0/metric/over/take", ABSENT),
    ("compute/0/what", "output_devation"), ("compute/0/says", ABSENT), ("compute/0/mena", 3),
    ("compute/0/norm.kinds", "batch"), ("judge/0/strata", {"train.batchsize": [4]}),
    # types
    ("schema", "one"), ("title", ["a"]), ("title", {"a": 1}), ("base", [1]), ("base", "norm.kind"), ("sweep", [1]),
    ("sweep/seed", 3), ("sweep/seed", {"from": 1}), ("sweep/seed", []), ("sweep/seed", "range(x)"),
    ("sweep/seed", "range(1, 2, 3, 4)"), ("sweep/seed", "rnage(3)"), ("sweep/seed", ["a"]), ("sweep/seed", [1.5]),
    ("base/optimizer.lr", "high"), ("base/optimizer.lr", [0.1]), ("base/optimizer.lr", None), ("base/optimizer.lr", "0.1"),
    ("base/norm.affine", "yes"), ("base/norm.affine", 1), ("base/train/epochs", 1.5), ("base/train/epochs", True),
    ("base/model/hidden", 8), ("base/model/hidden", ["a"]), ("base/model/activation", "rellu"),
    ("base/model/activation", ["relu"]), ("base/norm.rows", "automatic"), ("zip", {"seed": [1]}), ("zip/0", "seed"),
    ("zip/0/train.batch_size", 4), ("zip/0/optimizer.lr", "logrange(1, 2)"),
    ("zip/0/optimizer.lr", "sample(2, cube, 1, 2)"), ("exclude", {"norm.kind": "batch"}), ("exclude/0", "batch"),
    ("exclude/0/norm.kind", "bach"), ("exclude/0/norm.kind", ["none", "bach"]), ("figures", "error_vs_batch"),
    ("figures/0", "error_vs_batch"), ("figures/0/script", "error_vs_bach"), ("figures/0/log", "maybe"), ("figures/0/logx", 3),
    ("figures/0/arm", {"a": 1}), ("quick", [1]), ("quick/set", [1]), ("quick/set/train.epochs", "few"), ("quick/only", 4),
    ("tune", []), ("tune/by", "test_error"), ("tune/grid", "wide"), ("tune/grid", ["a", "b", "c"]), ("tune/seeds", 100),
    ("tune/set", ["train.steps"]), ("tune/same_grid_within", "train.batch_size"), ("claim", [1]),
    ("claim/number", "first"), ("claim/number", 1.5), ("claim/rule", "most"), ("claim/looks", 10), ("claim/universal", "yes"),
    ("claim/seen_before", "yes"), ("claim/seen_before/0/date", "yesterday"), ("judge", {"name": "a"}), ("judge/0", "a"),
    ("judge/0/delta", "small"), ("judge/0/more", "batch"), ("judge/0/more/norm.kind", "bach"), ("judge/0/role", "decide"),
    ("judge/0/kind", "equal"), ("judge/0/transform", "log10"), ("judge/0/metric", [1]), ("judge/0/metric/take", "lst"),
    ("judge/0/metric/over", "min"), ("judge/0/metric/over/take", "best"), ("judge/1/strata", [4]),
    ("compute", {"what": "x"}), ("compute/0", "output_deviation"), ("compute/0/claimed", "one"), ("compute/0/mean", "three"),
    ("compute/0/norm.kind", "bach"), ("compute/0/role", "premise"),
    # ranges
    ("schema", 2), ("name", "a/b"), ("name", ""), ("name", "x" * 65), ("base/norm.momentum", 1.5), ("base/norm.momentum", -0.1),
    ("base/optimizer.lr", 0), ("base/optimizer.lr", 1e7), ("base/train/epochs", 0), ("base/model/hidden", [0]),
    ("sweep/seed", [-1]), ("zip/0/train.batch_size", [0, 8]), ("exclude/0/train.batch_size", [0]),
    ("quick/set/train.epochs", 0), ("quick/only/train.batch_size", -4), ("tune/grid/count", 2), ("tune/grid/count", 33),
    ("tune/grid/factor", 1), ("tune/grid/start", 0), ("tune/grid", [0.1, 0.2]), ("tune/grid", [-0.1, 0.2, 0.4]),
    ("tune/seeds", [-1]), ("claim/number", 0), ("claim/looks", [5]), ("judge/0/delta", 0), ("judge/0/delta", -1),
    ("compute/0/tolerance", -0.01), ("compute/0/B", 0), ("compute/0/B", 2.5),
    # nesting
    ("base/base", {"seed": 1}), ("base/sweep", {"seed": [1]}), ("base/norm.kind", {"name": "batch"}),
    ("base/optimizer", 0.1), ("sweep/norm", ["batch"]), ("quick/train.epochs", 1), ("tune/optimizer.lr", [1, 2, 3]),
    ("claim/judge", []), ("judge/0/norm.kind", "batch"), ("judge/0/metric/more", {}), ("compute/0/config", {"norm.kind": "batch"}),
]

# What only several places together can have wrong: the schema cannot know.
WRONG_BETWEEN = [
    ("zip/0/train.batch_size", [4, 8, 16], "zipped lists of unequal length"),
    ("sweep/train.batch_size", [4], "a key in two axes"),
    ("base/norm", {"momentum": 0.5}, "a key nested and dotted"),
    ("sweep/seed", "range(0)", "a range without values"),
    ("sweep/seed", "range(1, 5, 0)", "a range that goes nowhere"),
    ("sweep/seed", "range(5)", "too few seeds for the looks"),
    ("base/train", {"order": "classes", "classes_per_batch": 3}, "classes that do not divide the mini-batch"),
    ("exclude", [{"data.name": "clusters"}], "every cell excluded"),
    ("figures/0/x", "norm.knd", "a figure along a key that there is not"),
    ("figures/0/where", "norm.kind", "a condition without a sign"),
    ("tune/grid", [0.1, 0.4, 0.2], "rates that do not ascend"),
    ("tune/seeds", "range(3)", "seeds of the trials that are the experiment's"),
    ("tune/key", "norm.kind", "a word that is to be tuned"),
    ("tune/set", {"seed": 3}, "seeds in tune.set"),
    ("tune/set", {"norm.kind": "batch"}, "what is swept in tune.set"),
    ("claim/looks", [10, 20], "more looks than seeds"),
    ("claim/looks", [11], "a look that has no level"),
    ("claim/rule", "all", "a rule for several questions, and one"),
    ("claim/decides", "compute", "computations decide, without sentences"),
    ("judge/0/supported", ABSENT, "no sentence for an outcome"),
    ("judge/1/depends", ABSENT, "no sentence for strata that differ"),
    ("judge/1/role", "decides", "two questions decide, the rule is for one"),
    ("judge/0/metric", {"column": "test_error", "series": "epoch/test_error"}, "a column and a series"),
    ("judge/0/metric", {"series": "epoch/test_error", "take": "first_below"}, "a take without its target"),
    ("compute/0/factor", 3, "an argument of another formula"),
    ("experiment", "other.yaml", "runs of its own and of another file"),
]


def mutant(document, place, value):
    changed = copy.deepcopy(document)
    at = changed
    *path, last = place.split("/")
    for part in path:
        at = at[int(part)] if isinstance(at, list) else at[part]
    last = int(last) if isinstance(at, list) else last
    if value is ABSENT:
        del at[last]
    else:
        at[last] = value
    return changed


class Program:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def refuses(self, document):
        """The message; None: the program takes it."""
        path = os.path.join(self.folder, "mutant.yaml")
        with open(path, "w") as out:
            json.dump(document, out)  # JSON is YAML
        done = subprocess.run([self.program, "run", path, "--dry-run"], capture_output=True, text=True, timeout=60)
        if done.returncode not in (0, 2):
            sys.exit(f"{self.program} ends with {done.returncode}: {done.stderr}")
        return done.stderr.strip().replace(path, "FILE") if done.returncode == 2 else None


def every_key(document):
    """Of each key of the program: misspelt, and a map where a value belongs."""
    definitions = json.load(open("experiments/schema.json"))["definitions"]
    keys = [name for name in definitions["keys.one"]["properties"] if "$ref" in definitions["keys.one"]["properties"][name]]
    for key in keys:
        place = f"base/{key}"
        yield mutant(document, place + "x", 1), place + "x"
        yield mutant(document, place, {"a": 1}), place


def check_shipped(validator):
    files = [file for folder in ("", "claims/", "papers/") for file in sorted(glob.glob(f"experiments/{folder}*.yaml"))]
    for file in files:
        first = open(file).readline().strip()
        named = first.removeprefix("# yaml-language-server: $schema=")
        if file.endswith(".tuned.yaml"):
            pass  # what tune writes begins as the study did when it was tuned
        elif named == first or not os.path.samefile(os.path.join(os.path.dirname(file), named), "experiments/schema.json"):
            sys.exit(f"{file}: its first line does not name experiments/schema.json for editors")
        document = yaml.load(open(file), Core)
        for error in validator.iter_errors(document):
            sys.exit(f"{file}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    return len(files)


def check_examples(validator, program):
    """Those of the reference: each is a section; claim and judge need each other and some runs."""
    page = open("docs/experiment-file.md").read()
    examples = [yaml.load(text, Core) for text in re.findall(r"\n\n((?: {4,}.*\n)+)", page)]
    head = {"schema": 1, "name": "example"}
    claim = {key: value for example in examples for key, value in example.items() if key in ("claim", "judge", "compute")}
    claim |= {"title": "An example", "sweep": {"norm.kind": ["none", "batch"], "train.batch_size": [2, 64],
                                               "seed": "range(12)"}}
    for example in [claim] + [example for example in examples if not claim.keys() & example or "sweep" in example]:
        document = head | example
        if program.refuses(document) or not validator.is_valid(document):
            sys.exit(f"the reference's example {example}: {program.refuses(document) or 'refused by the schema'}")
    return len(examples)


def check_mutants(validator, program, document):
    if program.refuses(document) or not validator.is_valid(document):
        sys.exit(f"the file itself is refused: {program.refuses(document) or next(validator.iter_errors(document)).message}")
    mutants = [(mutant(document, place, value), f"{place}: {value!r:.60}") for place, value in WRONG_IN_ONE]
    mutants += every_key(document)
    for changed, what in mutants:
        by_program, by_schema = program.refuses(changed) is not None, not validator.is_valid(changed)
        if not (by_program and by_schema):
            sys.exit(f"{what}: refused by the program: {by_program}, by the schema: {by_schema}")
    print(f"{len(mutants)} mutants wrong in one place: the schema and the program refuse each")
    for place, value, what in WRONG_BETWEEN:
        changed = mutant(document, place, value)
        message = program.refuses(changed)
        if not message or not validator.is_valid(changed):
            sys.exit(f"{place}: {value!r:.60} ({what}): the program says {message}, the schema takes it: {validator.is_valid(changed)}")
        print(f"  {what}: {message.removeprefix('normlab: ')[:150]}")
    print(f"{len(WRONG_BETWEEN)} mutants wrong between places: the program alone refuses each")


def forget(schema):
    """The schema without one thing it knows, in turn."""
    for words in ("additionalProperties", "required", "enum", "minimum", "exclusiveMinimum", "maximum", "pattern", "type", "minItems"):
        def without(node):
            if isinstance(node, dict):
                return {key: without(value) for key, value in node.items()
                        if key != words or isinstance(value, dict) and "$ref" not in value and "anyOf" in value}
            return [without(item) for item in node] if isinstance(node, list) else node
        yield words, without(schema)


def self_test(schema, document):
    mutants = [mutant(document, place, value) for place, value in WRONG_IN_ONE]
    for words, less in forget(schema):
        missed = sum(jsonschema.Draft7Validator(less).is_valid(changed) for changed in mutants)
        if not missed:
            sys.exit(f"a schema without '{words}' refuses all mutants, too")
        print(f"without {words}: {missed} mutants pass")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/normlab")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    os.chdir(os.path.dirname(os.path.abspath(__file__)) + "/..")
    schema = json.load(open("experiments/schema.json"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    document = yaml.load(EVERYTHING, Core)
    if options.self_test:
        self_test(schema, document)
        return
    print(f"{check_shipped(validator)} shipped files pass")
    with tempfile.TemporaryDirectory() as folder:
        print(f"{check_examples(validator, Program(options.program, folder))} examples of the reference pass")
        check_mutants(validator, Program(options.program, folder), document)


if __name__ == "__main__":
    main()
