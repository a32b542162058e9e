#!/usr/bin/env python3
"""Does share/python/normlab.py give what the files hold? Held against the program and against the runs themselves.

    check-python.py PROGRAM RESULTS.h5 [FOLDER_OF_THE_IDX_FILES]
    check-python.py PROGRAM RESULTS.h5 --self-test      each of seven mistakes in normlab.py is noticed

runs() against `normlab table`, cell by cell; series() as it is in /series against the same stacked run by run, and
both against `normlab table --series`; weights() against h5py. torch_module(), where PyTorch is: of runs on
Fashion-MNIST with log.weights and rows/wrong, each network classifies the test rows as the run did, up to 3 rows of
10,000 whose two largest outputs are equal but for rounding. Exit status 1 and a line for each thing that is wrong.
"""
import csv
import gzip
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types

import h5py
import numpy as np

MOST_OTHER_ROWS = 3
FASHION_MNIST = "/usr/share/datasets/fashion-mnist"
SERIES = ("epoch/test_error", "step/train_loss", "step/lr")

problems = []


def wrong(what):
    problems.append(what)


# What stands in normlab.py, and what would be wrong.
MISTAKES = (
    ('np.searchsorted(place, scale)', 'np.searchsorted(place, scale)[::-1]'),
    ('f["summary"].items()}', 'f["summary"].items() if name != "seed"}'),
    ('        return self.args[0]  #', '        return repr(self.args[0])  #'),
    ('    near = difflib.get_close_matches', '    near = []  # difflib.get_close_matches'),
    ('array[()] for name, array in group.items()', 'array[()] * 2 for name, array in group.items()'),
    ('(POINT not in _dims(group[leaf]) or "step" in group)', 'True'),
    ('getattr(module, parameter).data[:] = torch.tensor(p[name])', 'pass'),
)


def load(mistakes=()):
    path = pathlib.Path(__file__).parent.parent / "share/python/normlab.py"
    text = path.read_text()
    for right, mistake in mistakes:
        if right not in text:
            sys.exit(f"check-python: '{right}' stands no more in {path}: mend MISTAKES")
        text = text.replace(right, mistake)
    module = types.ModuleType("normlab")
    sys.modules["normlab"] = module
    exec(compile(text, path, "exec"), module.__dict__)
    return module


def table(program, *arguments):
    out = subprocess.run([program, "table", *arguments], stdout=subprocess.PIPE, check=True, text=True).stdout
    return list(csv.DictReader(io.StringIO(out), delimiter="\t", quoting=csv.QUOTE_NONE))


def is_cell(text, value):
    """Is it what the program prints of this value?"""
    if isinstance(value, str):
        return text == value
    return float(text) == value or (text == "nan" and value != value)


def check_runs(normlab, program, path):
    columns = normlab.runs(path)
    names = [name for name in columns if name != "run"]
    rows = table(program, path, "--columns", ",".join(names))
    for row, cells in enumerate(rows):
        for name in names:
            if not is_cell(cells[name], columns[name][row]):
                wrong(f"runs: {name} of row {row} is {columns[name][row]!r}, the program says {cells[name]}")
    with h5py.File(path, "r") as file:
        if list(columns) != list(file["summary"]):
            wrong("runs: not the columns of /summary")
    for row in {0, len(rows) - 1}:
        check_own_file(normlab, path, columns, row)
    if len(rows) != len(columns["run"]):
        wrong(f"runs: {len(columns['run'])} rows, the program has {len(rows)}")
    return len(rows) * len(names)


def check_own_file(normlab, path, columns, row):
    """A run's own file says of it what the merged one says."""
    own = pathlib.Path(path).with_suffix("") / f"{columns['run'][row]}.h5"
    if not own.exists():
        return
    for name, cells in normlab.runs(own).items():
        if name in columns and not is_cell(str(cells[0]), columns[name][row]):
            wrong(f"runs: {name} is {cells[0]!r} in {own}, {columns[name][row]!r} in the merged file")


