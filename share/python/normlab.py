"""Results files of normlab, from Python. One file; numpy and h5py are all it needs.

    import normlab
    table = normlab.runs("results/small_batch.h5")                       # columns of /summary by name
    errors = normlab.series("results/small_batch.h5", "epoch/test_error")  # all runs: [run, epoch]
    batch = table["norm.kind"] == "batch"
    print(errors.coords["epoch"], numpy.nanmedian(errors.values[batch], axis=0))

    pandas.DataFrame(normlab.runs(path)).set_index("run")                # where pandas is installed
    errors.xarray().sel(epoch=3).groupby("run")                          # where xarray is
    normlab.weights(path, "r3f2")["layer0"]["W"]                         # needs log.weights: final
    normlab.torch_module(path, "r3f2")                                   # the trained network, where PyTorch is

`file` is a path or an open h5py.File, of all runs (results/NAME.h5) or of one (results/NAME/ID.h5); `id` any
beginning of a run's id that no other run has. Errors say what to do: FileNotFoundError, ValueError where a file is
none of normlab's, NotFound (a KeyError) for names that a file does not have. results/README.md describes the files.
"""

import contextlib
import dataclasses
import difflib
import os

import h5py
import numpy as np

__all__ = ["NotFound", "Series", "Table", "runs", "series", "torch_module", "weights"]

# Along a step each run has places of its own: there the dimension is the number of the point.
POINT = "point"


class NotFound(KeyError):
    """A name that the file does not have."""

    def __str__(self):
        return self.args[0]  # a KeyError would quote the sentence


class Table(dict):
    """Arrays by column."""

    def __missing__(self, name):
        raise NotFound(f"no column '{name}'{_meant(name, self)}")


def _meant(name, names):
    """Words behind "no such name": the nearest ones, or the first of those that there are."""
    names = list(names)
    last = {n: n.replace(".", "/").rsplit("/", 1)[-1] for n in names}  # "lr" of optimizer.lr
    near = difflib.get_close_matches(str(name), names, 3)
    leaf = difflib.get_close_matches(str(name), last.values(), 1)
    near = near or [n for n in names if last[n] in leaf][:3]
    if near:
        return f" (did you mean {' or '.join(repr(n) for n in near)}?)"
    return f"; there are {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}" if names else "; there are none"


def _no_file(path):
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        return FileNotFoundError(f"{path}: no such file, and no folder {folder}")
    files = sorted(name for name in os.listdir(folder) if name.endswith(".h5"))
    return FileNotFoundError(f"{path}: no such file{_meant(os.path.basename(path), files)}")


def _check(f, path):
    if "normlab_schema" not in f.attrs or "runs" not in f:
        raise ValueError(f"{path}: not a results file of normlab: HDF5, but without runs and attribute normlab_schema")
    return f


@contextlib.contextmanager
def _opened(file):
    if isinstance(file, h5py.Group):
        yield _check(file, file.file.filename)
        return
    path = os.fsdecode(file)
    if not os.path.exists(path):
        raise _no_file(path)
    if os.path.isdir(path):
        raise ValueError(f"{path}: a folder; the results file of its runs stands beside it: {path.rstrip('/')}.h5")
    try:
        opened = h5py.File(path, "r")
    except PermissionError:
        raise
    except OSError as error:
        raise ValueError(f"{path}: not a results file of normlab, or damaged ({error})") from None
    with opened:
        yield _check(opened, path)


def _values(dataset):
    return dataset.asstr()[()] if h5py.check_string_dtype(dataset.dtype) else dataset[()]


def _ids(file):
    return file["summary/run"].asstr()[()] if "summary" in file else np.array(list(file["runs"]), object)


# ---- runs ----


