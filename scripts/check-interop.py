#!/usr/bin/env python3
"""Opens a merged results file the ways its readers will, and checks what results/README.md promises.

    scripts/check-interop.py RESULTS.h5

h5py: every group, attribute and dataset: texts are str, units and long_name everywhere, a dimension scale of
the same group on every dimension, no modification times, /summary fits /runs, /series holds what the runs hold. xarray with the netcdf4 and the
h5netcdf engine: every group that holds datasets, coordinates and values as h5py reads them. ncdump: the whole
file. R (rhdf5) and Octave (package netcdf): what scripts/readers prints of it. Needs Debian's python3-h5py
python3-xarray python3-netcdf4 python3-h5netcdf netcdf-bin r-bioc-rhdf5 octave octave-netcdf.
Exit status 1 and a line for each thing that is wrong, else 0 and a count of what was opened.
"""

import collections
import math
import pathlib
import shutil
import subprocess
import sys

import h5netcdf
import h5py
import netCDF4
import numpy as np
import xarray

ENGINES = ("netcdf4", "h5netcdf")
# What HDF5's dimension scales are made of: theirs, not ours.
INTERNAL = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST"}

problems = []
counts = collections.Counter()


def wrong(where, what):
    problems.append(f"{where}: {what}")


def same(a, b):
    """Equal values, NaN equal to NaN; bytes and str are not."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.dtype.kind == "f" or b.dtype.kind == "f":
        return np.array_equal(a, b, equal_nan=True)
    return bool(np.all(a == b))


def values(dataset):
    """The dataset's values; texts as str."""
    if h5py.check_string_dtype(dataset.dtype):
        return dataset.asstr()[()]
    return dataset[()]


def is_scale(dataset):
    return h5py.h5ds.is_scale(dataset.id)


# ---- h5py ----


def check_attributes(where, obj):
    for name, value in obj.attrs.items():
        if name in INTERNAL:
            continue
        counts["attributes"] += 1
        if isinstance(value, (bytes, np.bytes_)):
            wrong(where, f"attribute {name} is bytes, not str")
        elif not isinstance(value, (str, np.integer, np.floating)):
            wrong(where, f"attribute {name} is a {type(value).__name__}: neither text nor number")


def dimensions(dataset):
    """Names of its scales. (The path of a scale, scale.name, would be a search through the whole file.)"""
    if is_scale(dataset):
        return (dataset.name.rsplit("/", 1)[1],)
    return tuple(next(iter(dimension.keys()), None) for dimension in dataset.dims)


def check_scales(where, dataset):
    if is_scale(dataset):
        if dataset.ndim != 1:
            wrong(where, "a scale with more than one dimension")
        return
    group = dataset.parent
    for axis, (dimension, name) in enumerate(zip(dataset.dims, dimensions(dataset))):
        if len(dimension) != 1:
            wrong(where, f"dimension {axis} has {len(dimension)} scales")
        elif name not in group or group[name] != dimension[0]:
            wrong(where, f"the scale '{name}' of dimension {axis} is not in the same group")
        elif group[name].shape != (dataset.shape[axis],):
            wrong(where, f"{dataset.shape[axis]} entries on the scale '{name}' of {group[name].shape}")


def check_missing(where, dataset):
    """What means that there is nothing is declared, in the type of the values."""
    attributes = dataset.attrs
    is_number = dataset.dtype.kind in "fi" and not is_scale(dataset)
    if dataset.dtype.kind == "f" and is_number and "_FillValue" not in attributes:
        wrong(where, "reals without _FillValue")
    for name in {"_FillValue", "flag_values"} & set(attributes):
        if not is_number or attributes[name].dtype != dataset.dtype:
            wrong(where, f"{name} has not the type of the values")
    if ("flag_values" in attributes) != ("flag_meanings" in attributes):
        wrong(where, "flag_values and flag_meanings do not come together")
    if where.startswith("/summary/") and dataset.dtype.kind == "i" and np.any(dataset[()] == -1):
        if not {"_FillValue", "flag_values"} & set(attributes):
            wrong(where, "holds -1 and does not say what it means")


def decoded(dataset):
    """The values as xarray gives them: whole numbers with a _FillValue become reals, which have NaN."""
    found = values(dataset)
    if dataset.dtype.kind == "i" and "_FillValue" in dataset.attrs:
        return np.where(found == dataset.attrs["_FillValue"], np.nan, found.astype(float))
    return found


def check_dataset(dataset):
    where = dataset.name
    counts["datasets"] += 1
    for name in ("units", "long_name", "comment"):
        if not isinstance(dataset.attrs.get(name), str):
            wrong(where, f"no {name}")
    if not dataset.attrs.get("long_name"):
        wrong(where, "long_name is empty")
    check_missing(where, dataset)
    if dataset.chunks is not None:
        wrong(where, "is chunked")
    check_scales(where, dataset)
    values(dataset)


