"""Results files that a stranger might send: each a copy of an honest one with one thing changed, and sealed again.

Of check-hostile.py. A row of MERGED (changes of the merged file) or of RUN (changes of a run, in the merged file and
in its own file) is a name, what it comes to, and a function of the open file or of the run's group:

    refused   the file's table, or all about the run, must not be shown
    shown     odd, but honest: it must be shown
    either    as long as nothing crashes or hangs
"""

import ctypes
import ctypes.util
import os
import shutil

import h5py
import numpy as np

REFUSED, SHOWN, EITHER = "refused", "shown", "either"
MARK = b"\nnormlab-seal "
SEAL_SIZE = len(MARK) + 33

# ---- seals ----


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


_xxhash = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
_xxhash.XXH3_128bits.restype = Hash128
_xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def seal(data):
    """The bytes with their seal at the end."""
    value = _xxhash.XXH3_128bits(data, len(data))
    return data + MARK + b"%016x%016x\n" % (value.high, value.low)


def unseal(data):
    """The bytes without a seal, if there is one."""
    return data[:-SEAL_SIZE] if data[-SEAL_SIZE:].startswith(MARK) else data


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def make(source, path, change):
    """A copy of the file, changed as HDF5, sealed again."""
    write(path, unseal(read(source)))
    with h5py.File(path, "r+", libver="latest") as file:
        change(file)
    write(path, seal(read(path)))


# ---- small changes ----

TEXT = h5py.string_dtype()
FIXED = h5py.string_dtype(length=16)
NUMBERS = np.dtype([("a", "f8"), ("b", "i4")])


def attribute(where, name, value, dtype=None, shape=None):
    """The attribute in place of the one of that name."""
    if name in where.attrs:
        del where.attrs[name]
    where.attrs.create(name, value, shape=shape, dtype=dtype)


def odd_attributes(name):
    """What an attribute can be besides one value: pairs of a word and a function of the object that has it."""
    def low_level(where, dtype):
        """Of a type that h5py makes no single value of; zeros."""
        where.attrs.pop(name, None)
        space = h5py.h5s.create(h5py.h5s.SCALAR)
        h5py.h5a.create(where.id, name.encode(), h5py.h5t.py_create(dtype, logical=True), space)

    return [
        ("list", lambda where: attribute(where, name, np.full(4000, 7, "i8"))),
        ("texts", lambda where: attribute(where, name, ["x" * 100] * 500, dtype=TEXT)),
        ("array", lambda where: low_level(where, np.dtype("(64,)f8"))),
        ("compound", lambda where: attribute(where, name, np.zeros((), NUMBERS))),
        ("fixed", lambda where: attribute(where, name, b"short", dtype=FIXED)),
        ("null", lambda where: attribute(where, name, h5py.Empty("f8"))),
        ("lists", lambda where: low_level(where, h5py.vlen_dtype("i8"))),
        ("enum", lambda where: attribute(where, name, True)),
    ]


def dataset(group, name, data=None, **how):
    """The dataset in place of the one of that name, with its scale, unit and sentence."""
    old = group.get(name)
    kept = {} if old is None else {key: old.attrs[key] for key in ("units", "long_name", "comment") if key in old.attrs}
    scales = [] if old is None else [scale for dim in old.dims for scale in dim.values()]
    if old is not None:
        del group[name]
    new = group.create_dataset(name, data=data, **how)
    for key, value in kept.items():
        new.attrs[key] = value
    for dim, scale in enumerate(scales[:len(new.shape)]):
        new.dims[dim].attach_scale(scale)
    return new


def link(group, name, target):
    if name in group:
        del group[name]
    group[name] = target


def cell(column, row, value):
    def change(file):
        file["summary"][column][row] = value
    return change


def column(name, **how):
    return lambda file: dataset(file["summary"], name, **how)


def cells(name, function):
    """The column with other cells."""
    def change(file):
        old = file["summary"][name]
        old[...] = function(len(old))
    return change


def length(file):
    return len(file["summary/run"])


