#!/usr/bin/python3
"""Whatever a stranger sends as a results file: a sentence or a table, no crash, no hang, no other file opened.

    scripts/check-hostile.py                 every file of hostile_files.py through every command
    scripts/check-hostile.py NAME...         these files alone
    scripts/check-hostile.py --part K        every file, each through every K-th command, not the same for all
    scripts/check-hostile.py --mutations N   instead: N accidents, bytes of honest files changed at random; each is
                                             refused or changes nothing
    scripts/check-hostile.py --list          the names of the files

    --program FILE   default: build/normlab      --jobs N    commands at a time
    --keep           leave the folder in place   --seed S    the bytes that accidents change

Every file carries its right seal, as a stranger's would. A command must end within LIMIT_S, of itself, with a status
that normlab has; one that fails must say why in one sentence. None starts a program that the file names; what it prints
holds no control character, a picture is XML, and a text on a page is text. Exit status 1 and a line for each that does
not.
"""

import argparse
import concurrent.futures
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import xml.dom.minidom
import xml.parsers.expat
import zlib

sys.dont_write_bytecode = True
import hostile_files as files  # noqa: E402

LIMIT_S, MEMORY = 20, 4 << 30
# What a terminal obeys; marks that turn a line around.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
STATUSES = {0, 1, 2, 3, 4, 5}

STUDY = """schema: 1
name: study
title: A small study
base:
  data:  {name: clusters, classes: 3, features: 6, rows: 300, validation: 50, test_rows: 50}
  model: {hidden: [5]}
  train: {epochs: 2, batch_size: 10}
  eval:  {momenta: [0.5, 0.9]}
sweep:
  norm.kind: [none, batch]
  optimizer.lr: [0.01, 0.1]
  seed: range(9)
figures:
  - {script: error_vs_key, x: optimizer.lr}
"""

QUESTION = """  - name: {name}
    asks: {asks}
    kind: direction
    {figure}
    more: {{norm.kind: none}}
    less: {{norm.kind: batch}}
    strata: {{optimizer.lr: [0.01, 0.1]}}
    unit: of error
    delta: 0.005
    supported: Yes.
    refuted: No.
    depends: It depends.
"""
CLAIM = """schema: 1
name: claim
title: Batch norm learns faster
experiment: study.yaml
claim:
  number: 1
  notes: A
  says: Batch norm learns faster.
judge:
""" + "".join(QUESTION.format(name=name, asks=asks, figure=figure) for name, asks, figure in (
    ("error", "Test error", "figure: {column: test_error_scored}"),
    ("curve", "Last training loss", "figure: {series: step/train_loss, take: last}"),
    ("rough", "How rough is the curve?", "figure: {series: step/train_loss, take: roughness}")))

# What reads a merged file or, where it makes sense, a run's: FILE is it, ID a run, OUT a folder.
SHOW, TABLE = ["show", "FILE", "ID"], ["table", "FILE"]
READERS = [
    ["show", "FILE"],
    ["show", "FILE", "--yaml"],
    SHOW,
    ["list", "runs", "FILE"],
    TABLE,
    ["table", "FILE", "--by", "norm.kind,optimizer.lr", "--metrics", "test_error,test_error_scored,steps"],
    ["table", "FILE", "--series", "step/train_loss", "--by", "norm.kind"],
    ["table", "FILE", "--series", "layer*/gamma", "--where", "epoch=2"],
    ["table", "FILE", "--series", "bank/test_error"],
    ["compare", "FILE", "--arms", "norm.kind=batch,none", "--by", "optimizer.lr"],
    ["plot", "FILE", "--out", "OUT", "--format", "svg"],
    ["plot", "FILE", "--terminal", "--figure", "learning_curves", "y=step/train_loss"],
    ["diff", "FILE", "FILE"],
    ["rerun", "FILE", "ID", "--threads", "1"],
    ["plot", "FILE", "--terminal", "--figure", "error_vs_key", "y=bank/test_error", "x=norm.momentum"],
]
# What finds the merged file in a folder of results, RESULTS, or leaves it there.
FOLDER = [
    ["judge", "claim.yaml", "--out", "RESULTS"],
    ["report", "claim.yaml", "--out", "RESULTS", "--markdown", "OUT/verdicts.md"],
    ["merge", "RESULTS/study"],
    ["run", "study.yaml", "--out", "RESULTS", "log.level=full"],
    ["gc", "RESULTS", "--delete"],
]
# Of a run's own file in its folder.
RUNNERS = [
    ["status", "RESULTS/study", "--verify"],
    ["merge", "RESULTS/study", "--out", "OUT/merged.h5"],
    ["run", "study.yaml", "--out", "RESULTS", "log.level=full", "--dry-run"],
    ["run", "study.yaml", "--out", "RESULTS", "log.level=full"],
    ["gc", "RESULTS", "--delete"],
]


