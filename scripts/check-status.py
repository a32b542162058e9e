#!/usr/bin/env python3
"""normlab status is right at each moment: 300 runs in 8 shards, one of whose processes is killed every now and then, as
an array of jobs would be, and started again. Each sample of status is held against what is on the disk and who lives.
In the end nothing is lost, nothing was trained twice but what was killed, and the results are those of a quiet sweep.

    check-status.py                  100 samples, about a minute
    check-status.py --self-test      a status that lies is found: of a run that is done, of one that is not, of who runs it
    --program FILE   default: build/normlab        --seed S       the moments of the kills
    --runs N, --shards N, --samples N              --keep         leave the folder
"""
import argparse
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
YAML = """schema: 1
name: moments
base:
  data: {{name: clusters, rows: 400, test_rows: 100, features: 10, classes: 3, validation: 50, spread: 2}}
  model: {{hidden: [20]}}
  train: {{batch_size: 10, epochs: 300}}
  log: {{level: economy}}
sweep:
  norm.kind: [none, batch, layer]
  seed: range({seeds})
"""
DONE = {"done", "complete", "diverged"}


def lines_of(path):
    """The lines of a journal that are whole."""
    with open(path, "rb") as file:
        for line in file.read().split(b"\n"):
            try:
                yield json.loads(line)
            except ValueError:
                pass