def virtual(group, name):
    layout = h5py.VirtualLayout(shape=group[name].shape, dtype="f8")
    layout[...] = h5py.VirtualSource("/etc/passwd", "x", shape=group[name].shape)
    del group[name]
    group.create_virtual_dataset(name, layout)


def external(group, name):
    shape = group[name].shape
    del group[name]
    group.create_dataset(name, shape, "f8", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


# ---- the merged file ----

# What a terminal obeys, in one byte and in one character, and what turns a line around.
CONTROL = "a\x1b]0;b\x07\x1b[2J\u009b31m\u202ec\rd"
HTML = "<img src=x onerror=alert(1)>&lt;|[a](javascript:alert(1))![b](http://x/)`c`"

BOMB = "\n".join(["a0: &a0 [x, x, x, x, x, x, x, x, x]"] +
                 [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)])


def yaml(text):
    return lambda file: dataset(file["experiment"], "yaml", data=text, dtype=TEXT)


def resolved(text):
    return lambda file: dataset(file["experiment"], "resolved", data=text, dtype=TEXT)


def two_names(file):
    """A thousand columns that are one."""
    for i in range(1000):
        file["summary"][f"column{i}"] = file["summary/test_error"]


def many_columns(file):
    for i in range(3000):
        file["summary"].create_dataset(f"more.key{i}", data=np.arange(length(file)) % (i % 5 + 1))


def whole(function):
    """Of a change that wants the group /summary."""
    return lambda file: function(file["summary"])


