#!/usr/bin/python3
"""Every --json fits share/schema/output.json, is read by jq, and leaves standard output to JSON alone.

    scripts/check-json.py [--program build/normlab]
    scripts/check-json.py --self-test    documents with a mistake are refused

Every command whose help names --json is tried.
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

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXPERIMENT = """schema: 1
name: tiny
title: A sweep of seconds, with a run that diverges
base:
  data: {name: clusters, rows: 300, test_rows: 100, features: 6, classes: 3, train: 200, validation: 50}
  model: {hidden: [5]}
  train: {batch_size: 10, epochs: 2}
sweep:
  norm.kind: [none, batch]
  optimizer.lr: [0.1, 1e6]
  seed: range(2)
"""
RESULTS = "results/tiny.h5"
NOT_ASKED = "results/tiny_claim/r000000000000.h5"  # a run by its name
DIFFERENT = '[.rows[] | select(.part == "metric" or .part == "series")] | length'
# Command line, where RUN and OTHER are ids of runs | what jq asks, which must be true.
COMMANDS = [
    ("run tiny.yaml --dry-run", '.rows | length == 9 and .[-1].run == "total"'),
    ("run tiny.yaml --dry-run --keys", '.rows | map(select(.key == "norm.kind")) | length == 1'),
    ("run tiny.yaml", '.[-1] | .event == "summary" and .runs == 8 and .trained == 8'),
    ("run tiny.yaml", '.[0] | .event == "plan" and .todo == 0'),
    ("status tiny.yaml", '.runs.all == 8 and .runs.missing == 0 and (.next.command | startswith("normlab table"))'),
    ("status results/tiny --runs", '.rows | length == 8 and all(.state == "complete" or .state == "diverged")'),
    ("status results/tiny_open", '.runs.missing == 3 and (.open | length) == 3 and [.by_shard[].missing] == [1, 1, 1, 0]'),
    ("data", '.rows | map(select(.name == "clusters"))[0].found == "generated"'),
    ("data clusters data.rows=50 data.validation=5", '.notes | length == 1'),
    ("data tiny.csv", '.rows | map(select(.what == "class 1"))[0].train == "4"'),
    ("list normalizers", '[.rows[].name] | index("batch") >= 0'),
    ("list experiments", '.rows | length > 0'),
    ("list probes", '.rows | length > 50'),
    ("list runs " + RESULTS, '.rows | length == 8 and all(.status == "complete" or .status == "diverged")'),
    ("table " + RESULTS, '[.rows[] | select(.test_error == null)] | length > 0'),
    ("table " + RESULTS + " --by norm.kind", '.notes | length == 1'),
    ("table " + RESULTS + " --series epoch/test_error --sort=-value --digits 3", '.rows[0].value >= .rows[1].value'),
    ("compare " + RESULTS + " --arms norm.kind=batch,none", '.verdict == "inconclusive"'),
    ("check batch", '.normalizer == "batch" and (.rows | all(.result != "FAIL"))'),
    ("show " + RESULTS, '.runs.all == 8 and .varied["norm.kind"] == ["none", "batch"]'),
    ("show " + RESULTS + " RUN", '.configuration["norm.kind"] == "none"'),
    ("diff " + RESULTS + " results/tiny_claim.h5", '.a == "results/tiny.h5" and (.rows | length) > 0'),
    ("diff results/tiny/RUN.h5 results/tiny/OTHER.h5", DIFFERENT + " > 1"),
    ("rerun " + RESULTS + " RUN", DIFFERENT + " == 0"),
    ("gc results", '.dir == "results" and .removed == false and [.rows[].path] == ["' + NOT_ASKED + '"]'),
    ("gc results --delete", '.removed == true and [.rows[].kind] == ["run"]'),
    ("judge CLAIMS", '.claims | length > 40'),
    ("judge tiny_claim.yaml", '.claims[0].questions[0].findings[0].stratum == "all"'),
    ("judge tiny_claim.yaml", '.claims[0].questions[0].effect_size | .more.name == "none" and .ratio > 0 and .test_rows > 0'),
]
CLAIM = EXPERIMENT.replace("tiny", "tiny_claim").replace("[0.1, 1e6]", "[0.1]").replace("range(2)", "range(7)") + """
claim:
  number: [1]
  notes: A
  says: Batch norm is better.
  asks: Is it, on a tiny network?
  known: Nothing.
  expected: refuted
  table: effects