class Sweep:
    def __init__(self, options, folder):
        self.program, self.folder, self.rng = options.program, folder, random.Random(options.seed)
        self.n_shards = options.shards
        self.file, self.dir = os.path.join(folder, "moments.yaml"), os.path.join(folder, "moments")
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(YAML.format(seeds=options.runs // 3))
        self.tasks, self.started = [None] * self.n_shards, set()
        self.killed = 0

    def start(self, shard):
        self.tasks[shard] = subprocess.Popen(
            [self.program, "run", self.file, "--out", self.folder, "--shard", f"{shard}/{self.n_shards}", "--jobs", "1",
             "--threads", "1", "--checkpoint", "1s"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self.started.add(self.tasks[shard].pid)

    def living(self):
        return {task.pid for task in self.tasks if task and task.poll() is None}

    def disturb(self):
        """Kills a task, its worker, or asks the task to stop."""
        task = self.rng.choice([task for task in self.tasks if task.poll() is None] or [None])
        if not task:
            return
        how = self.rng.randrange(3)
        with open(f"/proc/{task.pid}/task/{task.pid}/children", encoding="utf-8") as file:
            workers = [int(word) for word in file.read().split()]
        if how == 0 and workers:
            os.kill(workers[0], signal.SIGKILL)
        else:
            task.send_signal(signal.SIGTERM if how == 1 else signal.SIGKILL)
        self.killed += 1

    def start_again(self):
        """Whoever was killed, stopped, or has seen a run fail, goes on; 0: it is through."""
        through = True
        for shard, task in enumerate(self.tasks):
            if task is None or task.poll() not in (None, 0):
                self.start(shard)
            through = through and self.tasks[shard].poll() == 0
        return through

    def hold(self, number):
        for pid in self.living():
            try:
                os.killpg(pid, number)
            except ProcessLookupError:
                pass

    def at_work(self):
        """Tasks, ended ones too, of which a process lives: the worker of a killed parent is killed with it, but holds the
        journal's lock until its memory is given back."""
        sessions = set()
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    state, _, _, session = file.read().rsplit(")", 1)[1].split()[:4]
            except (OSError, IndexError, ValueError):
                continue
            if state not in "ZX":
                sessions.add(int(session))
        return sessions & self.started

    # ---- what is true ----

    def truth(self):
        """Run | state, by the names of files, the lines of journals, and who lives."""
        living, told = self.at_work(), {}
        for path in glob.glob(os.path.join(self.dir, "journal.*.jsonl")):
            pid = None
            for line in lines_of(path):
                if line["event"] == "begin":
                    pid = line["pid"]
                elif line["event"] == "start":
                    told.setdefault(line["id"], []).append((line["time"], "start", pid))
                elif line["event"] == "end":
                    told.setdefault(line["id"], []).append((line["time"], line["status"], pid))
        names = set(os.listdir(self.dir)) if os.path.isdir(self.dir) else set()
        states = {}
        for run, events in told.items():
            running = {pid for pid in living
                       if [word for _, word, who in events if who == pid][-1:] == ["start"]}
            last = sorted(events, key=lambda event: event[0])[-1][1]
            states[run] = "running" if running else "interrupted" if last == "start" else last
        for name in names:
            if name.endswith(".h5"):
                states[name[:-3]] = states.get(name[:-3], "") if states.get(name[:-3]) in DONE else "done"
        return states

    def said(self):
        made = subprocess.run([self.program, "status", self.dir, "--runs", "--json"], capture_output=True, text=True,
                              check=False)
        if made.returncode not in (0, 1, 75):
            raise SystemExit(f"check-status.py: status ends with {made.returncode}: {made.stderr}")
        return {row["run"]: row["state"] for row in json.loads(made.stdout)["rows"]}, made.returncode


def differences(before, said, after):
    """Runs whose state was the same before and after, and is told otherwise."""
    wrong = []
    for run, state in said.items():
        first, last = before.get(run, "missing"), after.get(run, "missing")
        same = first == last or (first in DONE and last in DONE)
        fits = state == last or (state in DONE and last in DONE)
        if same and not fits:
            wrong.append(f"{run} is {last}, told {state}")
    lost = [run for run, state in before.items() if state in DONE and said.get(run) not in DONE]
    early = [run for run, state in said.items() if state in DONE and after.get(run) not in DONE]
    return wrong + [f"{run} was done before" for run in lost] + [f"{run} is not done after" for run in early]


def lie(said, kind):
    """The status with one lie; None: it has no such run."""
    for run, state in said.items():
        if kind == "done" and state in DONE:
            return {**said, run: "missing"}
        if kind == "missing" and state == "missing":
            return {**said, run: "complete"}
        if kind == "running" and state == "running":
            return {**said, run: "interrupted"}
    return None


def sample(sweep, held, lies):
    """One look; with `held` nothing moves meanwhile, so every run has to be right."""
    if held:
        sweep.hold(signal.SIGSTOP)
        time.sleep(0.02)
        until = time.monotonic() + 2
        while held and sweep.at_work() - sweep.living():  # what dies must have died
            time.sleep(0.01)
            if time.monotonic() > until:
                held = False
                for pid in sweep.at_work() - sweep.living():
                    print(subprocess.run(["ps", "-o", "pid,ppid,sid,stat,wchan:20,args", "-s", str(pid)], capture_output=True,
                                         text=True, check=False).stdout, file=sys.stderr)
                sweep.hold(signal.SIGCONT)
    before = sweep.truth()
    said, _ = sweep.said()
    after = sweep.truth()
    if held:
        sweep.hold(signal.SIGCONT)
    wrong = differences(before, said, after)
    if held and before != after:
        raise SystemExit("check-status.py: something moved that was held")
    for kind in list(lies) if held else ():
        if (told := lie(said, kind)) and differences(before, told, after):
            lies.discard(kind)
    states = list(said.values())
    return wrong, states.count("running"), sum(state in DONE for state in states)


def count_starts(sweep):
    """Run | how often it was started, and how often it ended well."""
    starts, ends = {}, {}
    for path in glob.glob(os.path.join(sweep.dir, "journal.*.jsonl")):
        for line in lines_of(path):
            if line["event"] == "start":
                starts[line["id"]] = starts.get(line["id"], 0) + 1
            elif line["event"] == "end" and line["status"] in DONE:
                ends[line["id"]] = ends.get(line["id"], 0) + 1
    return starts, ends


def check_end(sweep, n_runs):
    """All is there, once, and as a quiet sweep makes it."""
    said, status = sweep.said()
    if status or any(state not in DONE for state in said.values()) or len(said) != n_runs:
        raise SystemExit(f"check-status.py: in the end status says {status}, and {said}")
    starts, ends = count_starts(sweep)
    twice = [run for run, n in ends.items() if n > 1]
    more = sum(starts.values()) - n_runs
    if twice or more > sweep.killed:
        raise SystemExit(f"check-status.py: {more} runs were started again after {sweep.killed} kills, {twice} ended twice")
    subprocess.run([sweep.program, "merge", sweep.dir], check=True, capture_output=True)
    quiet = os.path.join(sweep.folder, "quiet")
    subprocess.run([sweep.program, "run", sweep.file, "--out", quiet], check=True, capture_output=True)
    subprocess.run(["/usr/bin/python3", os.path.join(HERE, "same-results.py"), os.path.join(quiet, "moments.h5"),
                    os.path.join(sweep.folder, "moments.h5")], check=True)
    return more


def check(options, folder):
    sweep = Sweep(options, folder)
    lies = {"done", "missing", "running"} if options.self_test else set()
    n, n_running, done, next_kill = 0, 0, 0, time.monotonic() + 1
    try:
        while not sweep.start_again():
            if time.monotonic() > next_kill:
                sweep.disturb()
                next_kill = time.monotonic() + sweep.rng.uniform(0.2, 1)
            if os.path.exists(os.path.join(sweep.dir, "plan.json")):
                behind = n < options.samples * done // options.runs  # nothing moves while it is held
                wrong, running, done = sample(sweep, n % 2 or behind, lies)
                if wrong:
                    raise SystemExit(f"check-status.py: sample {n}: " + "; ".join(wrong[:5]))
                n, n_running = n + 1, n_running + running
        again = check_end(sweep, options.runs)
    finally:
        sweep.hold(signal.SIGCONT)
        sweep.hold(signal.SIGKILL)
    if n < options.samples or n_running == 0 or sweep.killed == 0:
        raise SystemExit(f"check-status.py: {n} samples, {n_running} runs seen running, {sweep.killed} kills: too few")
    if lies:
        raise SystemExit(f"check-status.py: a lie was not found: {', '.join(sorted(lies))}")
    print(f"{n} samples of {options.runs} runs in {options.shards} shards, {n_running} times one was running, {sweep.killed} "
          f"kills, {again} runs started again: status was right" + (", and lies are found" if options.self_test else ""))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.strip())
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "normlab"))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    folder = tempfile.mkdtemp(prefix="normlab-status-")
    try:
        check(options, folder)
    finally:
        if sys.exc_info()[0]:
            print(f"check-status.py: seed {options.seed}", file=sys.stderr)
        if options.keep:
            print(folder, file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
