#!/usr/bin/env python3
"""The same rows give the same results whichever format they come from, and the sets that have a name train.

    check-data.py [--program build/normlab] [--rows 2000] [--self-test]

Formats: rows of Fashion-MNIST, bytes, and the same as 64-bit floats with a share of each that float32 cannot hold,
are written as IDX, NumPy, HDF5 and CSV; each is trained, to the same final weights, bit for bit. --rows all: 60,000 and
10,000. Sets: where R, its package mlbench and scikit-learn are there, share/data/mlbench.R
makes letters and satellite; these and digits hold what they should and train for an epoch.
--self-test: in one file one bit is changed, which must be found.
"""
import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FASHION = "/usr/share/datasets/fashion-mnist"
DIGITS = "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"
NAMES = ("X_train", "y_train", "X_test", "y_test")
IDX_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
IDX_TYPES = {"u1": 0x08, "f8": 0x0E}
DEFINITION = """\
schema: 1
name: data
title: A network for each format
base:
  data: {validation: 300, scale: standardize_features}
  model.hidden: [24]
  optimizer.lr: 0.02
  train: {epochs: 1, batch_size: 50}
  log.weights: final
sweep:
  norm.kind: [none, batch]
"""
# What each set holds: "hash of the content".
SETS = {
    "digits": "4668638ccfe7919859065f3a34c2468e",
    "letters": "f4df89668f2e3cf252b6cfeb0a00306b",
    "satellite": "1c25f060c32113ee351beae0428215b2",
}


# ---- the four formats --------------------------------------------------------------------------------------------

