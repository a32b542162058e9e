#!/usr/bin/python3
"""Kills a task of an array job with -9 every few seconds, has Slurm start them again, and asks `normlab status` all the
while. Fails where status says anything else than what lies on the disk, where a run is lost, or where one was trained twice
that no kill has cut.

    kill-tasks.py NORMLAB FOLDER JOB TASKS       FOLDER: of the runs; a task trains one run at a time
"""
import glob
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

KILL_S = 2.5
MOST_KILLS = 6  # Slurm lets a task wait for some seconds each time
SAMPLES = 100


def call(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)


def processes(folder):
    """{shard: process numbers} of the tasks that train, parents and workers."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        # The task's script has these words in one of its own, a subshell of it has its words.
        if len(words) > 3 and words[1] == "run" and "--shard" in words and words[2].startswith(folder + "/"):
            found.setdefault(int(words[words.index("--shard") + 1].split("/")[0]), []).append(int(path.split("/")[2]))
    return found


def states(job):
    """{task: state} as Slurm has them."""
    text = call("scontrol", "--oneliner", "show", "job", job).stdout
    found = {}
    for line in text.splitlines():
        fields = dict(re.findall(r"(ArrayTaskId|JobState)=(\S+)", line))
        if fields.get("ArrayTaskId", "").isdigit():
            found[int(fields["ArrayTaskId"])] = fields["JobState"]
        else:
            found.update({task: fields.get("JobState", "") for task in tasks_of(fields.get("ArrayTaskId", ""))})
    return found


def tasks_of(text):
    """Of "2-4,6" the tasks."""
    for part in filter(None, text.split("%")[0].split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def on_disk(folder):
    return {os.path.basename(path)[:-3] for path in glob.glob(os.path.join(folder, "r*.h5"))}


class Sampler:
    def __init__(self, program, folder):
        self.program, self.folder, self.samples, self.wrong, self.most_running = program, folder, 0, [], 0

    def look(self):
        files, alive = on_disk(self.folder), len(processes(self.folder))
        made = call(self.program, "status", self.folder, "--runs", "--tsv")
        files_after, alive_after = on_disk(self.folder), len(processes(self.folder))
        if made.returncode not in (0, 1, 75):
            self.wrong.append(f"status: {made.returncode}: {made.stderr}")
            return
        rows = [line.split("\t") for line in made.stdout.splitlines()]
        state = {row[0]: row[1] for row in rows[1:]}
        done = {run for run, word in state.items() if word in ("done", "complete", "diverged")}
        running = {run for run, word in state.items() if word == "running"}
        self.samples += 1
        self.most_running = max(self.most_running, len(running))
        if not files <= done <= files_after:
            self.wrong.append(f"done are {len(done)}; on the disk {len(files)} before, {len(files_after)} after: "
                              f"{sorted((files - done) | (done - files_after))[:3]}")
        # One task may have ended and another begun between the two looks: there were no more than both together.
        if len(running) > alive + alive_after or running & files:
            self.wrong.append(f"{len(running)} running, and {alive} tasks alive before, {alive_after} after")


def journal_events(folder):
    for path in glob.glob(os.path.join(folder, "journal*.jsonl")):
        with open(path, encoding="utf-8") as file:
            for line in file:
                try:
                    yield json.loads(line)
                except ValueError:
                    pass  # where its writer was killed


def check_trained(folder, kills):
    """Runs are trained once, and once more for each kill."""
    starts, ends = {}, {}
    for event in journal_events(folder):
        if event.get("event") == "start":
            starts[event["id"]] = starts.get(event["id"], 0) + 1
        elif event.get("event") == "end" and event.get("status") in ("complete", "diverged"):
            ends[event["id"]] = ends.get(event["id"], 0) + 1
    again = sum(n - 1 for n in starts.values())
    twice = [run for run, n in ends.items() if n > 1]
    print(f"{len(starts)} runs, {kills} kills, {again} starts for a second time")
    if twice:
        return [f"trained to their end twice: {twice[:3]}"]
    return [f"{again} starts for a second time, after {kills} kills"] if again > kills else []


def main():
    program, folder, job, n_tasks = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    chance = random.Random(897)
    sampler, kills = Sampler(program, folder), 0
    until, next_kill = time.monotonic() + 240, time.monotonic() + KILL_S
    while time.monotonic() < until:
        state = states(job)
        for task, word in state.items():
            if word == "FAILED":
                call("scontrol", "requeue", f"{job}_{task}")
        if sampler.samples >= SAMPLES and len(state) == n_tasks and set(state.values()) == {"COMPLETED"}:
            break
        alive = processes(folder)
        if alive and kills < MOST_KILLS and time.monotonic() > next_kill:
            for pid in alive[chance.choice(sorted(alive))]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            kills += 1
            next_kill = time.monotonic() + KILL_S
        sampler.look()
        time.sleep(0.1)
    else:
        sampler.wrong.append(f"after four minutes: {states(job)}")
    wrong = sampler.wrong + check_trained(folder, kills)
    if kills < 5 or sampler.most_running == 0:
        wrong.append(f"only {kills} kills, {sampler.most_running} runs seen at work: nothing was tried")
    print(f"status was asked {sampler.samples} times, up to {sampler.most_running} runs at work, {len(wrong)} answers wrong")
    for sentence in wrong[:10]:
        print(f"kill-tasks.py: {sentence}", file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