MERGED = [
    *[(f"schema-{word}", REFUSED, change) for word, change in odd_attributes("normlab_schema")],
    ("schema-text", REFUSED, lambda f: attribute(f, "normlab_schema", "1", dtype=TEXT)),
    ("schema-real", REFUSED, lambda f: attribute(f, "normlab_schema", 1.0)),
    ("schema-none", REFUSED, lambda f: f.attrs.pop("normlab_schema")),
    ("schema-zero", REFUSED, lambda f: attribute(f, "normlab_schema", 0, dtype="i8")),
    ("schema-later", REFUSED, lambda f: attribute(f, "normlab_schema", 2**62, dtype="i8")),
    *[(f"title-{word}", EITHER, change) for word, change in odd_attributes("title")],
    ("title-control", SHOWN, lambda f: attribute(f, "title", CONTROL, dtype=TEXT)),
    ("title-html", SHOWN, lambda f: attribute(f, "title", HTML, dtype=TEXT)),
    ("source-control", SHOWN, lambda f: attribute(f, "source", CONTROL, dtype=TEXT)),
    ("name-long", EITHER, lambda f: attribute(f, "name", "n" * 60000, dtype=TEXT)),
    ("name-path", EITHER, lambda f: attribute(f, "name", "../../../etc", dtype=TEXT)),
    ("source-none", EITHER, lambda f: f.attrs.pop("source")),
    *[(f"plan-{word}", EITHER, lambda f, c=change: c(f["experiment"])) for word, change in odd_attributes("plan")],
    ("experiment-none", EITHER, lambda f: f.pop("experiment")),
    ("experiment-dataset", EITHER, lambda f: (f.pop("experiment"), f.create_dataset("experiment", data=1))),
    ("experiment-soft", EITHER, lambda f: link(f, "experiment", h5py.SoftLink("/"))),
    ("experiment-external", EITHER, lambda f: link(f, "experiment", h5py.ExternalLink("/etc/passwd", "/"))),
    ("yaml-numbers", EITHER, lambda f: dataset(f["experiment"], "yaml", data=np.arange(9))),
    ("yaml-list", EITHER, lambda f: dataset(f["experiment"], "yaml", data=["a"] * 300, dtype=TEXT)),
    ("yaml-fixed", EITHER, lambda f: dataset(f["experiment"], "yaml", data=b"a", dtype=FIXED)),
    ("yaml-group", EITHER, lambda f: (f["experiment"].pop("yaml"), f["experiment"].create_group("yaml"))),
    ("yaml-long", EITHER, yaml("# " + "a" * 5_000_000)),
    ("yaml-nested", EITHER, yaml("a: " + "[" * 20000)),
    ("yaml-bomb", EITHER, yaml(BOMB)),
    ("yaml-cycle", EITHER, yaml("a: &a [*a]\nschema: *a")),
    ("yaml-script", EITHER, yaml("schema: 1\nname: study\nfigures:\n  - {script: /dev/stdin}\n")),
    ("yaml-control", SHOWN, yaml("# " + CONTROL)),
    ("yaml-escapes", SHOWN, yaml('schema: 1\nname: study\ntitle: "\\e[31m"\nfigures:\n'
                                 '  - {script: error_vs_key, x: optimizer.lr, title: "\\e[2J"}\n')),
    ("yaml-html", SHOWN, yaml(f"schema: 1\nname: study\nfigures:\n"
                              f"  - {{script: error_vs_key, x: optimizer.lr, title: '{HTML}', ylabel: '{HTML}'}}\n")),
    ("yaml-external", EITHER, lambda f: external(f["experiment"], "yaml")),
    ("resolved-broken", EITHER, resolved("{")),
    ("resolved-nested", EITHER, resolved('{"a":' * 20000)),
    ("resolved-numbers", EITHER, resolved('{"base": 1e999, "sweep": [[[]]], "name": {}}')),
    ("summary-none", EITHER, lambda f: f.pop("summary")),
    ("summary-dataset", REFUSED, lambda f: (f.pop("summary"), f.create_dataset("summary", data=1))),
    ("summary-empty", REFUSED, lambda f: (f.pop("summary"), f.create_group("summary", track_order=True))),
    ("summary-soft", REFUSED, lambda f: link(f, "summary", h5py.SoftLink("/summary"))),
    ("summary-external", REFUSED, lambda f: link(f, "summary", h5py.ExternalLink("other.h5", "/summary"))),
    ("summary-runs", REFUSED, lambda f: link(f, "summary", f["runs"])),
    ("run-none", REFUSED, whole(lambda s: s.pop("run"))),
    ("run-numbers", REFUSED, lambda f: dataset(f["summary"], "run", data=np.arange(length(f)))),
    ("run-square", REFUSED, lambda f: dataset(f["summary"], "run", data=[["r"] * 9] * 9, dtype=TEXT)),
    ("run-scalar", REFUSED, column("run", data="r", dtype=TEXT)),
    ("run-no-rows", REFUSED, column("run", data=[], dtype=TEXT)),
    ("run-twice", REFUSED, lambda f: cell("run", 1, f["summary/run"][0])(f)),
    ("run-path", REFUSED, cell("run", 0, "../../experiment")),
    ("run-empty", REFUSED, cell("run", 0, "")),
    ("run-long", REFUSED, cell("run", 0, "r" * 100000)),
    ("run-unknown", EITHER, cell("run", 0, "r000000000000")),
    ("run-fixed", REFUSED, lambda f: dataset(f["summary"], "run", data=f["summary/run"][...].astype("S13"))),
    ("status-numbers", REFUSED, lambda f: dataset(f["summary"], "status", data=np.arange(length(f)))),
    ("status-none", REFUSED, whole(lambda s: s.pop("status"))),
    ("status-unknown", REFUSED, cell("status", 0, "sleeping")),
    ("status-all-missing", SHOWN, cells("status", lambda n: ["missing"] * n)),
    ("status-all-failed", SHOWN, cells("status", lambda n: ["failed"] * n)),
    ("status-all-diverged", SHOWN, cells("status", lambda n: ["diverged"] * n)),
    ("collapsed-text", REFUSED, lambda f: dataset(f["summary"], "collapsed", data=["no"] * length(f), dtype=TEXT)),
    ("collapsed-reals", REFUSED, lambda f: dataset(f["summary"], "collapsed", data=np.zeros(length(f)))),
    ("collapsed-odd", SHOWN, cells("collapsed", lambda n: np.arange(n) - 9)),
    ("planned-steps-none", SHOWN, whole(lambda s: s.pop("planned_steps"))),
    ("planned-steps-text", REFUSED, lambda f: dataset(f["summary"], "planned_steps", data=["9"] * length(f), dtype=TEXT)),
    ("planned-steps-odd", SHOWN, cells("planned_steps", lambda n: np.full(n, -2**63))),
    ("error-text", REFUSED, lambda f: dataset(f["summary"], "test_error", data=["1"] * length(f), dtype=TEXT)),
    ("error-whole", REFUSED, lambda f: dataset(f["summary"], "test_error", data=np.arange(length(f)))),
    ("error-compound", REFUSED, lambda f: dataset(f["summary"], "test_error", data=np.zeros(length(f), NUMBERS))),
    ("error-lists", REFUSED, lambda f: dataset(f["summary"], "test_error", shape=(length(f),),
                                               dtype=h5py.vlen_dtype("f8"))),
    ("error-square", REFUSED, lambda f: dataset(f["summary"], "test_error", data=np.zeros((length(f), 2)))),
    ("error-long", REFUSED, lambda f: dataset(f["summary"], "test_error", data=np.zeros(length(f) + 1))),
    ("error-short", REFUSED, lambda f: dataset(f["summary"], "test_error", data=np.zeros(length(f) - 1))),
    ("error-half", REFUSED, lambda f: dataset(f["summary"], "test_error", data=np.zeros(length(f), "f2"))),
    ("error-quad", REFUSED, lambda f: dataset(f["summary"], "test_error", data=np.zeros(length(f), "f16"))),
    ("error-big-endian", REFUSED, lambda f: dataset(f["summary"], "test_error", data=np.zeros(length(f), ">f8"))),
    ("error-unwritten", REFUSED, lambda f: dataset(f["summary"], "test_error", shape=(length(f),), dtype="f8")),
    ("error-endless", REFUSED, column("test_error", shape=(2**60,), dtype="f8")),
    ("error-bomb", REFUSED, column("test_error", shape=(2**28,), dtype="f8", chunks=(2**20,), compression="gzip")),
    ("error-external", REFUSED, whole(lambda s: external(s, "test_error"))),
    ("error-virtual", REFUSED, whole(lambda s: virtual(s, "test_error"))),
    ("steps-scaleoffset", REFUSED, lambda f: dataset(f["summary"], "steps", data=np.arange(length(f)),
                                                     scaleoffset=4)),
    ("steps-lzf", REFUSED, lambda f: dataset(f["summary"], "steps", data=np.arange(length(f)), compression="lzf")),
    ("error-group", REFUSED, whole(lambda s: (s.pop("test_error"), s.create_group("test_error")))),
    ("error-compressed", SHOWN, lambda f: dataset(f["summary"], "test_error", data=f["summary/test_error"][...],
                                                  chunks=(length(f),), compression="gzip", shuffle=True,
                                                  fletcher32=True)),
    ("error-single", SHOWN, lambda f: dataset(f["summary"], "test_error",
                                              data=f["summary/test_error"][...].astype("f4"))),
    ("error-nan", SHOWN, cells("test_error_scored", lambda n: np.full(n, np.nan))),
    ("error-inf", SHOWN, cells("test_error_scored", lambda n: np.full(n, np.inf))),
    ("error-huge", SHOWN, cells("test_error_scored", lambda n: np.where(np.arange(n) % 2, 1.7e308, -1.7e308))),
    ("error-tiny", SHOWN, cells("test_error_scored", lambda n: np.full(n, 5e-324))),
    ("steps-negative", SHOWN, cells("steps", lambda n: np.full(n, -2**63))),
    ("batch-zero", SHOWN, cells("train.batch_size", lambda n: np.arange(n) * 0)),
    ("batch-huge", SHOWN, cells("train.batch_size", lambda n: np.where(np.arange(n) % 2, 2**63 - 1, -2**63))),
    ("kind-numbers", REFUSED, lambda f: dataset(f["summary"], "norm.kind", data=np.arange(length(f)))),
    ("kind-long", SHOWN, cells("norm.kind", lambda n: ["k" * 20000 + str(i) for i in range(n)])),
    ("kind-each", SHOWN, cells("norm.kind", lambda n: [f"kind{i}" for i in range(n)])),
    ("kind-empty", SHOWN, cells("norm.kind", lambda n: [""] * n)),
    ("kind-quotes", SHOWN, cells("norm.kind", lambda n: ["'\"`touch started`\"'|<%s%n"] * (n - 1) + ["none"])),
    ("kind-control", SHOWN, cells("norm.kind", lambda n: ["a\n\t\r\x1b[31m"] * (n - 1) + ["none"])),
    ("kind-html", SHOWN, cells("norm.kind", lambda n: [HTML] * (n - 1) + ["none"])),
    ("kind-bytes", SHOWN, cells("norm.kind", lambda n: [b"\xff\xfe\x80"] * (n - 1) + [b"none"])),
    ("rate-zero", SHOWN, cells("optimizer.lr", lambda n: np.arange(n) % 2)),
    ("rate-negative", SHOWN, cells("optimizer.lr", lambda n: -1.0 - np.arange(n))),
    ("rate-inf", SHOWN, cells("optimizer.lr", lambda n: np.where(np.arange(n) % 2, np.inf, np.nan))),
    ("rate-huge", SHOWN, cells("optimizer.lr", lambda n: np.where(np.arange(n) % 2, 1.7e308, 5e-324))),
    ("rate-each", SHOWN, cells("optimizer.lr", lambda n: 0.1 + np.arange(n))),
    ("seed-text", REFUSED, lambda f: dataset(f["summary"], "seed", data=["0"] * length(f), dtype=TEXT)),
    ("seed-none", SHOWN, whole(lambda s: s.pop("seed"))),
    ("seed-same", SHOWN, cells("seed", lambda n: np.zeros(n))),
    ("hidden-odd", SHOWN, cells("model.hidden", lambda n: ["[[[", "-", "99999999999999999999", "5"] * (n // 4))),
    ("momenta-odd", SHOWN, cells("eval.momenta", lambda n: ["[0.5", "x", "", "0.5-0.9"] * (n // 4))),
    ("columns-one-thousand-times", EITHER, two_names),
    ("columns-many", SHOWN, many_columns),
    ("column-name-long", REFUSED, column("c" * 60000, data=np.zeros(36))),
    ("column-name-control", EITHER, column("a\x1b[31m\n", data=np.zeros(36))),
    ("column-name-percent", SHOWN, column("%s%n.%d", data=np.arange(36))),
    *[(f"comment-{word}", REFUSED, lambda f, c=change: c(f["summary/test_error"]))
      for word, change in odd_attributes("comment")],
    ("comment-long", SHOWN, lambda f: attribute(f["summary/norm.kind"], "comment", "d" * 60000, dtype=TEXT)),
    ("units-number", REFUSED, lambda f: attribute(f["summary/test_error"], "units", 1.5)),
    ("units-control", SHOWN, lambda f: attribute(f["summary/test_error"], "units", CONTROL, dtype=TEXT)),
    ("units-none", SHOWN, lambda f: f["summary/test_error"].attrs.pop("units")),
    ("runs-none", SHOWN, lambda f: f.pop("runs")),
    ("runs-soft", SHOWN, lambda f: link(f, "runs", h5py.SoftLink("/experiment"))),
    ("runs-external", SHOWN, lambda f: link(f, "runs", h5py.ExternalLink("/etc/passwd", "/"))),
    ("runs-dataset", SHOWN, lambda f: (f.pop("runs"), f.create_dataset("runs", data=1))),
]

# ---- a run ----


def series(name, **how):
    return lambda run: dataset(run, name, **how)


def scale(function):
    """Of a change of the scale of the steps."""
    return lambda run: function(run["step/step"])


def dimensions(function):
    """Of a change of step/train_loss's attribute that leads to its scales."""
    def change(run):
        loss = run["step/train_loss"]
        if "DIMENSION_LIST" in loss.attrs:
            del loss.attrs["DIMENSION_LIST"]
        function(loss, run)
    return change


REFERENCES = h5py.vlen_dtype(h5py.ref_dtype)


def lead_to(*targets):
    """Scales by reference."""
    def change(loss, run):
        value = np.empty(len(targets), object)
        for i, target in enumerate(targets):
            value[i] = np.array([run[target].ref], dtype=h5py.ref_dtype)
        loss.attrs.create("DIMENSION_LIST", value, dtype=REFERENCES)
    return dimensions(change)


def nested(run):
    group = run
    for _ in range(500):
        group = group.create_group("g", track_order=True)
    group.create_dataset("x", data=1.0)


def circle(run):
    """Ten ways round in each of eight rooms."""
    group = run.create_group("circle", track_order=True)
    for i in range(10):
        group[f"again{i}"] = group


def many_groups(run):
    for i in range(3000):
        run.create_group(f"level{i}", track_order=True)


def bank(function):
    def change(run):
        if "bank" in run:
            function(run["bank"])
    return change


def resize(group, name, values, errors):
    """A bank of another size, with scales that fit it."""
    scales = {one: group[one][...] for one in ("momentum", "average")} | {name: values}
    parent = group.parent
    del parent["bank"]
    group = parent.create_group("bank", track_order=True)
    error = group.create_dataset("test_error", data=errors)
    for i, (one, data) in enumerate(scales.items()):
        group.create_dataset(one, data=data).make_scale(one)
        error.dims[i].attach_scale(group[one])


def bank_error(**how):
    return bank(lambda b: dataset(b, "test_error", **how))


RUN = [
    *[(f"key-{word}", REFUSED, change) for word, change in odd_attributes("train.batch_size")],
    ("key-text", REFUSED, lambda r: attribute(r, "train.batch_size", "ten", dtype=TEXT)),
    ("key-real", REFUSED, lambda r: attribute(r, "train.batch_size", 10.0)),
    ("key-unknown", SHOWN, lambda r: attribute(r, "norm.%s%n", "x" * 50000, dtype=TEXT)),
    ("key-control", REFUSED, lambda r: attribute(r, "data.\x1b[31m", "\x1b[31m\n", dtype=TEXT)),
    ("keys-many", SHOWN, lambda r: [attribute(r, f"more.key{i}", i, dtype="i8") for i in range(5000)]),
    ("log-text", EITHER, lambda r: attribute(r, "log.level", "everything", dtype=TEXT)),
    ("final-none", REFUSED, lambda r: r.pop("final")),
    ("final-dataset", REFUSED, lambda r: (r.pop("final"), r.create_dataset("final", data=1))),
    ("final-soft", REFUSED, lambda r: link(r, "final", h5py.SoftLink("provenance"))),
    *[(f"final-status-{word}", REFUSED, lambda r, c=change: c(r["final"]))
      for word, change in odd_attributes("status")],
    ("final-status-number", REFUSED, lambda r: attribute(r["final"], "status", 1, dtype="i8")),
    ("final-error-text", REFUSED, lambda r: attribute(r["final"], "test_error", "0", dtype=TEXT)),
    ("final-error-whole", REFUSED, lambda r: attribute(r["final"], "test_error", 0, dtype="i8")),
    ("final-error-nan", SHOWN, lambda r: attribute(r["final"], "test_error", np.nan)),
    ("provenance-none", REFUSED, lambda r: r.pop("provenance")),
    ("provenance-number", SHOWN, lambda r: attribute(r["provenance"], "git_commit", 1, dtype="i8")),
    ("nested", REFUSED, nested),
    ("circle", REFUSED, circle),
    ("circle-soft", REFUSED, lambda r: link(r, "again", h5py.SoftLink("."))),
    ("external", REFUSED, lambda r: link(r, "step", h5py.ExternalLink("/etc/passwd", "/step"))),
    ("groups-many", SHOWN, many_groups),
    ("group-is-series", REFUSED, lambda r: (r.pop("epoch"), r.create_dataset("epoch", data=np.arange(4)))),
    ("series-is-group", SHOWN, lambda r: (r["step"].pop("train_loss"), r["step"].create_group("train_loss",
                                                                                             track_order=True))),
    ("series-text", REFUSED, series("step/train_loss", data=["x"] * 50, dtype=TEXT)),
    ("series-compound", REFUSED, series("step/train_loss", data=np.zeros(50, NUMBERS))),
    ("series-whole", SHOWN, series("step/train_loss", data=np.arange(50))),
    ("series-short", REFUSED, series("step/train_loss", data=np.zeros(49))),
    ("series-long", REFUSED, series("step/train_loss", data=np.zeros(5000))),
    ("series-none", REFUSED, series("step/train_loss", data=np.zeros(0))),
    ("series-scalar", SHOWN, series("step/train_loss", data=1.0)),
    ("series-four", REFUSED, series("step/train_loss", data=np.zeros((2, 2, 2, 2)))),
    ("series-endless", REFUSED, series("step/train_loss", shape=(2**60,), dtype="f8")),
    ("series-bomb", REFUSED, series("step/train_loss", shape=(2**28,), dtype="f8", chunks=(2**20,),
                                    compression="gzip")),
    ("series-unwritten", EITHER, series("step/train_loss", shape=(50,), dtype="f8")),
    ("series-nan", SHOWN, lambda r: r["step/train_loss"].write_direct(np.full(50, np.nan))),
    ("series-huge", SHOWN, lambda r: r["step/train_loss"].write_direct(np.full(50, 1.7e308))),
    ("series-virtual", REFUSED, lambda r: virtual(r["step"], "train_loss")),
    ("series-external", REFUSED, lambda r: external(r["step"], "train_loss")),
    ("scale-none", REFUSED, lambda r: r["step"].pop("step")),
    ("scale-short", REFUSED, series("step/step", data=np.arange(3))),
    ("scale-text", REFUSED, series("step/step", data=["x"] * 50, dtype=TEXT)),
    ("scale-square", REFUSED, scale(lambda s: (lambda r: dataset(r, "step", data=np.zeros((5, 10))))(s.parent))),
    ("scale-same", SHOWN, lambda r: r["step/step"].write_direct(np.zeros(50, "i8"))),
    ("scale-backwards", SHOWN, lambda r: r["step/step"].write_direct(np.arange(50, 0, -1))),
    ("scale-huge", SHOWN, lambda r: r["step/step"].write_direct(np.full(50, 2**63 - 1))),
    ("scale-class-list", REFUSED, scale(lambda s: attribute(s, "CLASS", np.array([b"DIMENSION_SCALE"] * 4000,
                                                                                 dtype=FIXED)))),
    ("scale-class-number", REFUSED, scale(lambda s: attribute(s, "CLASS", 1))),
    ("scale-class-long", REFUSED, scale(lambda s: attribute(s, "CLASS", b"D" * 60000))),
    ("scale-name-list", REFUSED, scale(lambda s: attribute(s, "NAME", np.array([b"step"] * 4000, dtype=FIXED)))),
    ("scale-name-long", REFUSED, scale(lambda s: attribute(s, "NAME", b"n" * 60000))),
    ("scale-name-other", REFUSED, scale(lambda s: attribute(s, "NAME", b"epoch"))),
    ("scale-of-another-group", REFUSED, lead_to("epoch/epoch")),
    ("scale-is-group", REFUSED, lead_to("final")),
    ("scale-is-itself", REFUSED, lead_to("step/train_loss")),
    ("scales-many", REFUSED, lead_to(*["step/step"] * 3000)),
    ("scales-numbers", REFUSED, dimensions(lambda s, r: s.attrs.create("DIMENSION_LIST", np.arange(4000)))),
    ("scales-none", REFUSED, dimensions(lambda s, r: s.attrs.create("DIMENSION_LIST", [np.zeros(0, h5py.ref_dtype)],
                                                                    dtype=REFERENCES))),
    ("units-list", REFUSED, lambda r: attribute(r["step/train_loss"], "units", ["nat"] * 4000, dtype=TEXT)),
    ("layer-huge", SHOWN, lambda r: r.move("layer0", "layer99999999999999999999") if "layer0" in r else None),
    ("layer-name", SHOWN, lambda r: r.move("layer0", "layer-1") if "layer0" in r else None),
    ("bank-text", EITHER, bank_error(data=[["x"] * 3] * 2, dtype=TEXT)),
    ("bank-single", EITHER, bank_error(data=np.zeros((2, 3), "f4"))),
    ("bank-whole", EITHER, bank_error(data=np.zeros((2, 3), "i8"))),
    ("bank-flat", EITHER, bank_error(data=np.zeros(2))),
    ("bank-deep", EITHER, bank_error(data=np.zeros((2, 3, 4)))),
    ("bank-wide", EITHER, bank(lambda b: resize(b, "average", np.arange(900), np.zeros((2, 900))))),
    ("bank-empty", EITHER, bank(lambda b: resize(b, "momentum", np.zeros(0), np.zeros((0, 3))))),
    ("bank-momenta-whole", EITHER, bank(lambda b: dataset(b, "momentum", data=np.arange(2)))),
    ("bank-none", SHOWN, lambda r: r.pop("bank", None)),
]

# ---- what is no results file ----


def copy(source, path):
    """Whatever it is."""
    if os.path.islink(source):
        os.symlink(os.readlink(source), path)
    elif os.path.isdir(source):
        os.mkdir(path)
    elif os.path.isfile(source):
        shutil.copyfile(source, path)
    else:
        os.mkfifo(path)


def copy_part(source, path, share):
    data = read(source)
    write(path, data[:int(len(data) * share)])


def polyglot(source, path):
    """A results file that is a gnuplot script as well, and asks for itself as the script of a figure."""
    plain = path + ".plain"
    text = (f"schema: 1\nname: study\nbase: {{}}\nfigures:\n"
            f"  - {{script: '{path}', name: f, x: optimizer.lr}}\n")
    make(source, plain, yaml(text))
    write(path, seal(b"system('touch started'); exit\n".ljust(512) + unseal(read(plain))))


FILES = [
    ("polyglot", EITHER, polyglot),
    ("empty", REFUSED, lambda source, path: write(path, b"")),
    ("short", REFUSED, lambda source, path: copy_part(source, path, 0.5)),
    ("signature", REFUSED, lambda source, path: write(path, b"\x89HDF\r\n\x1a\n")),
    ("seal-alone", REFUSED, lambda source, path: write(path, seal(b""))),
    ("seal-none", REFUSED, lambda source, path: write(path, unseal(read(source)))),
    ("seal-wrong", REFUSED, lambda source, path: write(path, read(source)[:-2] + b"x\n")),
    ("seal-twice", SHOWN, lambda source, path: write(path, seal(read(source)))),
    ("text", REFUSED, lambda source, path: write(path, b"schema: 1\nname: study\n")),
    ("zeros", REFUSED, lambda source, path: write(path, bytes(100000))),
    ("user-block", EITHER, lambda source, path: write(path, seal(b"set terminal\n".ljust(512) + unseal(read(source))))),
    ("fifo", REFUSED, lambda source, path: os.mkfifo(path)),
    ("folder", REFUSED, lambda source, path: os.mkdir(path)),
    ("loop", REFUSED, lambda source, path: os.symlink(path, path)),
    ("zero", REFUSED, lambda source, path: os.symlink("/dev/zero", path)),
    ("link", SHOWN, lambda source, path: os.symlink(source, path)),
    ("copy", SHOWN, lambda source, path: shutil.copyfile(source, path)),
]