def read_fashion(n_rows):
    def read(name, n):
        raw = gzip.open(f"{FASHION}/{name}.gz").read()
        skip = 4 + 4 * raw[3]
        return np.frombuffer(raw, np.uint8, offset=skip).reshape(int.from_bytes(raw[4:8], "big"), -1)[:n]

    n = (n_rows, n_rows, n_rows // 4, n_rows // 4) if n_rows else (None,) * 4
    arrays = [read(name, n) for name, n in zip(IDX_NAMES, n)]
    return [arrays[0], arrays[1][:, 0], arrays[2], arrays[3][:, 0]]


def as_floats(arrays):
    """Far from 0 beside their spread, so that float32 alone would lose digits."""
    generator = np.random.default_rng(5)
    return [a if a.ndim == 1 else 1e6 + a / 255 + generator.normal(size=a.shape).round(9) for a in arrays]


def write_idx(folder, arrays):
    for name, a in zip(IDX_NAMES, arrays):
        kind = a.dtype.str[1:]
        header = bytes([0, 0, IDX_TYPES[kind], a.ndim]) + b"".join(n.to_bytes(4, "big") for n in a.shape)
        with open(f"{folder}/{name}", "wb") as file:
            file.write(header + a.astype(a.dtype.newbyteorder(">")).tobytes())
    return folder


def write_npy(folder, arrays):
    for name, a in zip(NAMES, arrays):
        np.save(f"{folder}/{name}.npy", a)
    return folder


def write_hdf5(folder, arrays):
    with h5py.File(f"{folder}/data.h5", "w") as file:
        for name, a in zip(NAMES, arrays):
            file.create_dataset(name, data=a, compression="gzip", compression_opts=1)
    return f"{folder}/data.h5"


def write_csv(folder, arrays):
    for name, x, y in (("train", *arrays[:2]), ("test", *arrays[2:])):
        with open(f"{folder}/{name}.csv", "w") as file:
            print(*range(x.shape[1]), "class", sep=",", file=file)
            for row, label in zip(x.tolist(), y):
                print(",".join(map(repr, row)), label, sep=",", file=file)
    return folder


FORMATS = {"idx": write_idx, "npy": write_npy, "hdf5": write_hdf5, "csv": write_csv}


# ---- training ----------------------------------------------------------------------------------------------------

def run(program, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"check-data.py: {' '.join(words)}: status {done.returncode}: {done.stderr}")
    return done.stdout


def weights_of(path):
    """Of each run, by its normalizer, all that it has learned."""
    found = {}
    with h5py.File(path) as file:
        for run_id, kind in zip(file["summary/run"].asstr(), file["summary/norm.kind"].asstr()):
            arrays = found[kind] = {}
            file[f"runs/{run_id}/weights/final"].visititems(
                lambda name, item, arrays=arrays: arrays.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    assert len(found) == 2 and all("layer0/W" in arrays for arrays in found.values()), f"{path}: no weights"
    return found


def train(program, folder, *keys):
    with open(f"{folder}/data.yaml", "w") as file:
        file.write(DEFINITION)
    return run(program, "run", f"{folder}/data.yaml", *keys, "--out", f"{folder}/out", "--name", "data").split()[-1]


def differences(a, b):
    return [f"norm.kind={kind}: {name}" for kind in a for name in a[kind]
            if a[kind][name].tobytes() != b[kind][name].tobytes()]


def check_formats(program, work, arrays, what, spoil=None):
    """spoil(folder): changes the files of the last format. Returns how many formats differ from the first."""
    first, n_wrong = None, 0
    for name, write in FORMATS.items():
        folder = f"{work}/{what}-{name}"
        os.mkdir(folder)
        place = write(folder, arrays)
        if spoil and name == "csv":
            spoil(folder)
        weights = weights_of(train(program, folder, f"data.name={name}", f"data.dir={place}"))
        first = first or weights
        wrong = differences(first, weights)
        n_wrong += bool(wrong)
        print(f"{what} as {name}: {len(weights)} runs, {'other weights: ' + wrong[0] if wrong else 'equal weights'}")
        shutil.rmtree(folder)
    return n_wrong


def spoil_last_digit(folder):
    """One pixel of one row of the training file, by one."""
    with open(f"{folder}/train.csv") as file:
        lines = file.readlines()
    row = lines[7].split(",")
    row[400] = str(int(row[400]) ^ 1)
    with open(f"{folder}/train.csv", "w") as file:
        file.writelines([*lines[:7], ",".join(row), *lines[8:]])


# ---- sets that have a name ---------------------------------------------------------------------------------------

def has_mlbench():
    found = shutil.which("Rscript") and subprocess.run(
        ["Rscript", "-e", 'quit(status = !requireNamespace("mlbench", quietly = TRUE))'], capture_output=True)
    return bool(found) and found.returncode == 0


def check_sets(program, work):
    """As for somebody who has just installed the packages: in a home folder of their own. Returns how many are wrong."""
    os.environ["HOME"] = work
    n_wrong = 0
    sets = ["digits"] if os.path.exists(DIGITS) else []
    if has_mlbench():
        subprocess.run(["Rscript", f"{ROOT}/share/data/mlbench.R"], check=True, stdout=subprocess.DEVNULL)
        sets += ["letters", "satellite"]
    for name in sets:
        facts = {row["what"]: row["train"] for row in json.loads(run(program, "data", name, "--json"))["rows"]}
        os.mkdir(f"{work}/{name}")
        train(program, f"{work}/{name}", f"data.name={name}")
        held = facts["hash of the content"] == SETS[name]
        n_wrong += not held
        print(f"{name}: {facts['rows']} rows to train on, trained; {'as it should be' if held else 'OTHER CONTENT'}")
    for name in SETS.keys() - set(sets):
        print(f"{name}: its package is not here")
    return n_wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "normlab"))
    parser.add_argument("--rows", default="2000")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    arrays = read_fashion(0 if options.rows == "all" else int(options.rows))
    with tempfile.TemporaryDirectory() as work:
        if options.self_test:
            sys.exit(check_formats(program, work, arrays, "bytes", spoil_last_digit) != 1)
        n_wrong = check_formats(program, work, arrays, "bytes")
        n_wrong += check_formats(program, work, as_floats(arrays), "floats")
        n_wrong += check_sets(program, work)
    sys.exit(n_wrong > 0)


main()
