"""Commands that read: each of their calls fails in turn, and what they print and write is right or refused."""
import os

from breaking import calls
from breaking.trial import HERE, Wrong

# In place of @file, @folder, @results: the merged file, the folder of its runs, the folder of both. @out: where a
# command may write.
COMMANDS = {
    "table": ("table", "@file", "--columns", "run,norm.kind,seed,steps,train_loss,test_error"),
    "series": ("table", "@file", "--series", "epoch/test_loss", "--by", "norm.kind"),
    "show": ("show", "@file", "--yaml"),
    "list": ("list", "runs", "@file"),
    "compare": ("compare", "@file", "--arms", "norm.kind=batch,none"),
    "judge": ("judge", os.path.join(HERE, "claim.yaml"), "--out", "@results"),
    "plot": ("plot", "@file", "--figure", "error_vs_choice", "--format", "svg", "--out", "@out"),
    "report": ("report", os.path.join(HERE, "claim.yaml"), "--out", "@results", "--to", "@out/page.html",
               "--markdown", "@out/page.md"),
    "merge": ("merge", "@folder", "--out", "@out/merged.h5"),
    "submit": ("submit", os.path.join(HERE, "tiny.yaml"), "--tasks", "2", "--dry-run", "--out", "@out/none"),
}


def filled(trial, name, file=None):
    """The command line, on the quiet sweep's results or on another file."""
    sweep = trial.sweep
    places = {"@file": file or sweep.merged(), "@folder": os.path.join(sweep.folder, sweep.name),
              "@results": sweep.folder, "@out": os.path.join(trial.folder, "out")}
    words = []
    for word in COMMANDS[name]:
        place = word.split("/")[0]
        words.append(places[place] + word[len(place):] if place in places else word)
    return [sweep.program, *words]


def written(trial):
    """What it wrote: the values of a results file, the bytes of others."""
    found = {}
    for where, _, files in os.walk(os.path.join(trial.folder, "out")):
        for name in files:
            path = os.path.join(where, name)
            if ".tmp." in name:
                found[name] = b"unfinished"
            elif name.endswith(".h5"):
                trial.sweep.check_same_file(path, trial.sweep.name + ".h5", "merged.h5")
                found[name] = None
            else:
                with open(path, "rb") as file:
                    found[name] = file.read().replace(trial.folder.encode(), b"")
    return found


def quiet(trial, name):
    """What the command prints and writes if nobody disturbs it; remembered."""
    known = trial.sweep.known
    if name not in known:
        os.makedirs(os.path.join(trial.folder, "out"), exist_ok=True)
        end = trial.run(filled(trial, name))
        if end.status != 0:
            raise Wrong(f"{name}, undisturbed: {end}")
        known[name] = end.out.replace(trial.folder, ""), written(trial)
    return known[name]


def check(trial, name, end, statuses):
    """What it leaves is whole and right, and exit 0 means that all is."""
    trial.check_end(end, statuses)
    out, files = trial.sweep.known[name]
    found = written(trial)
    if end.status != 0 and any(".tmp." in file for file in found):  # cut off: the same command sweeps
        end = trial.run(filled(trial, name))
        found = written(trial)
    for file, content in found.items():
        if content != files.get(file, ""):
            raise Wrong(f"{name} leaves a wrong or unknown {file}: {end}")
    if end.status == 0 and (end.out.replace(trial.folder, "") != out or found.keys() != files.keys()):
        raise Wrong(f"{name} ends with 0, and its words or files are others")


def count(trial, row):
    os.makedirs(os.path.join(trial.folder, "out"), exist_ok=True)
    quiet(trial, row.command)
    return calls.count(trial, row, filled(trial, row.command))


def fail_one(trial, row, number):
    os.makedirs(os.path.join(trial.folder, "out"), exist_ok=True)
    end = trial.run(filled(trial, row.command), calls.environment(trial, row, number))
    check(trial, row.command, end, row.statuses)
