#!/usr/bin/python3
"""Whatever a stranger sends as data: it is read, or refused with a sentence that says where; no crash, no hang.

    scripts/check-hostile-data.py             every set of hostile_data.py
    scripts/check-hostile-data.py NAME...     these alone: csv, or csv-short-row
    scripts/check-hostile-data.py --list      how many there are of each source, and their names
    scripts/check-hostile-data.py --self-test a set that is refused for another reason, and one that is read, are found

    --program FILE   default: build/normlab   --jobs N   sets at a time

Each goes through `normlab data`, told its format and left to find it, and through `normlab run`. What is refused ends
with status 3 and a sentence that names the place; what is read trains. None may take more than LIMIT_S, die, start a
program that it names, or print a control character. Exit status 1 and a line for each that does otherwise.
"""

import argparse
import concurrent.futures
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import hostile_data  # noqa: E402

LIMIT_S, MEMORY, REFUSED = 30, 4 << 30, 3
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
STUDY = """schema: 1
name: study
title: A step on data of a stranger
base:
  data:  {{name: {source}, dir: {path}, validation: 2, train: 10, test: 2}}
  model: {{hidden: [2]}}
  train: {{steps: 1, batch_size: 5}}
"""


class Check:
    def __init__(self, program, work):
        self.program, self.work = os.path.abspath(program), work
        self.tries, self.wrong = 0, []

    def run(self, arguments, folder):
        """(status, all that it says); status None: it did not end."""
        def limit():
            if "/san/" not in self.program:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        self.tries += 1
        try:
            done = subprocess.run([self.program, *arguments], cwd=folder, preexec_fn=limit, timeout=LIMIT_S,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  check=False)
        except subprocess.TimeoutExpired:
            return None, ""
        return done.returncode, done.stdout.decode(errors="replace")

    def what_is_wrong(self, status, said, outcome, guessed):
        if status is None:
            return f"did not end within {LIMIT_S} s"
        if status < 0:
            return f"died of signal {-status}"
        if "Sanitizer" in said or "runtime error" in said or "out of memory" in said or "Assertion" in said:
            return "a report, not a sentence"
        if CONTROL.search(said):
            return "a control character"
        if outcome == hostile_data.EITHER:
            return "" if status in (0, REFUSED) else f"status {status}"
        if outcome == hostile_data.READ:
            return f"status {status}, but it is to be read" if status else ""
        if guessed:  # of a file that is damaged at its beginning nobody can tell the format
            return "" if status and status < 6 and said else f"status {status} or no sentence"
        if status != REFUSED:
            return f"status {status}, but it is to be refused with {REFUSED}"
        lacking = [word for word in outcome if word not in said]
        return f"the sentence lacks {lacking}" if lacking else ""

    def one(self, source, row):
        name, outcome, make = row
        top = os.path.join(self.work, f"{source}-{name}")
        folder = os.path.join(top, "set")
        os.makedirs(folder)
        make(folder)
        path = hostile_data.PATHS[source]
        if path and path not in os.listdir(folder) and name.startswith("folder"):
            path = ""
        path = os.path.join("set", path).rstrip("/")
        with open(os.path.join(top, "study.yaml"), "w") as file:
            file.write(STUDY.format(source=source, path=path))
        for arguments, guessed in ((["data", path, f"data.name={source}"], False), (["data", path], True),
                                   (["run", "study.yaml", "--out", "out", "--threads", "1"], False)):
            status, said = self.run(arguments, top)
            what = "a program was started" if os.path.exists(os.path.join(top, "started")) else \
                self.what_is_wrong(status, said, outcome, guessed)
            if what:
                self.wrong.append(f"{source}-{name}: normlab {' '.join(arguments)}: {what}: {said.strip()[-300:]}")
        shutil.rmtree(top)


def self_test(check):
    """Each of these rows says of its set what is not so."""
    honest, short = (make for name, _, make in hostile_data.SOURCES["csv"] if name in ("honest", "short-row"))
    for row in (("honest", ("data.csv",), honest), ("short-row", hostile_data.READ, short),
                ("short-row", ("data.csv:8",), short)):
        found = len(check.wrong)
        check.one("csv", row)
        if len(check.wrong) == found:
            sys.exit(f"check-hostile-data.py: {row[:2]} was to be found wrong, and was not")
    print("check-hostile-data.py: it can fail")


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--program", default="build/normlab")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    for flag in ("--list", "--self-test", "--help"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    if options.help:
        sys.exit(print(__doc__.strip()))
    if options.list:
        for source, rows in hostile_data.SOURCES.items():
            print(f"{source}: {len(rows)}:", *(row[0] for row in rows))
        sys.exit()
    tasks = [(source, row) for source, rows in hostile_data.SOURCES.items() for row in rows
             if not options.names or source in options.names or f"{source}-{row[0]}" in options.names]
    if not tasks:
        sys.exit("check-hostile-data.py: no set of that name; --list shows them")
    os.environ.update(OMP_NUM_THREADS="1")
    work = tempfile.mkdtemp(prefix="normlab-hostile-data-")
    try:
        check = Check(options.program, work)
        if options.self_test:
            sys.exit(self_test(check))
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for done in [pool.submit(check.one, *task) for task in tasks]:
                done.result()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(*check.wrong, sep="\n", end="\n" if check.wrong else "")
    print(f"check-hostile-data.py: {len(tasks)} sets, {check.tries} commands, {len(check.wrong)} wrong")
    sys.exit(1 if check.wrong else 0)


if __name__ == "__main__":
    main()