def runs(file):
    """The table of all runs: a Table, a dict of arrays [run] by column; `run` is the id, `norm.kind` and the like are
    configuration keys, `test_error` and the like metrics. Not applicable is NaN, -1 or "" (results/README.md says
    where -1 means something else)."""
    with _opened(file) as f:
        if "summary" in f:
            return Table({name: _values(column) for name, column in f["summary"].items()})
        (run,) = f["runs"].values()
        cells = {"run": run.name.rsplit("/", 1)[1], **run.attrs, **run["final"].attrs}
        return Table({n: np.array([cell], object if isinstance(cell, str) else None) for n, cell in cells.items()})


def _find(file, id):
    path, ids = file.file.filename, [i for i in _ids(file) if i.startswith(str(id))]
    if not ids:
        raise NotFound(f"{path}: no run's id begins with '{id}'{_meant(id, _ids(file))}")
    if len(ids) > 1:
        more = ", ..." if len(ids) > 4 else ""
        raise NotFound(f"{path}: {len(ids)} runs have an id that begins with '{id}': {', '.join(ids[:4])}{more}; "
                       "give more of it")
    if ids[0] not in file["runs"]:
        raise NotFound(f"{path}: run {ids[0]} is not finished: it has a row in the table and no group")
    return file["runs"][ids[0]]


# ---- series ----


@dataclasses.dataclass
class Series:
    """A series of all runs: values [run, ...]; a row for each run of runs(file), in its order. Where a run has no
    such point there is NaN, or -1 in a series of whole numbers."""

    name: str
    values: np.ndarray
    dims: tuple  # of values: ("run", "epoch")
    coords: dict  # by dimension: the places along it; of `point` also step [run, point], -1 where there is none
    units: str
    comment: str

    def xarray(self):
        """The same as an xarray.DataArray."""
        import xarray

        coords = {name: (("run", POINT) if np.ndim(c) == 2 else name, c) for name, c in self.coords.items()}
        attrs = {"units": self.units, "comment": self.comment}
        return xarray.DataArray(self.values, coords, self.dims, self.name, attrs)


def _words(dataset):
    attrs = dataset.attrs
    return attrs.get("units", ""), attrs.get("comment", attrs.get("long_name", ""))


def _dims(dataset):
    """Names of its dimensions, which are those of the scales along them."""
    if h5py.h5ds.is_scale(dataset.id):
        return (dataset.name.rsplit("/", 1)[1],)
    return tuple(next(iter(dimension.keys())) for dimension in dataset.dims)


def _is_stacked(group, leaf):
    """Is the array of all runs there, and where its points lie?"""
    return leaf in group and group[leaf].ndim > 1 and (POINT not in _dims(group[leaf]) or "step" in group)


def _read_stacked(group, leaf, name):
    array = group[leaf]
    dims = _dims(array)
    coords = {dim: _values(group[dim]) for dim in dims}
    if POINT in dims:
        coords["step"] = group["step"][()]
    return Series(name, array[()], dims, coords, *_words(array))


def _stack(ids, found, name):
    """Stacks `found`, datasets by id, as the merged file has it for those that it stacks."""
    first = next(iter(found.values()))
    dims = _dims(first)
    if any(_dims(dataset) != dims for dataset in found.values()):
        raise ValueError(f"'{name}' has not the same dimensions in all runs")
    own = {id: [d.parent[dim][()] for dim in dims] for id, d in found.items()}
    places = []
    for axis, dim in enumerate(dims):
        scales = [scales[axis] for scales in own.values()]
        longest = max(len(scale) for scale in scales)
        places.append(np.arange(longest) if dim == "step" else np.unique(np.concatenate(scales)))
    shape = (len(ids), *map(len, places))
    blank = np.nan if first.dtype.kind == "f" else -1
    values, steps = np.full(shape, blank, first.dtype), np.full((len(ids), shape[1] if dims else 0), -1)
    for row, id in enumerate(ids):
        if id not in found:
            continue
        at = [np.arange(len(scale)) if dim == "step" else np.searchsorted(place, scale)
              for dim, place, scale in zip(dims, places, own[id])]
        values[(row, *np.ix_(*at))] = found[id][()]
        if dims and dims[0] == "step":
            steps[row, at[0]] = own[id][0]
    names = tuple(POINT if dim == "step" else dim for dim in dims)
    coords = {"run": ids, **dict(zip(names, places))}
    if POINT in names:
        coords["step"] = steps
    return Series(name, values, ("run", *names), coords, *_words(first))


