"""Kills and other signals at random moments."""
import os
import signal
import time

from breaking.trial import Wrong

JOBS = ("--jobs", "2", "--threads", "1")
STATUSES = (0, 1, 5, 75, 130)  # all is well; a worker was killed; stopped by a signal


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def choose(process, whom, rng):
    """Whom kill() is to hit: the parent, one of its workers (0: there is none), or all."""
    if whom == "worker":
        return rng.choice(children(process.pid) or [0])
    return process.pid if whom == "parent" else -process.pid


def disturb(trial, row):
    """A sweep that gets the row's signals, a moment apart."""
    process = trial.start(trial.command(*JOBS, *trial.sweep.checkpoints()))
    time.sleep(trial.rng.uniform(0, trial.sweep.seconds))
    target = choose(process, row.whom, trial.rng)
    for number in row.signals if target else ():
        try:
            os.kill(target, number)
        except ProcessLookupError:
            break  # it was done
        time.sleep(trial.rng.uniform(0, 0.05))
    end = trial.end(process)
    trial.check_nobody_left(process.pid)
    insisted = row.signals[1:] == (-end.status,) and end.said  # a second signal ends it at once
    killed = end.status == -signal.SIGKILL and signal.SIGKILL in row.signals
    unborn = -end.status in row.signals and not end.said  # the loader was at work, and nobody could say anything
    if not killed and not insisted and not unborn:
        trial.check_end(end, STATUSES)
    return end


def kill(trial, row, number):
    """One kill, or the same folder is killed again before it may end."""
    before = {}
    for _ in range(trial.rng.choice((1, 1, 2))):
        end = disturb(trial, row)
        after = trial.check_published(end.status == 0)
        for name, stamp in before.items():
            if "/" in name and after.get(name) != stamp:
                raise Wrong(f"the finished run {name} is gone or was trained again")
        before = after
    trial.go_on(before)