judge:
  - name: better
    asks: Is the error of batch norm smaller?
    kind: direction
    metric: test_error_scored
    unit: of error
    more: {norm.kind: none}
    less: {norm.kind: batch}
    delta: 0.005
    supported: It is.
    refuted: It is not.
"""


def commands_with_json(program):
    """Those whose help names it."""
    def read(*words):
        return subprocess.run([program, "help", *words], capture_output=True, text=True, check=True).stdout
    listed = re.search(r"^Commands\n(.*?)\n\n", read(), re.S | re.M).group(1)
    return {name for name in re.findall(r"^    (\w+)", listed, re.M) if "--json" in read(name)}


def run(program, line, folder):
    claims = sorted(glob.glob(os.path.join(ROOT, "experiments", "claims", "*.yaml")))
    words = [part for word in line.split() for part in (claims if word == "CLAIMS" else [word])]
    made = subprocess.run([program, *words, "--json"], cwd=folder, capture_output=True, text=True, check=False)
    if made.returncode != (1 if line.startswith(("diff", "status results/tiny_open")) else 0):
        sys.exit(f"check-json.py: normlab {line} --json: exit status {made.returncode}: {made.stderr}")
    return made.stdout


def documents(text):
    """One, or a line each."""
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def mutants(document):
    """The document with a mistake: a member gone, of another type, of another name."""
    for name in document:
        less = copy.deepcopy(document)
        del less[name]
        yield f"without {name}", less
        typed = copy.deepcopy(document)
        typed[name] = 7.5 if isinstance(document[name], dict) else {"not": ["this"]}
        yield f"{name} of another type", typed
    yield "a member too many", {**document, "nobody": 1}
    if document.get("rows"):
        row = copy.deepcopy(document)
        row["rows"][0]["run"] = []
        yield "a list in a cell", row


def check(program, self_test):
    with open(os.path.join(ROOT, "share", "schema", "output.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    n_refused = 0
    if others := commands_with_json(program) ^ {line.split()[0] for line, _ in COMMANDS}:
        sys.exit(f"check-json.py: {', '.join(sorted(others))}: with --json by its help, or tried here, and not both")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("tiny", EXPERIMENT), ("tiny_claim", CLAIM)):
            with open(os.path.join(folder, name + ".yaml"), "w", encoding="utf-8") as file:
                file.write(text)
        with open(os.path.join(folder, "tiny.csv"), "w", encoding="utf-8") as file:
            file.write("x,kind\n" + "".join(f"{i},{i % 2}\n" for i in range(10)))
        subprocess.run([program, "run", "tiny_claim.yaml"], cwd=folder, check=True, capture_output=True)
        with open(os.path.join(folder, NOT_ASKED), "w", encoding="utf-8") as file:
            file.write("x")
        part = EXPERIMENT.replace("tiny", "tiny_open").replace("range(2)", "[0]")
        with open(os.path.join(folder, "tiny_open.yaml"), "w", encoding="utf-8") as file:
            file.write(part)
        subprocess.run([program, "run", "tiny_open.yaml", "--shard", "3/4"], cwd=folder, check=True, capture_output=True)
        first = last = ""
        for line, question in COMMANDS:
            text = run(program, line.replace("RUN", first).replace("OTHER", last), folder)
            jq = ["jq", "-e", *(["-s"] if line == "run tiny.yaml" else []), question]
            asked = subprocess.run(jq, input=text, capture_output=True, text=True, check=False)
            if asked.returncode:
                sys.exit(f"check-json.py: normlab {line}: jq says no to {question}: {asked.stderr}\n{text[:2000]}")
            for document in documents(text):
                for error in validator.iter_errors(document):
                    best = jsonschema.exceptions.best_match([error])
                    sys.exit(f"check-json.py: normlab {line}: {best.json_path}: {best.message[:500]}")
                if line.startswith("list runs"):
                    first, last = document["rows"][0]["run"], document["rows"][-1]["run"]
                for what, mutant in mutants(document) if self_test else []:
                    if validator.is_valid(mutant):
                        sys.exit(f"check-json.py: normlab {line}: the schema takes a document {what}")
                    n_refused += 1
    print(f"{len(COMMANDS)} commands with --json fit the schema and jq" +
          (f"; {n_refused} documents with a mistake do not" if self_test else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "normlab"))
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    check(os.path.abspath(arguments.program), arguments.self_test)


main()
