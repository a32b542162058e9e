#!/usr/bin/env python3
"""Breaks sweeps and looks whether anything is lost, wrong or left behind. After each disturbance: whatever is
published is right, exit 0 means that all is, the next run goes on without training again what was finished, the end
has the values of a quiet sweep, and no process, file or lock stays. Exit status 1: something was wrong.

    break.py               a sample of each row, as `make check-heavy` does
    break.py --all         everything, as `make break` does
    break.py ROW...        these rows alone
    break.py --list        the rows
    break.py ROW --try N --seed S    one try again, as it is printed where one was wrong

    --program FILE   default: build/normlab        --library FILE   default: build/fail_nth.so
    --jobs N         tries at a time               --seed S         the moments of kills, the choice of samples
    --tries N        so many of each row           --keep           leave the folders of wrong tries in place

`make fail_nth` builds the library that lets calls fail (breaking/fail_nth.c).
"""
import argparse
import dataclasses
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from typing import Any, Callable

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from breaking import calls, commands, disks, kills, mutations, pairs  # noqa: E402
from breaking.trial import Skip, Sweep, Trial, Wrong  # noqa: E402

EVERY = None  # as many tries as a counting run finds calls


@dataclasses.dataclass
class Row:
    name: str
    heavy: int  # tries in check-heavy
    all: int | None  # tries in `make break`
    function: Callable
    what: str
    count: Callable | None = None  # where all is EVERY
    calls: str = ""
    error: str = "EIO"
    how: str = "once"
    statuses: tuple = (0, 1, 2, 3, 4, 5)
    whom: str = ""
    signals: tuple = ()
    command: str = ""
    file: str = ""
    sweep: str = "tiny"
    staged: bool = False  # with --stage
    context: Any = None


ANY = (0, 1, 2, 3, 4, 5)
SAYS = {"once": "fails once: {}", "on": "fails from then on: {}", "short": "does half of its bytes",
        "kill": "is the last: SIGKILL"}


def call(name, calls_, error, heavy, how="once", statuses=ANY, staged=False):
    command = "run --stage" if staged else "run"
    return Row(name, heavy, EVERY, calls.fail_one, f"{command}: each {calls_} {SAYS[how].format(error)}", calls.count,
               calls=calls_, error=error, how=how, statuses=(*ANY, -9) if how == "kill" else statuses, staged=staged)


def reader(command, suffix, calls_, error, heavy=0, statuses=ANY):
    return Row(f"{command}-{suffix}", heavy, EVERY, commands.fail_one, f"{command}: each {calls_} fails once: {error}",
               commands.count, calls=calls_, error=error, statuses=statuses, command=command, sweep="seeds")


def kill(name, whom, *signals, heavy=1, all=50):
    words = ", ".join(number.name for number in signals)
    return Row(name, heavy, all, kills.kill, f"{words} to the {whom}, at a random moment", whom=whom,
               signals=signals, sweep="seeds")