def _series_names(file):
    """What there is in /series and, by the first run, in /runs."""
    names = set()

    def add(name, thing):
        if isinstance(thing, h5py.Dataset) and thing.ndim > 0 and not h5py.h5ds.is_scale(thing.id):
            names.add(name)

    for group in (file.get("series"), next(iter(file["runs"].values()), None)):
        if group is not None:
            group.visititems(add)
    return sorted(names)


def series(file, name):
    """The series `name`, "epoch/test_error" or "layer0/gamma", of all runs as one Series. Whole where the file has
    it in /series; else run by run, which takes longer."""
    group, _, leaf = name.rpartition("/")
    with _opened(file) as f:
        stacked = f.get(f"series/{group}") if group else None
        if stacked is not None and _is_stacked(stacked, leaf):
            return _read_stacked(stacked, leaf, name)
        ids = _ids(f)
        found = {id: f["runs"][id][name] for id in ids if id in f["runs"] and name in f["runs"][id]}
        found = {id: dataset for id, dataset in found.items() if isinstance(dataset, h5py.Dataset)}
        if not found:
            raise NotFound(f"{f.file.filename}: no run has a series '{name}'{_meant(name, _series_names(f))}")
        return _stack(ids, found, name)


# ---- weights ----


def weights(file, id, when="final"):
    """The weights of a run, `when`: "final" or "initial": {"layer0": {"W": [in, out], "b": ..., "gamma": ...}, ...},
    and "input" where the input is normalized. Of runs with log.weights."""
    with _opened(file) as f:
        run = _find(f, id)
        if f"weights/{when}" not in run:
            own, there = run.name.rsplit("/", 1)[1], " and ".join(run.get("weights", {})) or "none"
            raise NotFound(f"{f.file.filename}: run {own} has no {when} weights (it has {there}): train it with "
                           f"log.weights={when}")
        return {layer: {name: array[()] for name, array in group.items() if not h5py.h5ds.is_scale(array.id)}
                for layer, group in run[f"weights/{when}"].items()}


# ---- PyTorch ----

# One over what running statistics divide by, of those normalizers whose own is no standard deviation from a variance.
_INVERSES = {
    "batch_renorm": lambda p, eps: 1 / p["running_deviation"],
    "literal_variance": lambda p, eps: 1 / (p["running_var"] + eps),
    "literal_square": lambda p, eps: 1 / np.sqrt(p["running_square"] + eps),
    "literal_both": lambda p, eps: 1 / (p["running_square"] + eps),
}


def _torch_norm(torch, c, p, width):
    """The normalizer over `width` units with the parameters `p`, as evaluation has it."""
    kind, eps = c["norm.kind"], float(c.get("norm.eps", 0))
    if kind == "dropout":
        return torch.nn.Dropout(c["norm.rate"])
    affine = "gamma" in p
    if kind in ("dyt", "derf"):
        return _torch_squash(torch, torch.tanh if kind == "dyt" else torch.erf, c, p)
    if kind in ("layer", "group"):
        module = torch.nn.GroupNorm(int(c.get("norm.groups", 1)), width, eps, affine)
    elif kind == "rms":
        module = _rms_norm(torch)(width, eps, affine)
    elif kind in ("batch", "batch_noisy", "whole", "population"):
        module = torch.nn.BatchNorm1d(width, eps, 1 - float(c.get("norm.momentum", 1)), affine)
        module.running_mean[:], module.running_var[:] = torch.tensor(p["running_mean"]), torch.tensor(p["running_var"])
    elif kind in _INVERSES:
        module = torch.nn.BatchNorm1d(width, 0, 0, affine)
        spread = {name: array.astype(float) for name, array in p.items()}
        inverse = _INVERSES[kind](spread, eps if c.get("norm.literal_eps", True) else 0)
        module.running_mean[:], module.running_var[:] = torch.tensor(p["running_mean"]), torch.tensor(inverse**-2.0)
    else:
        raise ValueError(f"torch_module does not know norm.kind '{kind}'; weights(file, id) has its numbers")
    for name, parameter in (("gamma", "weight"), ("beta", "bias")):
        if name in p:
            getattr(module, parameter).data[:] = torch.tensor(p[name])
    return module