def check_object(name, obj):
    check_attributes(obj.name, obj)
    if h5py.h5g.get_objinfo(obj.id).mtime != 0:
        wrong(obj.name, "holds a modification time")
    if isinstance(obj, h5py.Dataset):
        check_dataset(obj)
    else:
        counts["groups"] += 1


def check_root(file):
    for name in ("Conventions", "name", "title", "source", "history"):
        if not isinstance(file.attrs.get(name), str):
            wrong("/", f"attribute {name} is missing or no text")
    if not isinstance(file.attrs.get("normlab_schema"), np.integer):
        wrong("/", "attribute normlab_schema is missing or no number")
    for name in ("yaml", "resolved"):
        text = file["experiment"][name].asstr()[()]
        if not isinstance(text, str) or not text:
            wrong(f"/experiment/{name}", "is no text")


def check_summary(file):
    summary, runs = file["summary"], file["runs"]
    if not is_scale(summary["run"]):
        wrong("/summary/run", "is no dimension scale")
    ids = list(summary["run"].asstr()[()])
    if len(set(ids)) != len(ids):
        wrong("/summary/run", "names a run twice")
    statuses = summary["status"].asstr()[()]
    stored = {i for i, status in zip(ids, statuses) if status in ("complete", "diverged")}
    if stored != set(runs):
        wrong("/summary", f"and /runs differ in {sorted(stored ^ set(runs))}")
    for name, column in summary.items():
        if column.shape != (len(ids),):
            wrong(column.name, f"has shape {column.shape} for {len(ids)} runs")
            continue
        cells = values(column)
        for run, cell in zip(ids, cells):
            check_cell(runs, run, name, cell)


def check_cell(runs, run, name, cell):
    """A cell of /summary says what the run itself says."""
    if run not in runs:
        return
    for group in (runs[run], runs[run]["final"]):
        if name in group.attrs and not same(group.attrs[name], cell):
            wrong(f"/runs/{run}", f"{name} is {group.attrs[name]!r}, in /summary {cell!r}")


def check_run(run):
    id = run.name.rsplit("/", 1)[1]

    def knows_its_run(name, obj):
        if isinstance(obj, h5py.Dataset) and obj.parent.attrs.get("run") != id:
            wrong(obj.parent.name, "does not know its run")

    run.visititems(knows_its_run)
    for name in ("final", "provenance"):
        if name not in run or not len(run[name].attrs):
            wrong(run.name, f"no group {name} with attributes")
    if "norm.kind" not in run.attrs:
        wrong(run.name, "its attributes are not the configuration")
    for group in ("step", "epoch", "layer"):
        if group in run and not is_scale(run[group][group]):
            wrong(run[group].name, f"{group} is no scale")


def run_rows(group, series):
    """A run's own series in the order of the stacked one's axes, and where it stands there."""
    axes = []
    for axis in dimensions(series):
        stacked = group["point"][()] if axis == "step" else group[axis][()]
        own = np.arange(series.parent[axis].shape[0]) if axis == "step" else series.parent[axis][()]
        axes.append([int(np.flatnonzero(stacked == place)[0]) for place in own])
    return np.ix_(*axes)


def check_stacks(file):
    """Every run's series stands in its row, and nothing else does."""
    if "series" not in file:
        wrong("/series", "is missing")
        return
    for group in file["series"].values():
        runs = group["run"].asstr()[()]
        if list(runs) != list(file["summary/run"].asstr()[()]):
            wrong(group.name, "has other runs than /summary")
        own_name = group.name.removeprefix("/series/")
        for name, array in group.items():
            if array.ndim < 2:
                continue
            counts["stacked series"] += 1
            for run, row in zip(runs, array[()]):
                expected = np.full(row.shape, np.nan if row.dtype.kind == "f" else -1, row.dtype)
                own = file["runs"].get(f"{run}/{own_name}/{name}")
                if own is not None:
                    expected[run_rows(group, own)] = own[()]
                if not same(row, expected):
                    wrong(array.name, f"holds something else than run {run}")


def check_with_h5py(path):
    """Returns the groups that hold datasets."""
    groups = []
    with h5py.File(path, "r") as file:
        check_attributes("/", file)
        check_root(file)
        file.visititems(check_object)
        check_summary(file)
        check_stacks(file)
        for run in file["runs"].values():
            check_run(run)

        def collect(name, obj):
            if isinstance(obj, h5py.Group) and any(isinstance(o, h5py.Dataset) for o in obj.values()):
                groups.append(name)

        file.visititems(collect)
    return groups


# ---- xarray ----


def open_group(opened, name, engine):
    """The group of a file that is open already: for each open_dataset(path, group=...), the netcdf4 engine reads
    the structure of the whole file anew, seconds for 200 runs."""
    if engine == "netcdf4":
        return xarray.open_dataset(xarray.backends.NetCDF4DataStore(opened[name]))
    return xarray.open_dataset(xarray.backends.H5NetCDFStore(opened, group=name))


