"""Files that somebody damaged: one change somewhere in a file of a finished sweep."""
import glob
import os
import shutil

from breaking import commands

KINDS = {"merged": "{name}.h5", "run": "{run}", "plan": "{name}/plan.json", "journal": "{name}/journal.*.jsonl"}
READERS = ("table", "series", "show", "list")


def flip(data, at, rng):
    data[at] ^= 1 << rng.randrange(8)


def zero(data, at, rng):
    data[at:at + 512] = bytes(len(data[at:at + 512]))


def cut(data, at, rng):
    del data[at:]


def remove(data, at, rng):
    del data[at:at + rng.randrange(1, 64)]


def repeat(data, at, rng):
    data[at:at] = data[at:at + rng.randrange(1, 4096)]


def scramble(data, at, rng):
    data[at:at + 16] = rng.randbytes(len(data[at:at + 16]))


def append(data, at, rng):
    data += rng.randbytes(100)


CHANGES = (flip, flip, zero, cut, remove, repeat, scramble, append)


def damage(path, rng):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    before = bytes(data)
    rng.choice(CHANGES)(data, rng.randrange(len(data)), rng)
    os.unlink(path)  # a new file: the good one may be linked
    with open(path, "wb") as file:
        file.write(data)
    return bytes(data) != before


def mutate(trial, row, number):
    """Readers print what they did or refuse, merge as well; the next run mends it all."""
    sweep, rng = trial.sweep, trial.rng
    shutil.copytree(sweep.folder, trial.folder, dirs_exist_ok=True)
    run = rng.choice([name for name in sweep.files if "/" in name])
    pattern = os.path.join(glob.escape(trial.folder), KINDS[row.file].format(name=sweep.name, run=run))
    path = rng.choice(sorted(glob.glob(pattern)))
    if not damage(path, rng):
        return
    for name in READERS if row.file == "merged" else ():
        commands.quiet(trial, name)
        commands.check(trial, name, trial.run(commands.filled(trial, name, path)), (0, 1, 2, 3, 4, 5))
    other = os.path.join(trial.folder, "other.h5")
    end = trial.run([sweep.program, "merge", os.path.join(trial.folder, sweep.name), "--out", other])
    trial.check_end(end)
    if os.path.exists(other):
        sweep.check_same_file(other, sweep.name + ".h5", "merge --out")
        os.unlink(other)
    end = trial.run()
    trial.check_end(end)
    if row.file == "merged" and end.status == 4:
        os.unlink(path)  # "move it away": what is not known is not replaced
    trial.go_on(trial.check_published(end.status == 0))