class Check:
    def __init__(self, program, work, part):
        self.program, self.work, self.part = os.path.abspath(program), work, part
        self.wrong, self.tries = [], 0

    def is_due(self, name, arguments):
        return zlib.crc32(" ".join([name, *arguments]).encode()) % self.part == 0

    def run(self, arguments, folder):
        """(status, output, messages); status None: it did not end."""
        def limit():
            if "/san/" not in self.program:  # whose address space is beyond any limit
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        self.tries += 1
        try:
            done = subprocess.run([self.program, *arguments], cwd=folder, preexec_fn=limit, timeout=LIMIT_S,
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            return None, b"", b""
        return done.returncode, done.stdout, done.stderr

    def command(self, name, arguments, folder):
        """Runs it and looks how it ended; returns its status."""
        status, output, messages = self.run(arguments, folder)
        text = messages.decode(errors="replace").strip()
        odd = self.odd_page(folder)
        what = ("a program was started" if os.path.exists(os.path.join(folder, "started")) else
                "a control character" if CONTROL.search(output.decode(errors="replace") + text) else
                odd if odd else
                f"did not end within {LIMIT_S} s" if status is None else
                f"died of signal {-status}" if status < 0 else
                f"status {status}" if status not in STATUSES else
                "out of memory" if "out of memory" in text else
                "no sentence" if status and not text else
                "a sanitizer's report" if "Sanitizer" in text or "runtime error" in text else "")
        if what:
            self.wrong.append(f"{name}: normlab {' '.join(arguments)}: {what}: {text[-200:]}")
        return status

    def odd_page(self, folder):
        """A picture that is no XML, a page in which a text is HTML; \"\": none. They are taken away."""
        odd = ""
        for root, _, names in os.walk(folder):
            for name in names:
                path, kind = os.path.join(root, name), name.rpartition(".")[2]
                if kind not in ("svg", "html", "md"):
                    continue
                text = files.read(path).decode()
                os.remove(path)
                if kind == "svg":
                    try:
                        xml.dom.minidom.parseString(text)
                    except xml.parsers.expat.ExpatError as error:
                        odd = f"{name} is no XML: {error}"
                elif "<img" in text.replace("\\<", "") or CONTROL.search(text):
                    odd = f"{name} has a stranger's HTML"
        return odd

    def setup(self):
        for name, text in (("study.yaml", STUDY), ("claim.yaml", CLAIM)):
            files.write(os.path.join(self.work, name), text.encode())
        self.must_run(["run", "study.yaml", "--out", "honest", "log.level=full"])
        self.must_run(["judge", "claim.yaml", "--out", "honest"])

    def must_run(self, arguments):
        status, _, messages = self.run(arguments, self.work)
        if status:
            sys.exit(f"check-hostile.py: {' '.join(arguments)} of honest results: {messages.decode()}")

    def honest(self, *path):
        return os.path.join(self.work, "honest", *path)

    def ids(self):
        """The runs' ids; one with a bank first."""
        with files.h5py.File(self.honest("study.h5")) as file:
            rows = zip(file["summary/run"].asstr(), file["summary/norm.kind"].asstr())
            return [run for run, _ in sorted(rows, key=lambda row: row[1])]

    def fill(self, arguments, **places):
        filled = []
        for word in arguments:
            for place, value in places.items():
                word = word.replace(place, value)
            filled.append(word)
        return filled

    def file(self, name, outcome, shown_by, path, run, folder):
        """The file through all commands that read one."""
        for arguments in READERS:
            if arguments is not shown_by and not self.is_due(name, arguments):
                continue
            status = self.command(name, self.fill(arguments, FILE=path, ID=run, OUT=folder), folder)
            if arguments is shown_by and outcome != files.EITHER and (status == 0) != (outcome == files.SHOWN):
                self.wrong.append(f"{name}: normlab {arguments[0]}: status {status}, but it is to be {outcome}")

    def folder(self, name):
        """A folder of its own, with what claims and experiments need."""
        folder = os.path.join(self.work, name)
        os.makedirs(folder)
        for text in ("study.yaml", "claim.yaml"):
            shutil.copyfile(os.path.join(self.work, text), os.path.join(folder, text))
        return folder

    def through_folder(self, name, folder, place, table):
        """Commands that find it at this place of a folder of results; each gets it anew."""
        results = os.path.join(folder, "results")
        for arguments in table:
            if not self.is_due(name, arguments):
                continue
            shutil.copytree(self.honest(), results)
            os.remove(os.path.join(results, place))
            files.copy(os.path.join(folder, "file.h5"), os.path.join(results, place))
            self.command(name, self.fill(arguments, RESULTS=results, OUT=folder), folder)
            shutil.rmtree(results)

    def merged(self, name, outcome, change):
        folder = self.folder(f"merged-{name}")
        path = os.path.join(folder, "file.h5")
        files.make(self.honest("study.h5"), path, change)
        self.file(f"merged-{name}", outcome, TABLE, path, self.ids()[0], folder)
        self.through_folder(f"merged-{name}", folder, "study.h5", FOLDER)
        shutil.rmtree(folder)

    def one_run(self, name, outcome, change):
        run = self.ids()[0]
        for kind, source in (("merged", "study.h5"), ("run", f"study/{run}.h5")):
            folder = self.folder(f"{kind}-of-{name}")
            path = os.path.join(folder, "file.h5")
            files.make(self.honest(source), path, lambda file: change(file["runs"][run]))
            self.file(f"{kind}-of-{name}", outcome, SHOW, path, run, folder)
            if kind == "merged":
                self.through_folder(f"merged-of-{name}", folder, "study.h5", FOLDER[:2])
            else:
                self.through_folder(f"run-of-{name}", folder, f"study/{run}.h5", RUNNERS)
            shutil.rmtree(folder)

    def no_results(self, name, outcome, function):
        folder = self.folder(f"file-{name}")
        path = os.path.join(folder, "file.h5")
        function(self.honest("study.h5"), path)
        self.file(f"file-{name}", outcome, TABLE, path, self.ids()[0], folder)
        self.through_folder(f"file-{name}", folder, "study.h5", FOLDER[:3])
        shutil.rmtree(folder)

    def tasks(self, names):
        kinds = ((files.MERGED, self.merged), (files.RUN, self.one_run), (files.FILES, self.no_results))
        return [(function, row) for table, function in kinds for row in table if not names or row[0] in names]

    # ---- accidents ----

    def said(self, path):
        """What the file says, if it says anything."""
        return [self.run(self.fill(arguments, FILE=path), self.work)[:2]
                for arguments in (TABLE, ["table", "FILE", "--series", "step/train_loss"])]

    def accident(self, number, seed):
        """A byte or some changed, cut, doubled, zeroed, of a merged file or a run's; its seal is as it was."""
        chance = random.Random(f"{seed} {number}")
        source = "study.h5" if number % 2 else f"study/{self.ids()[number % 7]}.h5"
        data = bytearray(files.read(self.honest(source)))
        at, size = chance.randrange(len(data)), chance.choice((1, 1, 4, 64, 512))
        way = chance.choice(("flip", "random", "zero", "cut", "remove", "double"))
        if way == "flip":
            data[at] ^= 1 << chance.randrange(8)
        elif way == "random":
            data[at:at + size] = chance.randbytes(len(data[at:at + size]))
        elif way == "zero":
            data[at:at + size] = bytes(len(data[at:at + size]))
        elif way == "cut":
            del data[at:]
        elif way == "remove":
            del data[at:at + size]
        else:
            data[at:at] = data[at:at + size]
        name = f"accident {number} ({way} {size} at {at} of {source})"
        path = os.path.join(self.work, f"accident{number}.h5")
        files.write(path, bytes(data))
        for said, honest in zip(self.said(path), self.said_by[source]):
            if said[0] is None or said[0] < 0:
                self.wrong.append(f"{name}: signal or hang: {said[0]}")
            elif said[0] == 0 and said[1] != honest[1]:
                self.wrong.append(f"{name}: other numbers, and not a word")
        os.remove(path)

    def accidents(self, n, seed):
        sources = ["study.h5"] + [f"study/{run}.h5" for run in self.ids()[:7]]
        self.said_by = {source: self.said(self.honest(source)) for source in sources}
        return [(self.accident, (number, seed)) for number in range(n)]


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--program", default="build/normlab")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--mutations", type=int, default=0)
    parser.add_argument("--part", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("-h", "--help", action="store_true")
    options = parser.parse_args()
    if options.help:
        sys.exit(print(__doc__.strip()))
    if options.list:
        sys.exit(print("\n".join(row[0] for table in (files.MERGED, files.RUN, files.FILES) for row in table)))
    os.environ.update(OMP_NUM_THREADS="1", GNUTERM="dumb")
    work = tempfile.mkdtemp(prefix="normlab-hostile-")
    try:
        check = Check(options.program, work, options.part)
        check.setup()
        tasks = check.accidents(options.mutations, options.seed) if options.mutations else check.tasks(options.names)
        if not tasks:
            sys.exit("check-hostile.py: no file of that name; --list shows them")
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for task, done in [(task, pool.submit(task[0], *task[1])) for task in tasks]:
                if done.exception():
                    check.wrong.append(f"{task[1][0]}: no such file could be made: {done.exception()}")
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    print("\n".join(check.wrong), end="\n" if check.wrong else "")
    print(f"check-hostile.py: {len(tasks)} files, {check.tries} commands, {len(check.wrong)} wrong")
    sys.exit(1 if check.wrong else 0)


main()
