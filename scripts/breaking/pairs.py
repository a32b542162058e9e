"""Several at once in one folder."""
import os
import signal
import time

from breaking import commands
from breaking.trial import Skip, Wrong

CONTAINER = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child")
READERS = ("table", "series", "show")


def ends(trial, processes):
    """The ends of all, and nobody left."""
    found = [trial.end(process) for process in processes]
    for process in processes:
        trial.check_nobody_left(process.pid)
    for end in found:
        trial.check_end(end)
    return found


def shards(trial, row, number):
    """Two shards, each in a container of its own: one host name, the same process numbers."""
    if trial.run([*CONTAINER, "true"]).status != 0:
        raise Skip("no container of its own")
    pair = [trial.start([*CONTAINER, *trial.command("--jobs", "1", "--shard", f"{i}/2")], name=str(i))
            for i in range(2)]
    found = ends(trial, pair)
    if any(end.status != 0 for end in found):
        raise Wrong(f"a shard: {max(found, key=lambda end: end.status)}")
    before = trial.check_published(False)
    if len(before) != len(trial.sweep.files) - 1:
        raise Wrong("the shards end with 0, and a run is missing")
    trial.go_on(before)


def shards_killed(trial, row, number):
    """The same, and one of them is killed."""
    if trial.run([*CONTAINER, "true"]).status != 0:
        raise Skip("no container of its own")
    pair = [trial.start([*CONTAINER, *trial.command("--jobs", "1", "--shard", f"{i}/2")], name=str(i))
            for i in range(2)]
    time.sleep(trial.rng.uniform(0, trial.sweep.seconds))
    os.killpg(pair[0].pid, signal.SIGKILL)
    trial.end(pair[0])
    trial.check_nobody_left(pair[0].pid)
    other = ends(trial, pair[1:])[0]
    if other.status != 0:
        raise Wrong(f"the other shard: {other}")
    trial.go_on(trial.check_published(False))


def runners(trial, row, number):
    """Two of `run`, the second a moment later: one does it, the other says so or finds all done."""
    first = trial.start(trial.command("--jobs", "1"), name="0")
    time.sleep(trial.rng.uniform(0, trial.sweep.seconds))
    found = ends(trial, [first, trial.start(trial.command("--jobs", "1"), name="1")])
    if found[0].status != 0 and found[1].status != 0:
        raise Wrong(f"both fail: {found[0]}; {found[1]}")
    trial.go_on(trial.check_published(True))


def merge_meanwhile(trial, row, number):
    """`merge` into the same file again and again, while `run` is at work."""
    run = trial.start(trial.command("--jobs", "1"), name="run")
    merge = [trial.sweep.program, "merge", os.path.join(trial.folder, trial.sweep.name)]
    while run.poll() is None:
        trial.check_end(trial.run(merge))
        trial.check_published(False)
    end = ends(trial, [run])[0]
    trial.check_after(end)


def readers(trial, row, number):
    """Whoever reads while `run --force` writes it all again sees the old file or the new one."""
    for name in READERS:
        commands.quiet(trial, name)
    first = trial.run()
    trial.check_end(first, (0,))
    run = trial.start(trial.command("--force"), name="run")
    while run.poll() is None:
        name = trial.rng.choice(READERS)
        end = trial.run(commands.filled(trial, name, trial.sweep.merged(trial.folder)))
        if end.status != 0:
            raise Wrong(f"{name} while run --force is at work: {end}")
        commands.check(trial, name, end, (0,))
    trial.check_after(ends(trial, [run])[0])