def check_group(file, whole, name, engine):
    group = file[name]
    opened = open_group(whole, name, engine)
    counts[f"groups with {engine}"] += 1
    for key, dataset in group.items():
        if not isinstance(dataset, h5py.Dataset):
            continue
        where = f"{dataset.name} with {engine}"
        if key not in opened.variables:
            wrong(where, "is not there")
            continue
        variable = opened[key]
        if variable.dims != dimensions(dataset):
            wrong(where, f"has dimensions {variable.dims}, not {dimensions(dataset)}")
        if is_scale(dataset) and key not in opened.coords:
            wrong(where, "is no coordinate")
        if not same(variable.values, decoded(dataset)):
            wrong(where, "has other values than with h5py")
        if dataset.attrs.get("coordinates") == "step" and "step" not in variable.coords:
            wrong(where, "its steps are no coordinate")
        for word in ("units", "long_name", "comment"):
            if variable.attrs.get(word) != dataset.attrs.get(word):
                wrong(where, f"{word} is {variable.attrs.get(word)!r}")


def check_with_xarray(path, groups):
    for engine in ENGINES:
        whole = netCDF4.Dataset(path) if engine == "netcdf4" else h5netcdf.File(path, "r", decode_vlen_strings=True)
        with h5py.File(path, "r") as file, whole:
            for name in groups:
                try:
                    check_group(file, whole, name, engine)
                except Exception as error:  # whatever a reader dies of is what we want to know
                    wrong(f"/{name} with {engine}", f"{type(error).__name__}: {error}")


def check_selection(path):
    """The example of results/README.md: a selection by label, a mean over runs."""
    for engine in ENGINES:
        with xarray.open_dataset(path, group="summary", engine=engine) as summary:
            first = str(summary.run.values[0])
            if str(summary.sel(run=first)["norm.kind"].values) != str(summary["norm.kind"].values[0]):
                wrong(f"/summary with {engine}", "cannot be selected by run id")
            mean = float(summary.test_error.groupby(summary["norm.kind"]).mean().values[0])
            if not (math.isnan(mean) or 0 <= mean <= 1):
                wrong(f"/summary with {engine}", f"a mean test error of {mean}")


def check_with_ncdump(path):
    program = shutil.which("ncdump")
    if not program:
        wrong("ncdump", "is not installed (Debian: netcdf-bin)")
        return
    done = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = done.stdout.count(b"\n")
    counts["lines of ncdump"] += lines
    if done.returncode != 0 or done.stderr or lines == 0:
        wrong("ncdump", f"exit status {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    if b"phony_dim" in done.stdout:
        wrong("ncdump", "finds dimensions without a scale")


# ---- R and Octave ----


def read_by(program, script, path):
    """What the script in scripts/readers prints: a name and its values a line."""
    if not shutil.which(program):
        wrong(program, "is not installed (scripts/install-deps.sh --ci)")
        return {}
    script = pathlib.Path(__file__).parent / "readers" / script
    done = subprocess.run([program, script, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        wrong(program, f"exit status {done.returncode}: {done.stderr.strip()}")
    return {words[0]: words[1:] for words in map(str.split, done.stdout.splitlines()) if words}


def check_reading(program, script, path, expected):
    found = read_by(program, script, path)
    for name, values in expected.items():
        counts[f"things read by {program}"] += 1
        words = found.get(name)
        if words is None or len(words) != len(values):
            wrong(program, f"{name} is {words}, not {len(values)} values")
        elif isinstance(values[0], str):
            if words != values:
                wrong(program, f"{name} is {words}, not {values}")
        elif not same([float(word.replace("NA", "nan")) for word in words], [float(value) for value in values]):
            wrong(program, f"{name} is {words}, not {values}")


def check_with_r_and_octave(path):
    with h5py.File(path, "r") as file:
        kinds, errors = file["summary/norm.kind"].asstr()[()], file["summary/test_error"][()]
        first = file["runs"][file["summary/run"].asstr()[()][0]]
        known = {"seeds": file["summary/seed"][()], "curve": file["series/epoch/test_error"][0],
                 "steps": file["series/step/step"][0]}
        check_reading("octave-cli", "read.m", path, {"median": [np.nanmedian(errors)], **known})
        check_reading("Rscript", "read.R", path,
                      {"median": [np.nanmedian(errors[kinds == kinds[0]])], "kind": [kinds[0]], **known,
                       "lr": [first.attrs["optimizer.lr"]], "missing": [-1]})


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    path = sys.argv[1]
    groups = check_with_h5py(path)
    check_with_xarray(path, groups)
    check_selection(path)
    check_with_ncdump(path)
    check_with_r_and_octave(path)
    for problem in problems:
        print(f"check-interop: {problem}", file=sys.stderr)
    opened = ", ".join(f"{count} {what}" for what, count in counts.items())
    print(f"check-interop: {path}: {opened}; {len(problems)} problem{'' if len(problems) == 1 else 's'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
