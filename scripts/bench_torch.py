#!/usr/bin/env python3
"""Training steps a second: `normlab bench` and PyTorch in turns, on the same cells.

The same work on both sides: a mini-batch drawn at random from 55,000 rows in memory, forward, cross-entropy,
backward, SGD with momentum 0.9; ReLU, the normalizer before it, no bias where batch norm would cancel it; the same
number of threads on the same cores. PyTorch trains in three forms (scripts/bench/torch_worker.py):

    loader  as most programs have it: nn.Sequential, TensorDataset, DataLoader, optim.SGD and zero_grad() with
            their defaults, the system's BLAS library
    bare    the fastest that nn and optim give: no DataLoader (index_select with a permutation), gradients set to
            None, and then, kept one after the other where 2 % faster: torch.jit.trace | nn.Sequential, inputs scaled before | bytes
            scaled in each mini-batch, foreach optimizer | plain, denormal numbers kept | flushed to zero
    hand    without nn and optim: functional calls, and the update as three torch._foreach calls

`ratio` is ours over bare, the median over the repeats; a repeat measures all sides one after the other, because a
machine's speed drifts; each rate is the median over samples of a measurement, as in `normlab bench`. bare and hand
also have what a user can set outside the program: freed memory is kept, large blocks lie in huge pages, and OpenBLAS
is the OpenMP build where it is installed (libopenblas0-openmp; the threads of Debian's default build get in the way
of PyTorch's own). In all forms OpenBLAS is told the number of threads: torch.set_num_threads does not
reach it. torch.compile is not in PyTorch 1.13. `others` is the share of the cores that other programs took
meanwhile: above 0.1 the machine is too busy for figures, and PyTorch with all threads suffers first.
"""
import argparse
import csv
import itertools
import json
import math
import os
import statistics
import subprocess
import sys
import sysconfig
import time

HERE = os.path.dirname(os.path.abspath(__file__))
NETWORKS = "784-100-100-100-10,784-1000-1000-10,513-257-129-7"
ROWS, TOO_BUSY = 55000, 0.1
FORMS = ("bare", "hand", "loader")
OURS = ("steps_per_s", "limit_steps_per_s", "ratio_to_limit")  # columns of `normlab bench`
COLUMNS = ("sizes", "norm", "placement", "batch", "threads", *OURS, *(f"{form}_steps_per_s" for form in FORMS),
           "ratio", "ratio_low", "ratio_high", "ratio_hand", "ratio_loader", "repeats", "others",
           "form", "torch", "blas", "loader_blas", "cores", "processor")


def give_up(message, status=1):
    print(f"bench_torch.py: {message}", file=sys.stderr)
    sys.exit(status)


class Worker:
    """A process with PyTorch in it, pinned before PyTorch starts its threads."""

    def __init__(self, n_threads, cores, tuned):
        n, environment = str(n_threads), dict(os.environ)
        environment.update(OMP_NUM_THREADS=n, OPENBLAS_NUM_THREADS=n, MKL_NUM_THREADS=n)
        if tuned:
            openmp_blas = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}/openblas-openmp"
            folders = (openmp_blas, os.environ.get("LD_LIBRARY_PATH"))
            environment["LD_LIBRARY_PATH"] = ":".join(filter(None, folders))
            environment["MALLOC_TRIM_THRESHOLD_"] = environment["MALLOC_MMAP_THRESHOLD_"] = str(1 << 30)
            environment["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "bench", "torch_worker.py"), n], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        about = self.read()
        if "missing" in about:
            give_up(f"{sys.executable} has no PyTorch ({about['missing']})\n"
                    "  Debian and Ubuntu: apt install python3-torch, or scripts/install-deps.sh --ci\n"
                    "  elsewhere, a Python that has it: make bench-torch PYTHON=/path/to/python3")
        self.version, self.blas = about["version"], about["blas"]

    def read(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the process with PyTorch ended; its message is above"}
        if "error" in answer:
            give_up(answer["error"])
        return answer

    def ask(self, **request):
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return self.read()

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Busyness:
    """What other programs take of the cores, from now on: busy time of the machine less that of both sides."""

    def __init__(self, workers, cores):
        self.workers, self.cores = workers, cores
        self.start = self.now()

    def now(self):
        with open("/proc/stat") as stat:
            rows = [line.split() for line in stat if line.startswith("cpu") and line[3].isdigit()]
        ticks = sum(int(row[i]) for row in rows if int(row[0][3:]) in self.cores for i in (1, 2, 3, 6, 7, 8))
        times = os.times()
        ours = times.children_user + times.children_system + sum(worker.cpu_s() for worker in self.workers)
        return ticks / os.sysconf("SC_CLK_TCK") - ours, time.monotonic()

    def share(self):
        others, when = self.now()
        return max(0.0, (others - self.start[0]) / (when - self.start[1]) / len(self.cores))


def our_rates(options, cell, cores):
    """What `normlab bench` prints for one cell."""
    command = [options.program, "bench", "--sizes", cell["sizes"], "--norm", cell["norm"], "--placement", "before",
               "--batch", str(cell["batch"]), "--threads", str(cell["threads"]),
               "--seconds", str(options.seconds), "--tsv"]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores))
    rows = list(csv.DictReader(done.stdout.splitlines(), delimiter="\t"))
    if done.returncode or len(rows) != 1 or "steps_per_s" not in rows[0]:
        give_up(f"no speed came from: {' '.join(command)} (exit status {done.returncode})")
    return [float(rows[0].get(name, "nan")) for name in OURS]