def check_frames(normlab, path):
    """With pandas and xarray, where they are."""
    try:
        import pandas
        import xarray
    except ImportError as error:
        return f"no {error.name} here"
    frame = pandas.DataFrame(normlab.runs(path)).set_index("run")
    array = normlab.series(path, "epoch/test_error")
    labelled = array.xarray()
    last = labelled.sel(run=frame.index[0], epoch=array.coords["epoch"][-1])
    if not np.array_equal(float(last), array.values[0, -1], equal_nan=True):
        wrong("series: xarray selects another value")
    steps = normlab.series(path, "step/train_loss").xarray()
    if steps.coords["step"].dims != ("run", "point"):
        wrong("series: xarray has no steps beside the points")
    return f"frames with pandas {pandas.__version__} and xarray {xarray.__version__}"


def check_words(normlab, path):
    """What goes wrong is a sentence."""
    first, folder = str(normlab.runs(path)["run"][0]), os.path.dirname(path) or "."
    with tempfile.NamedTemporaryFile(suffix=".h5") as other:
        h5py.File(other.name, "w").close()
        for call, error, *words in (
            (lambda: normlab.series(path, "epoch/test_eror"), KeyError,
             f"{path}: no run has a series 'epoch/test_eror' (did you mean 'epoch/test_error'"),
            (lambda: normlab.series(path, "qqq"), KeyError, "no run has a series 'qqq'; there are "),
            (lambda: normlab.runs(path)["val_error"], KeyError, "no column 'val_error' (did you mean ",
             "'validation_error'"),
            (lambda: normlab.runs(path)["lr"], KeyError, "no column 'lr' (did you mean 'optimizer.lr'"),
            (lambda: normlab.series(path, "val_error"), KeyError, "(did you mean 'epoch/validation_error'"),
            (lambda: normlab.weights(path, "q"), KeyError, f"{path}: no run's id begins with 'q'; there are r"),
            (lambda: normlab.weights(path, first[:-1] + "x"), KeyError, f"(did you mean '{first}'"),
            (lambda: normlab.weights(path, "r"), KeyError, f"{path}: ", "runs have an id that begins with 'r': r",
             "give more of it"),
            (lambda: normlab.weights(path, first, "middle"), KeyError, "has no middle weights (it has "),
            (lambda: normlab.runs(__file__), ValueError, f"{__file__}: not a results file of normlab"),
            (lambda: normlab.runs(other.name), ValueError, f"{other.name}: not a results file of normlab: HDF5"),
            (lambda: normlab.runs(folder), ValueError, f"{folder}: a folder; "),
            (lambda: normlab.runs(path + "5"), FileNotFoundError,
             f"{path}5: no such file (did you mean '{os.path.basename(path)}'"),
            (lambda: normlab.runs("/nonexistent/x.h5"), FileNotFoundError, "and no folder /nonexistent"),
        ):
            check_error(call, error, words)


def check_error(call, error, words):
    try:
        call()
        wrong(f"no error that says '{words[0]}'")
    except error as raised:
        if str(raised)[0] in "'\"":
            wrong(f"in quotes: {raised}")
        for part in words:
            if part not in str(raised):
                wrong(f"'{part}' is not in: {raised}")
    except Exception as raised:
        wrong(f"{type(raised).__name__}, not {error.__name__}: {raised}")


def same_series(a, b):
    return (a.dims == b.dims and np.array_equal(a.values, b.values, equal_nan=a.values.dtype.kind == "f")
            and a.coords.keys() == b.coords.keys() and all(np.array_equal(a.coords[d], b.coords[d]) for d in a.coords)
            and (a.units, a.comment) == (b.units, b.comment))


def check_series(normlab, program, path):
    n = 0
    with h5py.File(path, "r") as file:
        names = [f"{group}/{name}" for group, arrays in file["series"].items()
                 for name, array in arrays.items() if array.ndim > 1 and name not in ("step",)]
        for name in names:
            whole = normlab.series(file, name)
            ids = normlab._ids(file)
            found = {id: file[f"runs/{id}/{name}"] for id in ids if f"runs/{id}/{name}" in file}
            if not same_series(whole, normlab._stack(ids, found, name)):
                wrong(f"series: {name} in /series is not what its runs have")
            n += 1
    for name in set(SERIES) & set(names):
        array = normlab.series(path, name)
        values = array.values[~np.isnan(array.values)]
        printed = [float(row["value"]) for row in table(program, path, "--series", name)]
        if not np.array_equal(values, [value for value in printed if value == value]):
            wrong(f"series: {name} is not what `normlab table --series` prints")
    return n