S = signal.Signals
ROWS = [
    kill("kill-parent", "parent", S.SIGKILL, heavy=4, all=80),
    kill("kill-worker", "worker", S.SIGKILL, heavy=4, all=80),
    kill("kill-group", "group", S.SIGKILL, heavy=3, all=60),
    kill("term-parent", "parent", S.SIGTERM, heavy=2, all=60),
    kill("term-worker", "worker", S.SIGTERM, all=30),
    kill("term-group", "group", S.SIGTERM, all=30),
    kill("int-once", "group", S.SIGINT, all=40),
    kill("int-twice", "group", S.SIGINT, S.SIGINT, all=40),
    kill("hup", "parent", S.SIGHUP, all=30),
    kill("stop-parent", "parent", S.SIGSTOP, S.SIGCONT, all=25),
    kill("stop-worker", "worker", S.SIGSTOP, S.SIGCONT, all=25),
    call("pwrite-full", "pwrite64", "ENOSPC", 6),
    call("pwrite-full-on", "pwrite64", "ENOSPC", 4, "on"),
    call("pwrite-short", "pwrite64", "EIO", 2, "short"),
    call("pwrite-kill", "pwrite64", "EIO", 2, "kill"),
    call("write-full", "write,writev", "ENOSPC", 5),
    call("write-full-on", "write,writev", "ENOSPC", 2, "on"),
    call("write-short", "write,writev", "EIO", 2, "short"),
    call("write-kill", "write,writev", "EIO", 1, "kill"),
    call("fsync", "fsync,fdatasync", "EIO", 4),
    call("fsync-kill", "fsync,fdatasync", "EIO", 1, "kill"),
    call("rename", "rename,link", "EIO", 3),
    call("rename-kill", "rename,link", "EIO", 1, "kill"),
    call("close", "close", "EIO", 4),
    call("open-many", "openat", "EMFILE", 4),
    call("open-access", "openat", "EACCES", 2),
    call("open-memory", "openat", "ENOMEM", 1, "on"),
    call("truncate", "ftruncate", "EIO", 2),
    call("read", "read", "EIO", 2),
    call("pread", "pread64", "EIO", 3),
    call("pread-short", "pread64", "EIO", 1, "short"),
    call("seek", "lseek", "EIO", 1),
    call("stat", "newfstatat", "EACCES", 1),
    call("folder", "mkdir,getdents64,unlink", "EIO", 1),
    call("flock", "flock", "ENOLCK", 1, "on"),
    call("fcntl", "fcntl", "ENOLCK", 1, "on"),
    call("pipe", "pipe2", "EMFILE", 1),
    call("map", "mmap", "ENOMEM", 2, statuses=(0, 1, 5)),
    call("memory", "malloc", "ENOMEM", 4, statuses=(0, 1, 5)),
    call("memory-hdf5", "malloc_hdf5", "ENOMEM", 1, statuses=(*ANY, -11)),
    *(reader(name, "open", "openat", "EMFILE", heavy=int(name == "table")) for name in commands.COMMANDS),
    *(reader(name, "read", "read", "EIO") for name in commands.COMMANDS),
    *(reader(name, "pread", "pread64", "EIO", heavy=int(name == "table")) for name in commands.COMMANDS),
    *(reader(name, "write", "write,pwrite64", "ENOSPC", heavy=int(name == "report")) for name in commands.COMMANDS),
    *(reader(name, "memory", "malloc", "ENOMEM", statuses=(0, 1, 5), heavy=int(name == "judge"))
      for name in commands.COMMANDS),
    call("stage-kill", "pwrite64,write,rename,unlink,fsync", "EIO", 2, "kill", staged=True),
    call("stage-open", "openat", "EACCES", 2, staged=True),
    call("stage-pwrite", "pwrite64", "ENOSPC", 2, staged=True),
    call("stage-write", "write", "EIO", 1, staged=True),
    call("stage-pread", "pread64", "EIO", 1, staged=True),
    Row("disk-stage", 2, 60, disks.fill_stage, "--stage on a disk of 4, 8, 12, ... KiB", staged=True),
    Row("disk-small", 3, 75, disks.fill_up, "a disk of 4, 8, 12, ... KiB"),
    Row("disk-shared", 2, 60, disks.share, "a disk that somebody fills and empties all the time"),
    Row("damaged-merged", 3, 500, mutations.mutate, "one change in the merged file", file="merged"),
    Row("damaged-run", 3, 500, mutations.mutate, "one change in a run's file", file="run"),
    Row("damaged-plan", 1, 100, mutations.mutate, "one change in plan.json", file="plan"),
    Row("damaged-journal", 1, 100, mutations.mutate, "one change in the journal", file="journal"),
    Row("shards", 3, 50, pairs.shards, "two shards in containers, one folder"),
    Row("shards-killed", 2, 50, pairs.shards_killed, "two shards in containers, one is killed"),
    Row("two-runners", 2, 50, pairs.runners, "two of run in one folder"),
    Row("run-and-merge", 1, 20, pairs.merge_meanwhile, "merge again and again while run is at work"),
    Row("run-and-readers", 1, 20, pairs.readers, "readers while run --force is at work"),
]


