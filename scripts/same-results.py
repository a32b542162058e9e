#!/usr/bin/env python3
"""Compares two results files: every dataset and attribute must have equal values, bit for bit, outside
provenance, the clocks (*_s), concurrency, HDF5's own reference lists and what is said of a seal. Exit status 1: they differ.

    same-results.py A.h5 B.h5            the same runs, made in different ways
    same-results.py --common A.h5 B.h5   logged at different levels: only what both have is compared
"""
import sys

import h5py
import numpy as np

# HDF5's and netCDF's, and whether there is a seal, which files of earlier builds have not.
OWN = {"normlab_sealed", "REFERENCE_LIST", "DIMENSION_LIST", "CLASS", "NAME", "_Netcdf4Dimid"}


def is_volatile(path):
    name = path.rsplit("/", 1)[-1]
    return "/provenance" in path or name.endswith("_s") or name == "concurrency"


def is_about_logging(path):
    return path.startswith("/experiment") or path.rsplit("/", 1)[-1].startswith("log.")


def values_of(path):
    """All values of a file by path; an attribute's is OBJECT@/NAME."""
    values = {}

    def visit(name, item):
        place = "/" + name
        if isinstance(item, h5py.Dataset):
            values[place] = item[()]
        for key, value in item.attrs.items():
            if key not in OWN:
                values[f"{place}@/{key}"] = value

    with h5py.File(path) as file:
        visit("", file)
        file.visititems(visit)
    return {key: value for key, value in values.items() if not is_volatile(key)}


def same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return a.tobytes() == b.tobytes() if a.dtype.kind in "iuf" else a.tolist() == b.tolist()


def main(arguments):
    common = "--common" in arguments
    paths = [argument for argument in arguments if not argument.startswith("--")]
    if len(paths) != 2:
        sys.exit(__doc__)
    a, b = (values_of(path) for path in paths)
    if common:
        a, b = ({key: value for key, value in side.items() if not is_about_logging(key)} for side in (a, b))
    both = a.keys() & b.keys()
    wrong = sorted(key for key in both if not same(a[key], b[key]))
    if not common:
        wrong += sorted(a.keys() ^ b.keys())
    for key in wrong[:20]:
        print(f"{paths[0]} and {paths[1]} differ: {key}", file=sys.stderr)
    weights = sum("/weights/final/" in key for key in both)
    print(f"{len(both)} values compared, {weights} of final weights, {len(wrong)} differ")
    return 1 if wrong or not both else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