def check_without_places(normlab, path):
    """Where the steps of the points are not in /series, a curve comes from the runs."""
    name = "step/train_loss"
    whole = normlab.series(path, name)
    with tempfile.TemporaryDirectory() as folder:
        less = shutil.copy(path, folder)
        with h5py.File(less, "r+") as file:
            del file["series/step/step"]
        try:
            if not same_series(whole, normlab.series(less, name)):
                wrong(f"series: {name} without /series/step/step is not what its runs have")
        except KeyError as error:
            wrong(f"series: {name} without /series/step/step: {error}")


def check_weights(normlab, path):
    n = 0
    with h5py.File(path, "r") as file:
        for id, run in file["runs"].items():
            for when in run.get("weights", {}):
                for layer, arrays in normlab.weights(file, id, when).items():
                    group = run[f"weights/{when}/{layer}"]
                    if set(arrays) != set(group) - {"in", "out", "unit"}:
                        wrong(f"weights: {id} {when} {layer} has {sorted(arrays)}")
                    for name, array in arrays.items():
                        n += 1
                        if not np.array_equal(array, group[name][()], equal_nan=True):
                            wrong(f"weights: {id} {when} {layer} {name} are others")
    return n


def read_idx(path):
    with (gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb")) as file:
        n_dims = file.read(4)[3]
        shape = np.frombuffer(file.read(4 * n_dims), ">u4").astype(int)
        return np.frombuffer(file.read(), np.uint8).reshape(shape[0], -1)


def check_torch(normlab, path, folder):
    try:
        import torch
    except ImportError:
        return "no PyTorch here"
    images = torch.tensor(read_idx(f"{folder}/t10k-images-idx3-ubyte").astype(np.float32))
    labels = read_idx(f"{folder}/t10k-labels-idx1-ubyte")[:, 0]
    n, most = 0, 0
    with h5py.File(path, "r") as file:
        for id, run in file["runs"].items():
            if run.attrs["data.name"] != "fashion-mnist" or not {"weights", "rows"} <= set(run):
                continue
            bits = np.unpackbits(run["rows/wrong"][:].astype("<i8").view(np.uint8), bitorder="little")
            with torch.no_grad():
                answers = normlab.torch_module(file, id)(images).argmax(1).numpy()
            other = int(np.sum((answers != labels) != bits[:len(labels)]))
            most, n = max(most, other), n + 1
            if not other <= MOST_OTHER_ROWS:
                wrong(f"torch_module: {id} ({run.attrs['norm.kind']}) is right about {other} other rows than the run")
    return f"{n} networks, at most {most} other rows of {len(labels)}"


def check(normlab, program, path, folder):
    """What was looked at; `problems` has what is wrong."""
    check_words(normlab, path)
    check_without_places(normlab, path)
    return [f"{check_runs(normlab, program, path)} cells", f"{check_series(normlab, program, path)} series",
            f"{check_weights(normlab, path)} arrays of weights", check_frames(normlab, path),
            check_torch(normlab, path, folder)]


def self_test(program, path):
    """Each mistake by itself is noticed."""
    for mistake in MISTAKES:
        problems.clear()
        check(load([mistake]), program, path, FASHION_MNIST)
        if not problems:
            sys.exit(f"check-python: nobody notices {mistake[1]}")
        print(f"check-python: noticed: {problems[0]}")


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    program, path = sys.argv[1:3]
    if sys.argv[3:] == ["--self-test"]:
        return self_test(program, path)
    said = check(load(), program, path, sys.argv[3] if len(sys.argv) == 4 else FASHION_MNIST)
    for problem in problems:
        print(f"check-python: {problem}", file=sys.stderr)
    print(f"check-python: {path}: {', '.join(said)}; {len(problems)} problem{'' if len(problems) == 1 else 's'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