def measure(options, cell, cores, tuned, untuned):
    """One cell: its row. The sides take turns, backwards in every second repeat."""
    way = tuned.ask(call="prepare", cell=cell, forms=["bare", "hand"])["way"]
    untuned.ask(call="prepare", cell=cell, forms=["loader"])
    seen = {name: [] for name in OURS + FORMS}
    busyness = Busyness((tuned, untuned), cores)
    for repeat in range(options.repeats):
        sides = ("ours",) + FORMS
        for side in sides if repeat % 2 == 0 else reversed(sides):
            if side in FORMS:
                worker = untuned if side == "loader" else tuned
                seen[side].append(worker.ask(call="measure", form=side, seconds=options.seconds)["rate"])
            else:
                rates = [math.nan] * len(OURS) if options.torch_only else our_rates(options, cell, cores)
                for name, rate in zip(OURS, rates):
                    seen[name].append(rate)

    median = {name: statistics.median(values) for name, values in seen.items()}
    ratios = {form: [ours / theirs for ours, theirs in zip(seen["steps_per_s"], seen[form])] for form in FORMS}
    return {
        **cell, "placement": "before", **{name: median[name] for name in OURS},
        **{f"{form}_steps_per_s": median[form] for form in FORMS},
        "ratio": statistics.median(ratios["bare"]), "ratio_low": min(ratios["bare"]), "ratio_high": max(ratios["bare"]),
        "ratio_hand": statistics.median(ratios["hand"]), "ratio_loader": statistics.median(ratios["loader"]),
        "repeats": options.repeats, "others": busyness.share(), "form": way, "torch": tuned.version, "blas": tuned.blas,
        "loader_blas": untuned.blas, "cores": ",".join(map(str, sorted(cores))), "processor": processor()}


def measure_all(options, n_threads, cores):
    """The rows of all cells with so many threads, printed as they come."""
    tuned, untuned = (Worker(n_threads, cores, tuned) for tuned in (True, False))
    print(f"{n_threads} thread{'s' * (n_threads > 1)} on core {','.join(map(str, sorted(cores)))}; "
          f"PyTorch {tuned.version} with {tuned.blas} (loader: {untuned.blas})")
    print_line("sizes", "norm", "batch", "limit/s", "ours/s", "bare/s", "hand/s", "loader/s", "ratio", "(low..high)",
               "to hand", "loader", "others", "form of bare")
    for sizes, norm, batch in itertools.product(options.sizes, options.norm, options.batch):
        if norm == "batch" and batch < 2:
            continue  # batch norm needs two rows
        cell = {"sizes": sizes, "norm": norm, "batch": batch, "threads": n_threads}
        row = measure(options, cell, cores, tuned, untuned)
        row = {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in row.items()}
        yield row
        short = {name: f"{float(row[name]):.4g}" for name in COLUMNS if "per_s" in name or "ratio" in name}
        print_line(sizes, norm, batch, short["limit_steps_per_s"], short["steps_per_s"],
                   *(short[f"{form}_steps_per_s"] for form in FORMS), short["ratio"],
                   f"({short['ratio_low']}..{short['ratio_high']})", short["ratio_hand"], short["ratio_loader"],
                   f"{float(row['others']):.2f}", row["form"])
    tuned.close()
    untuned.close()


