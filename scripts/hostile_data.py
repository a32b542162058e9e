"""Data files that a stranger might send, or a newcomer by mistake: each set is an honest one with one thing changed.

Of check-hostile-data.py. A row is a name, what it comes to, and a function of the folder in which it makes the set:

    a tuple   refused, and the sentence has these words: the first say where, the file, its line, its dataset
    READ      odd, but honest: it is read
    EITHER    as long as nothing crashes or hangs
"""

import gzip
import io
import os
import pickle

import h5py
import numpy as np

READ, EITHER = "read", "either"
IDX_X, IDX_Y = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
IDX_TEST_X, IDX_TEST_Y = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
X = (np.arange(72).reshape(24, 3) * 7 % 50).astype(np.uint8)
Y = (np.arange(24) % 3).astype(np.uint8)
GAPS = np.where(Y == 1, 3, Y).astype(np.uint8)
FLOATS = X.astype("f4")
BOMB = 1 << 30


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def with_value(value, kind="f4"):
    changed = X.astype(kind)
    changed[5, 1] = value
    return changed


def bomb(begin=b"", byte=b"\0"):
    """Some megabytes that become a gigabyte."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        file.write(begin)
        for _ in range(BOMB >> 20):
            file.write(byte * (1 << 20))
    return packed.getvalue()


# ---- in a file's place, whatever its format ----


def place(make):
    """Of a function of (path, the honest bytes)."""
    def change(path):
        with open(path, "rb") as file:
            honest = file.read()
        os.remove(path)
        make(path, honest)
    return change


def packed_beside(packed):
    """The file as .gz in its place; the path tells which file is meant."""
    def make(path, honest):
        write(path + ".gz" if path.endswith("ubyte") else path, packed(honest))
    return place(make)


ANYWHERE = [
    ("empty", place(lambda path, honest: write(path, b""))),
    ("nothing", place(lambda path, honest: None)),
    ("half", place(lambda path, honest: write(path, honest[:len(honest) // 2 - 1]))),
    ("byte", place(lambda path, honest: write(path, honest[:1]))),
    ("zeros", place(lambda path, honest: write(path, bytes(4096)))),
    ("noise", place(lambda path, honest: write(path, np.random.default_rng(1).bytes(4096)))),
    ("program", place(lambda path, honest: write(path, b"\x7fELF" + bytes(60)))),
    ("zip", place(lambda path, honest: write(path, b"PK\x03\x04" + bytes(60)))),
    ("page", place(lambda path, honest: write(path, b"<!DOCTYPE html>\n<html><body>404</body></html>\n"))),
    ("fifo", place(lambda path, honest: os.mkfifo(path))),
    ("folder", place(lambda path, honest: os.mkdir(path))),
    ("loop", place(lambda path, honest: os.symlink(path, path))),
    ("dangling", place(lambda path, honest: os.symlink("nowhere", path))),
    ("endless", place(lambda path, honest: os.symlink("/dev/zero", path))),
    ("gz-of-nothing", packed_beside(lambda honest: gzip.compress(b""))),
    ("gz-cut", packed_beside(lambda honest: gzip.compress(honest)[:-9])),
    ("gz-header", packed_beside(lambda honest: gzip.compress(honest)[:10])),
    ("gz-twice", packed_beside(lambda honest: gzip.compress(gzip.compress(honest)))),
    ("gz-check-sum", packed_beside(lambda honest: gzip.compress(honest)[:-8] + bytes(8))),
    ("gz-bomb", packed_beside(lambda honest: bomb())),
]

# ---- IDX ----

TYPES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_bytes(array):
    return idx_head(TYPES[array.dtype.str[1:]], *array.shape) + array.astype(array.dtype.newbyteorder(">")).tobytes()


def idx_head(kind, *dims):
    return bytes([0, 0, kind, len(dims)]) + b"".join(n.to_bytes(4, "big") for n in dims)


def idx(folder, **changed):
    """x, y, test_x, test_y: arrays or bytes."""
    given = {"x": X, "y": Y, "test_x": X, "test_y": Y, **changed}
    for key, name in (("x", IDX_X), ("y", IDX_Y), ("test_x", IDX_TEST_X), ("test_y", IDX_TEST_Y)):
        data = given[key]
        write(os.path.join(folder, name), data if isinstance(data, bytes) else idx_bytes(data))


def of_idx(**changed):
    return lambda folder: idx(folder, **changed)


def idx_and(name, data):
    def make(folder):
        idx(folder)
        write(os.path.join(folder, name), data)
    return make


IDX = [
    ("honest", READ, of_idx()),
    ("constant", READ, of_idx(x=np.full((24, 3), 7, np.uint8))),
    ("floats", READ, of_idx(x=FLOATS, test_x=FLOATS)),
    ("copy-gz", READ, idx_and(IDX_X + ".gz", gzip.compress(idx_bytes(X)))),
    ("copy-other", (IDX_X, "hold different data"), idx_and(IDX_X + ".gz", gzip.compress(idx_bytes(X + 1)))),
    ("cut", (IDX_X, "cut off"), of_idx(x=idx_bytes(X)[:-1])),
    ("long", (IDX_X, "goes on"), of_idx(x=idx_bytes(X) + b"\0")),
    ("gz-parts", READ, of_idx(x=gzip.compress(idx_bytes(X)[:9]) + gzip.compress(idx_bytes(X)[9:]))),
    ("gz-part-more", (IDX_X, "goes on"), of_idx(x=gzip.compress(idx_bytes(X)) + gzip.compress(b"\0"))),
    ("head-alone", (IDX_X, "cut off"), of_idx(x=idx_head(8, 24, 3))),
    ("huge", (IDX_X,), of_idx(x=idx_head(8, 2**32 - 1, 2**32 - 1, 2**32 - 1) + b"0")),
    ("huge-rows", (IDX_X,), of_idx(x=idx_head(8, 2**32 - 1, 3) + b"0")),
    ("huge-gz", (IDX_X,), of_idx(x=gzip.compress(idx_head(8, 2**31 - 1, 700) + b"0"))),
    ("rows-none", (IDX_X,), of_idx(x=idx_head(8, 0, 3))),
    ("columns-none", (IDX_X,), of_idx(x=idx_head(8, 24, 0))),
    ("dims-none", (IDX_X, "0 dimensions"), of_idx(x=idx_head(8) + b"0")),
    ("dims-many", (IDX_X, "200 dimensions"), of_idx(x=idx_head(8, *[1] * 200) + b"0")),
    ("type-unknown", (IDX_X, "0x07"), of_idx(x=idx_head(7, 24, 3) + bytes(72))),
    ("swapped", (IDX_X, "swapped"), of_idx(x=Y, y=X)),
    ("labels-wide", (IDX_Y, "unsigned bytes"), of_idx(y=Y.astype("i4"))),
    ("labels-short", (IDX_X, "23 targets"), of_idx(y=Y[:23])),
    ("labels-gaps", (IDX_Y, "without gaps"), of_idx(y=GAPS)),
    ("labels-from-1", (IDX_Y, "subtract 1"), of_idx(y=Y + 1)),
    ("labels-one", (IDX_Y, "two classes"), of_idx(y=Y * 0)),
    ("labels-beyond", (IDX_TEST_Y, "row 5", "out of range"), of_idx(test_y=np.where(np.arange(24) == 5, 9, Y)
                                                                    .astype(np.uint8))),
    ("nan", (IDX_X, "row 5, column 1"), of_idx(x=with_value(np.nan), test_x=FLOATS)),
    ("infinite", (IDX_X, "row 5, column 1"), of_idx(x=with_value(1e300, "f8"), test_x=X.astype("f8"))),
    ("types-differ", (IDX_TEST_X,), of_idx(x=FLOATS)),
    ("widths-differ", (IDX_TEST_X, "rows of 2"), of_idx(test_x=X[:, :2])),
]

# ---- NumPy ----


def npy_bytes(array, **how):
    data = io.BytesIO()
    np.lib.format.write_array(data, array, **how)
    return data.getvalue()


def npy_text(text, values=b"", version=1, size=None):
    """With this header, whatever it says."""
    head = text.encode() + b"\n"
    length = (len(head) if size is None else size).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + head + values


def npy_shape(shape, descr="|u1", order="False", values=b"0" * 72):
    return npy_text(f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}", values)


def npy(folder, **changed):
    for name, data in {"X_train": X, "y_train": Y, "X_test": X, "y_test": Y, **changed}.items():
        write(os.path.join(folder, name + ".npy"), data if isinstance(data, bytes) else npy_bytes(data))


def of_npy(**changed):
    return lambda folder: npy(folder, **changed)


def of_x(data):
    """Training and test inputs alike."""
    return of_npy(X_train=data, X_test=data)


RAGGED = np.empty(24, object)
RAGGED[:] = [[1, 2]] * 23 + [[1]]
RECORDS = np.zeros(24, [("a", "f4"), ("b", "i4")])
NX, NY = "X_train.npy", "y_train.npy"
NPY = [
    ("honest", READ, of_npy()),
    ("constant", READ, of_x(X * 0)),
    ("fortran", READ, of_x(np.asfortranarray(FLOATS))),
    ("fortran-deep", (NX, "Fortran's order"), of_x(np.asfortranarray(X.reshape(24, 3, 1).repeat(2, 2)))),
    ("big-endian", READ, of_x(X.astype(">f8"))),
    ("big-endian-labels", READ, of_npy(y_train=Y.astype(">i8"))),
    ("version-3", READ, of_x(npy_bytes(X, version=(3, 0)))),
    ("version-9", (NX, "version 9.0"), of_x(npy_text("{}", version=9))),
    ("cut", (NX, "cut off in its values"), of_x(npy_bytes(X)[:-1])),
    ("cut-header", (NX, "cut off in its header"), of_x(npy_bytes(X)[:40])),
    ("long", (NX, "goes on"), of_x(npy_bytes(X) + b"0")),
    ("huge", (NX,), of_x(npy_shape("(999999999999999999, 999999999999999999)"))),
    ("huge-digits", (NX, "18 digits"), of_x(npy_shape("(9999999999999999999999, 3)"))),
    ("huge-product", (NX,), of_x(npy_shape("(4294967296, 4294967296)"))),
    ("huge-header", (NX, "header"), of_x(npy_text("{}", b" " * 200000, version=2, size=200000))),
    ("negative", (NX, "byte "), of_x(npy_shape("(-24, 3)"))),
    ("negative-both", (NX, "byte "), of_x(npy_shape("(-24, -3)"))),
    ("rows-none", (NX,), of_x(npy_shape("(0, 3)", values=b""))),
    ("columns-none", (NX,), of_x(npy_shape("(24, 0)", values=b""))),
    ("number", (NX, "a single number"), of_x(npy_shape("()", values=b"0"))),
    ("dims-many", (NX, "dimensions"), of_x(npy_shape("(24, " + "1, " * 40 + ")", values=b"0" * 24))),
    ("shape-code", (NX, "byte "), of_x(npy_shape("__import__('os').system('touch started')"))),
    ("shape-twice", (NX, "byte "), of_x(npy_text("{'descr': '|u1', 'shape': (1,), 'shape': (2,)}"))),
    ("header-none", (NX, "byte "), of_x(npy_text(""))),
    ("header-zeros", (NX, "no text"), of_x(npy_text("{\0}"))),
    ("header-deep", (NX, "byte "), of_x(npy_text("{" * 60000))),
    ("objects", (NX, "Python objects"), of_x(npy_bytes(np.array([[1, 2]] * 24, object)))),
    ("ragged", (NX, "Python objects"), of_x(npy_bytes(RAGGED))),
    ("pickle", (NX, "not a .npy file"), of_x(pickle.dumps(X))),
    ("records", (NX, "records"), of_x(RECORDS)),
    ("truths", (NX, "truth values"), of_x(X > 3)),
    ("complex", (NX, "complex"), of_x(X.astype("c8"))),
    ("texts", (NX, "texts"), of_x(X.astype("U9"))),
    ("times", (NX, "times"), of_x(X.astype("M8[s]"))),
    ("halves", (NX, "floats of a size"), of_x(X.astype("f2"))),
    ("long-floats", (NX, "floats of a size"), of_x(X.astype("longdouble"))),
    ("nan", (NX, "row 5, column 1"), of_x(with_value(np.nan))),
    ("infinite", (NX, "row 5, column 1"), of_x(with_value(-np.inf))),
    ("too-large", (NX, "row 5, column 1"), of_x(with_value(1e300, "f8"))),
    ("labels-gaps", (NY, "without gaps"), of_npy(y_train=GAPS)),
    ("labels-one", (NY, "two classes"), of_npy(y_train=Y * 0)),
    ("labels-negative", (NY, "row 0", "no label"), of_npy(y_train=Y.astype("i4") - 1)),
    ("labels-large", (NY, "row 1", "no label"), of_npy(y_train=Y.astype("i8") * 2**40)),
    ("labels-one-hot", (NY, "one-hot"), of_npy(y_train=np.eye(3, dtype=np.uint8)[Y])),
    ("labels-short", (NX, "23 targets"), of_npy(y_train=Y[:23])),
    ("targets-nan", (NY, "row 0"), of_npy(y_train=np.full(24, np.nan))),
    ("wide", READ, of_x(np.zeros((24, 1000000), np.uint8))),
]

# ---- CSV ----

ROWS = [f"{a},{b},{c}" for (a, b, _), c in zip(X, Y)]
LINES = ["a,b,kind", *ROWS]


def table(lines, end="\n"):
    return (end.join(lines) + end).encode()


def at(line, text):
    """The honest table, with another text in this line, from 1."""
    lines = list(LINES)
    lines[line - 1] = text
    return table(lines)


def kinds(words):
    return table(["a,kind", *(f"{i},{word}" for i, word in enumerate(words))])


def of_csv(data):
    return lambda folder: write(os.path.join(folder, "data.csv"), data)


def two_tables(names, train, test):
    def make(folder):
        for name, data in zip(names, (train, test)):
            write(os.path.join(folder, name), data)
    return make


def wide_table(n):
    names = ",".join(f"c{i}" for i in range(n))
    rows = [",".join(["1"] * n) + f",{k}" for k in Y]
    return (names + ",kind\n" + "\n".join(rows) + "\n").encode()


CSV = [
    ("honest", READ, of_csv(table(LINES))),
    ("no-end", READ, of_csv(table(LINES)[:-1])),
    ("crlf", READ, of_csv(table(LINES, "\r\n"))),
    ("cr", READ, of_csv(table(LINES, "\r"))),
    ("bom", READ, of_csv(b"\xef\xbb\xbf" + table(LINES))),
    ("bom-alone", ("data.csv", "no rows"), of_csv(b"\xef\xbb\xbf")),
    ("utf-16", ("data.csv:1", "UTF-16"), of_csv("\n".join(LINES).encode("utf-16"))),
    ("latin-1", READ, of_csv(table(LINES).replace(b"kind", b"k\xe4nd"))),
    ("quotes", READ, of_csv(table(['"a","b","ki""nd"', *ROWS]).replace(b"7,14", b'"7","14"'))),
    ("quote-open", ("data.csv:25", "a quote has no end"), of_csv(at(25, '"1,2,0'))),
    ("quote-middle", ("data.csv:4", "middle of a field"), of_csv(at(4, '1"1,2,0'))),
    ("quote-endless", ("data.csv",), of_csv(b'a,b,kind\n"' + b"1" * (20 << 20))),
    ("constant", READ, of_csv(table(["a,b,kind", *(f"7,-0.5,{k}" for k in Y)]))),
    ("columns-million", READ, of_csv(wide_table(1000000))),
    ("columns-most", ("data.csv:1", "columns"), of_csv(b"a," * (5 << 20) + b"kind\n1,2\n")),
    ("column-one", ("data.csv:1", "one column alone"), of_csv(table(["kind", *map(str, Y)]))),
    ("column-unnamed", ("data.csv:1", "no name"), of_csv(table(["," + LINES[0], *(f"0,{row}" for row in ROWS)]))),
    ("target-twice", READ, of_csv(table(["a,kind,kind", *ROWS]))),
    ("header-alone", ("data.csv", "no rows"), of_csv(b"a,b,kind\n")),
    ("header-none", ("data.csv:1", "data.header: false"), of_csv(table(["5.1,3.5,0", *ROWS]))),
    ("lines-empty", READ, of_csv(table(LINES, "\n\n\n"))),
    ("lines-empty-alone", ("data.csv", "no rows"), of_csv(b"\n" * 100000)),
    ("short-row", ("data.csv:7", "2 fields"), of_csv(at(7, "1,2"))),
    ("long-row", ("data.csv:7", "4 fields"), of_csv(at(7, "1,2,0,0"))),
    ("cut-row", ("data.csv:25", "fields"), of_csv(table(LINES)[:-3])),
    ("nan", ("data.csv:7", "'b'", "no value"), of_csv(at(7, "1,NaN,0"))),
    ("missing", ("data.csv:7", "'a'", "no value"), of_csv(at(7, ",2,0"))),
    ("missing-target", ("data.csv:7", "'kind'", "no value"), of_csv(at(7, "1,2,"))),
    ("word", ("data.csv:7", "'b'", "'many' is no number"), of_csv(at(7, "1,many,0"))),
    ("word-control", ("data.csv:7", "'b'", "is no number"), of_csv(at(7, "1,\x1b[31m\u202e,0"))),
    ("word-long", ("data.csv:7", "'b'", "is no number"), of_csv(at(7, "1," + "x" * 100000 + ",0"))),
    ("truth", ("data.csv:7", "'True' is no number"), of_csv(at(7, "1,True,0"))),
    ("infinite", ("data.csv:7", "'inf' is no number"), of_csv(at(7, "1,inf,0"))),
    ("too-large", ("data.csv:7", "'b'", "no finite number"), of_csv(at(7, "1,1e999,0"))),
    ("hexadecimal", ("data.csv:7", "'0x1p3' is no number"), of_csv(at(7, "1,0x1p3,0"))),
    ("decimal-comma", ("data.csv:7", "fields"), of_csv(at(7, "1,5,2,0"))),
    ("thousands", ("data.csv:7", "is no number"), of_csv(at(7, '1,"1,000",0'))),
    ("digits-many", READ, of_csv(at(7, "1,0." + "1" * 100000 + ",0"))),
    ("zeros-within", ("data.csv", "zeros"), of_csv(table(LINES) + bytes(100))),
    ("labels-gaps", ("data.csv", "'kind'", "without gaps"), of_csv(kinds([0, 1, 3] * 8))),
    ("labels-from-1", ("data.csv", "'kind'", "subtract 1"), of_csv(kinds([1, 2, 3] * 8))),
    ("labels-negative", ("data.csv", "'kind'", "no label"), of_csv(kinds([-1, 1] * 12))),
    ("labels-one", ("data.csv", "'kind'", "two classes"), of_csv(kinds([0] * 24))),
    ("labels-one-word", ("data.csv", "'kind'", "two classes"), of_csv(kinds(["cat"] * 24))),
    ("labels-many", ("data.csv:258", "256 classes"), of_csv(kinds([f"w{i}" for i in range(400)]))),
    ("labels-control", READ, of_csv(kinds(["\x1b[31m", "\u202e", "<img>"] * 8))),
    ("labels-test-alone", ("data.csv:6", "no row that is for training"), of_csv(kinds(["a", "b", "a", "b", "c"] * 2))),
    ("rows-two", ("data.csv", "test_share"), of_csv(kinds([0, 1]))),
    ("gz-parts", READ, of_csv(gzip.compress(table(LINES)[:30]) + gzip.compress(table(LINES)[30:]))),
    ("gz-bomb-field", ("data.csv",), of_csv(bomb(b"a,b\n", b"1"))),
    ("folder-of-folders", ("train.csv",), lambda folder: [os.mkdir(os.path.join(folder, name))
                                                          for name in ("train.csv", "test.csv")]),
    ("folder-of-fifos", ("train.csv.gz",), lambda folder: [os.mkfifo(os.path.join(folder, name))
                                                           for name in ("train.csv.gz", "test.csv.gz")]),
    ("folder-gz-other", ("train.csv.gz", "hold different data"),
     two_tables(["train.csv.gz", "train.csv"], gzip.compress(table(LINES)), at(9, "0,0,0"))),
    ("folder-test-none", ("no test.csv",), two_tables(["train.csv"], table(LINES), b"")),
    ("folder-gz", READ, two_tables(["train.csv.gz", "test.csv.gz"], *[gzip.compress(table(LINES))] * 2)),
    ("folder-gz-plain", READ, two_tables(["train.csv.gz", "test.csv"], gzip.compress(table(LINES)), table(LINES))),
    ("folder-names", ("test.csv:1", "column 0 is 'b'"), two_tables(["train.csv", "test.csv"], table(LINES),
                                                                  table(["b,a,kind", *ROWS]))),
    ("folder-class", ("test.csv:4", "class 'z'"), two_tables(["train.csv", "test.csv"], table(LINES), at(4, "1,2,z"))),
]

# ---- HDF5 ----


def of_hdf5(change=None, **changed):
    """Datasets replaced, and then whatever `change` does to the open file."""
    def make(folder):
        with h5py.File(os.path.join(folder, "data.h5"), "w") as file:
            for name, data in {"X_train": X, "y_train": Y, "X_test": X, "y_test": Y, **changed}.items():
                if data is not None:
                    file[name] = data
            if change:
                change(file)
    return make


def claimed(name="X_train", **how):
    """A dataset of which nothing is written."""
    return of_hdf5(lambda file: file.create_dataset(name, **how), **{name: None})


def linked(link):
    return of_hdf5(lambda file: file.__setitem__("X_train", link), X_train=None)


def virtual(file):
    layout = h5py.VirtualLayout((24, 3), "u1")
    layout[...] = h5py.VirtualSource("/etc/passwd", "X", (24, 3))
    file.create_virtual_dataset("X_train", layout)


def filtered(number):
    def change(file):
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((24, 3))
        properties.set_filter(number, h5py.h5z.FLAG_OPTIONAL, (4, 0))
        h5py.h5d.create(file.id, b"X_train", h5py.h5t.NATIVE_UINT8, h5py.h5s.create_simple((24, 3)), properties)
        file["X_train"][...] = X
    return of_hdf5(change, X_train=None)


def packed_bomb(file):
    data = file.create_dataset("X_train", shape=(24, BOMB // 8), dtype="u1", chunks=(1, BOMB // 64), compression="gzip")
    data[0] = 1


H, HX, HY = "data.h5", "dataset 'X_train'", "dataset 'y_train'"
HDF5 = [
    ("honest", READ, of_hdf5()),
    ("constant", READ, of_hdf5(X_train=X * 0)),
    ("big-endian", READ, of_hdf5(X_train=X.astype(">f8"), X_test=X.astype("<f8"))),
    ("packed", READ, of_hdf5(lambda f: f.create_dataset("X_train", data=X, compression="gzip"), X_train=None)),
    ("none", (H, "no dataset X_train"), of_hdf5(X_train=None)),
    ("targets-none", (H, "no dataset y_train"), of_hdf5(y_train=None)),
    ("both", (H, "has both"), of_hdf5(x_train=X)),
    ("group", (H,), of_hdf5(lambda f: f.create_group("X_train"), X_train=None)),
    ("soft", (H,), linked(h5py.SoftLink("/X_test"))),
    ("soft-itself", (H,), linked(h5py.SoftLink("/X_train"))),
    ("outside", (H,), linked(h5py.ExternalLink("/etc/passwd", "/X"))),
    ("storage-outside", (H, HX), claimed(shape=(24, 3), dtype="u1", external=[("/etc/passwd", 0, 72)])),
    ("virtual", (H, HX), of_hdf5(virtual, X_train=None)),
    ("filter-unknown", (H, HX), filtered(32000)),
    ("huge", (H, HX), claimed(shape=(2**40, 2**20), dtype="u1")),
    ("huge-chunks", (H, HX), claimed(shape=(2**40, 1024), dtype="u1", chunks=(1024, 1024))),
    ("huge-columns", (H, HX), claimed(shape=(24, 2**40), dtype="u1", chunks=(1, 1024))),
    ("unwritten", EITHER, claimed(shape=(24, 3), dtype="u1")),
    ("bomb", (H, HX), of_hdf5(packed_bomb, X_train=None)),
    ("rows-none", (H, HX), claimed(shape=(0, 3), dtype="u1")),
    ("columns-none", (H, HX), claimed(shape=(24, 0), dtype="u1")),
    ("number", (H, HX), of_hdf5(X_train=1.5)),
    ("null", (H, HX), of_hdf5(X_train=h5py.Empty("f4"))),
    ("dims-many", (H, HX), of_hdf5(X_train=np.zeros((24,) + (1,) * 20))),
    ("halves", (H, HX), of_hdf5(X_train=X.astype("f2"))),
    ("long-floats", (H, HX), of_hdf5(X_train=X.astype("longdouble"))),
    ("truths", (H, HX), of_hdf5(X_train=X > 3)),
    ("complex", (H, HX), of_hdf5(X_train=X.astype("c8"))),
    ("records", (H, HX), of_hdf5(X_train=RECORDS)),
    ("texts", (H, HX), of_hdf5(X_train=X.astype("S9"))),
    ("objects", (H, HX), of_hdf5(lambda f: f.create_dataset("X_train", (24,), h5py.ref_dtype), X_train=None)),
    ("ragged", (H, HX), of_hdf5(lambda f: f.create_dataset("X_train", (24,), h5py.vlen_dtype("f4")), X_train=None)),
    ("nan", (H, HX, "row 5, column 1"), of_hdf5(X_train=with_value(np.nan), X_test=FLOATS)),
    ("infinite", (H, HX, "row 5, column 1"), of_hdf5(X_train=with_value(np.inf), X_test=FLOATS)),
    ("labels-gaps", (H, HY, "without gaps"), of_hdf5(y_train=GAPS)),
    ("labels-one", (H, HY, "two classes"), of_hdf5(y_train=Y * 0)),
    ("labels-one-hot", (H, HY, "one-hot"), of_hdf5(y_train=np.eye(3, dtype="u1")[Y])),
    ("labels-texts", (H, HY), of_hdf5(y_train=Y.astype("S3"))),
    ("labels-short", (H, HX, "23 targets"), of_hdf5(y_train=Y[:23])),
    ("types-differ", (H, "dataset 'X_test'"), of_hdf5(X_test=FLOATS)),
]


def anywhere(honest, name, shown=None):
    """The rows of ANYWHERE with this file of an honest set."""
    def of(change):
        def make(folder):
            honest(folder)
            change(os.path.join(folder, name))
        return make
    return [(f"place-{way}", (shown or name,), of(change)) for way, change in ANYWHERE]


# The path that data.dir names, in the folder of a set.
PATHS = {"idx": "", "npy": "", "csv": "data.csv", "hdf5": "data.h5"}
SOURCES = {
    "idx": IDX + anywhere(of_idx(), IDX_X),
    "npy": NPY + anywhere(of_npy(), NX, "X_train"),
    "csv": CSV + anywhere(of_csv(table(LINES)), "data.csv"),
    "hdf5": HDF5 + anywhere(of_hdf5(), "data.h5"),
}
