"""Calls that fail: each of a sweep in turn, found by a counting run."""
import errno
import os

from breaking.trial import Wrong


def environment(trial, row, at):
    return {"LD_PRELOAD": row.context.library, "FAIL_CALLS": row.calls, "FAIL_AT": str(at), "FAIL_HOW": row.how,
            "FAIL_ERRNO": str(getattr(errno, row.error)), "FAIL_COUNTER": trial.folder + ".counter"}


def count(trial, row, command=None):
    """How many such calls a command makes that nobody disturbs."""
    end = trial.run(command or trial.command("--jobs", "1"), environment(trial, row, 0))
    if end.status != 0:
        raise Wrong(f"the counting run: {end}")
    with open(trial.folder + ".counter", "rb") as file:
        return int.from_bytes(file.read(8), "little")


def fail_one(trial, row, number):
    """The sweep with its call of that number failing, from 1."""
    end = trial.run(trial.command("--jobs", "1"), environment(trial, row, number))
    trial.check_after(end, row.statuses)