def _torch_squash(torch, function, c, p):
    class Squash(torch.nn.Module):
        """gamma f(alpha x + s) + beta"""

        def __init__(self):
            super().__init__()
            inner = {"alpha": p.get("alpha", c["norm.alpha_initial"]), "s": p.get("s", 0)}
            outer = {"weight": p.get("gamma", 1), "bias": p.get("beta", 0)}
            for name, value in {**inner, **outer}.items():
                setattr(self, name, torch.nn.Parameter(torch.tensor(np.float32(value))))

        def forward(self, x):
            return self.weight * function(self.alpha * x + self.s) + self.bias

    return Squash()


def _rms_norm(torch):
    class RMSNorm(torch.nn.Module):
        """x / sqrt(mean of x^2 + eps), times the weight."""

        def __init__(self, width, eps, affine):
            super().__init__()
            self.eps, self.weight = eps, torch.nn.Parameter(torch.ones(width)) if affine else None

        def forward(self, x):
            y = x * torch.rsqrt(x.square().mean(1, keepdim=True) + self.eps)
            return y if self.weight is None else y * self.weight

    return RMSNorm


def _torch_scale(torch, data):
    class Scale(torch.nn.Module):
        """x = ((pixel - origin) - shift) * factor"""

        def __init__(self):
            super().__init__()
            for name in ("origin", "shift", "factor"):
                if name in data:
                    self.register_buffer(name, torch.tensor(data[name][()]))

        def forward(self, x):
            if "origin" in self._buffers:
                x = (x - self.origin).to(self.shift.dtype)
            return (x - self.shift) * self.factor

    return Scale()


def _torch_linear(torch, p):
    width_in, width_out = p["W"].shape
    module = torch.nn.Linear(width_in, width_out, "b" in p)
    module.weight.data[:] = torch.tensor(p["W"].T)
    if "b" in p:
        module.bias.data[:] = torch.tensor(p["b"])
    return module


def torch_module(file, id, when="final"):
    """The network of a run as a torch.nn.Sequential in evaluation mode: from rows as they are in the data (pixels,
    not scaled) to the outputs of the last layer. Of runs with log.weights; plugins' normalizers are not known, and
    what data.colour adds to rows is left to you."""
    import torch

    activations = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh,
                   "identity": torch.nn.Identity}
    with _opened(file) as f, torch.no_grad():
        layers, run = weights(f, id, when), _find(f, id)
        c, modules = dict(run.attrs), {"scale": _torch_scale(torch, run["data"])}
        normed, last = c["norm.kind"] != "none", len(layers.keys() - {"input"}) - 1
        if normed and c.get("norm.on_input", False):
            modules["input_norm"] = _torch_norm(torch, c, layers.get("input", {}), len(layers["layer0"]["W"]))
        for k in range(last + 1):
            p, is_last = layers[f"layer{k}"], k == last
            own = [(f"layer{k}", _torch_linear(torch, p))]
            norm, active = [], []
            if normed and (not is_last or c.get("norm.on_output", False)):
                norm = [(f"norm{k}", _torch_norm(torch, c, p, p["W"].shape[1]))]
            if not is_last:
                active = [(f"activation{k}", activations[c["model.activation"]]())]
            own += norm + active if is_last or c.get("norm.placement", "before") == "before" else active + norm
            modules.update(own)
        network = torch.nn.Sequential()
        for name, module in modules.items():
            network.add_module(name, module)
        return network.eval()