def print_line(*words):
    line = "{:<20} {:<6} {:>5} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:<15} {:>7} {:>7} {:>6}  {}"
    print(line.format(*words), flush=True)


def processor():
    with open("/proc/cpuinfo") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return names[0] if names else os.uname().machine


def draw(options, tsv):
    command = ["gnuplot", "-c", os.path.join(HERE, "bench", "torch_ratio.gp"),
               os.path.join(options.out, "torch_ratio.svg"), tsv]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        give_up(f"no figure: {error}; once gnuplot is there: {' '.join(command)}")
    print(f"figure: {command[-2]}")


# ---- options ----

def a_list(one):
    """A parser of words with commas between them."""
    def parse(text):
        try:
            return list(dict.fromkeys(one(word) for word in text.split(",")))
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
    return parse


def number(kind, low, high, text):
    try:
        if low <= kind(text) <= high:
            return kind(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{text}' is not a number from {low} to {high}")


def network(text):
    widths = text.split("-")
    if len(widths) < 2 or not all(width.isdigit() and int(width) for width in widths):
        raise ValueError(f"'{text}' is not features-hidden-...-classes, such as 784-100-10")
    return text


def normalizer(text):
    if text not in ("none", "batch", "layer"):
        raise ValueError(f"'{text}' is none of those that PyTorch has too: none, batch, layer")
    return text


def parse_options(n_cores):
    quick = "--quick" in sys.argv[1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument

    def add_value(option, parse, usual, when_quick, text):
        add(option, type=parse, default=when_quick if quick else usual, help=f"{text} ({usual})")
    add_value("--sizes", a_list(network), NETWORKS, "784-100-100-100-10,784-1000-1000-10", "networks")
    add_value("--norm", a_list(normalizer), "none,batch,layer", "batch", "normalizers")
    add_value("--batch", a_list(lambda text: number(int, 1, ROWS, text)), "2,4,16,64,256,1024", "2,64,1024",
              "mini-batch sizes")
    add_value("--threads", a_list(lambda text: n_cores if text == "all" else number(int, 1, n_cores, text)),
              "1,all", "1", "numbers of threads")
    add_value("--seconds", lambda text: number(float, 0.01, 600, text), "0.5", "0.2", "of each measurement")
    add_value("--repeats", lambda text: number(int, 1, 999, text), "5", "3",
              "measurements of each side; at least 3 make a median")
    add("--quick", action="store_true", help="a glance: one thread, batch norm, six cells, short measurements")
    add("--torch-only", action="store_true", help="leave normlab out: its columns are nan, and there is no figure")
    add("--program", default="build/normlab", help="normlab (build/normlab)")
    add("--out", default="results/bench", help="folder for torch.tsv and torch_ratio.svg (results/bench)")
    return parser.parse_args()


def main():
    all_cores = sorted(os.sched_getaffinity(0))
    options = parse_options(len(all_cores))
    if not options.torch_only and not os.access(options.program, os.X_OK):
        give_up(f"no program {options.program}: `make` builds it (or --program FILE, or --torch-only)", 2)
    os.makedirs(options.out, exist_ok=True)
    tsv = os.path.join(options.out, "torch.tsv")
    print(f"processor: {processor()}")
    others = []
    with open(tsv, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        for n_threads in options.threads:
            cores = set(all_cores[-n_threads:])  # the first core often has the interrupts
            for row in measure_all(options, n_threads, cores):
                writer.writerow(row)
                file.flush()
                others.append(float(row["others"]))
    print(f"table: {tsv}")
    if max(others, default=0) > TOO_BUSY:
        n_busy = sum(share > TOO_BUSY for share in others)
        print(f"bench_torch.py: warning: in {n_busy} of {len(others)} cells other programs were running, and took up to "
              f"{max(others):.0%} of the cores: measure again when the machine is quiet", file=sys.stderr)
    if not options.torch_only:
        draw(options, tsv)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