class Context:
    """What all tries share: the program, the quiet sweeps, where folders are made."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.program = os.path.abspath(options.program)
        self.library = os.path.abspath(options.library)
        self.seed = options.seed
        self.sweeps = {}

    def sweep(self, name):
        if name not in self.sweeps:
            self.sweeps[name] = Sweep(self.program, name, os.path.join(self.folder, "quiet-" + name))
        return self.sweeps[name]

    def trial(self, row, number):
        return Trial(self.sweep(row.sweep), os.path.join(self.folder, f"{row.name}-{number}"),
                     random.Random(f"{self.seed} {row.name} {number}"), row.staged)

    def numbers(self, row):
        """Which tries of a row there are to make, from 1."""
        n = row.all
        wanted = self.options.tries or (n if self.options.all else row.heavy)
        if wanted == 0 and self.options.again is None:
            return []
        if n is EVERY:
            trial = self.trial(row, 0)
            n = row.count(trial, row)
            trial.remove()
        if self.options.again is not None:
            return [self.options.again]
        wanted = min(n, n if wanted is EVERY else wanted)
        return sorted(random.Random(f"{self.seed} {row.name}").sample(range(1, n + 1), wanted))


def attempt(context, row, number):
    """In a process of its own, since what is read may crash HDF5: None, or what was wrong."""
    trial = context.trial(row, number)
    said = None
    try:
        row.function(trial, row, number)
    except Wrong as wrong:
        said = str(wrong)
    except Skip as skip:
        said = f"SKIP {skip}"
    if said is None or not context.options.keep:
        trial.remove()
    return said


class Tries:
    """Makes tries, several at a time, and counts."""

    def __init__(self, context):
        self.context, self.running = context, {}
        self.tried, self.wrong, self.skipped = {}, {}, {}

    def start(self, row, number):
        if len(self.running) >= self.context.options.jobs:
            self.reap()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            said = "the driver itself fails"
            try:
                said = attempt(self.context, row, number)
            except BaseException:
                traceback.print_exc()
            finally:
                os.write(writing, json.dumps(said).encode()[:4000])
                os._exit(0)
        os.close(writing)
        self.running[pid] = row, number, reading

    def reap(self):
        pid, _ = os.wait()
        row, number, reading = self.running.pop(pid)
        with open(reading, "rb") as pipe:
            text = pipe.read()
        said = json.loads(text) if text else "reading what was published crashes HDF5"
        self.tried[row.name] = self.tried.get(row.name, 0) + 1
        if said and said.startswith("SKIP "):
            self.skipped[row.name] = said
        elif said:
            self.wrong.setdefault(row.name, []).append((number, said))
            print(f"WRONG {row.name} {number}: {said}\n      again: scripts/break.py {row.name} --try {number} "
                  f"--seed {self.context.seed}", flush=True)

    def finish(self):
        while self.running:
            self.reap()


def print_row(name, tried, wrong, seconds, what):
    print(f"{name:16} {tried:>6} {wrong:>6} {seconds:>6}  {what}", flush=True)


def parse():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--try", dest="again", type=int)
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**6)))
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "normlab"))
    parser.add_argument("--library", default=os.path.join(HERE, "..", "build", "fail_nth.so"))
    parser.add_argument("--tries", type=int)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    unknown = set(options.rows) - {row.name for row in ROWS}
    if unknown:
        parser.error(f"no row {', '.join(sorted(unknown))}; --list shows them")
    return options


def main():
    options = parse()
    rows = [row for row in ROWS if not options.rows or row.name in options.rows]
    if options.list:
        for row in rows:
            print(f"{row.name:16} {row.what}")
        return 0
    folder = tempfile.mkdtemp(prefix="normlab-break-")
    context = Context(options, folder)
    tries = Tries(context)
    print_row("row", "tries", "wrong", "s", "what is broken")
    try:
        for row in rows:
            begin = time.monotonic()
            row.context = context
            context.sweep(row.sweep)
            for number in context.numbers(row):
                tries.start(row, number)
            tries.finish()
            print_row(row.name, tries.tried.get(row.name, 0), len(tries.wrong.get(row.name, ())),
                      round(time.monotonic() - begin), row.what)
    finally:
        if not (options.keep and tries.wrong):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"kept in {folder}")
    n_wrong = sum(map(len, tries.wrong.values()))
    print(f"{sum(tries.tried.values())} tries, {n_wrong} wrong; seed {context.seed}")
    for name, why in tries.skipped.items():
        print(f"{name}: skipped: {why[5:]}")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
