"""One try: a folder, a sweep that is disturbed in it, and what must hold afterwards."""
import fcntl
import fnmatch
import glob
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 60  # seconds until a command counts as hanging
CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSYS}

_spec = importlib.util.spec_from_file_location("same_results", os.path.join(HERE, "..", "same-results.py"))
same_results = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(same_results)


class Wrong(Exception):
    """What must hold does not."""


class Skip(Exception):
    """This machine cannot do it."""


class End:
    """How a command ended: its status (negative: the signal), what it printed, what it said."""

    def __init__(self, status, out, said):
        self.status, self.out, self.said = status, out, said

    def __str__(self):
        lines = [line for line in self.said.splitlines() if not line.startswith("[")]
        return f"status {self.status}, {' / '.join(lines[-3:]) or 'no message'}"


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Sweep:
    """An experiment and its undisturbed results, with which all others are compared."""

    def __init__(self, program, name, folder):
        self.program, self.name, self.folder = program, name, folder
        self.known = {}  # what commands print and write about these results, by their names
        begin = time.monotonic()
        end = Trial(self, folder).run()
        self.seconds = time.monotonic() - begin
        if end.status != 0:
            raise SystemExit(f"break.py: the undisturbed sweep: {end}")
        self.files = sorted(self.results(folder))
        self.values = {name: self.values_of(os.path.join(folder, name)) for name in self.files}

    def checkpoints(self):
        """Options by which runs of a tenth of a second leave checkpoints; a program of before has none."""
        if "checkpoint" not in self.known:
            text = subprocess.run([self.program, "help", "run"], capture_output=True, text=True, check=True).stdout
            self.known["checkpoint"] = ("--checkpoint", "0.02") if "--checkpoint" in text else ()
        return self.known["checkpoint"]

    def merged(self, folder=None):
        return os.path.join(folder or self.folder, self.name + ".h5")

    def results(self, folder):
        """Published results, by their paths in the folder: run files, the merged file."""
        found = glob.glob(f"{folder}/{self.name}/r*.h5") + glob.glob(f"{folder}/{self.name}.h5")
        return [os.path.relpath(path, folder) for path in found]

    @staticmethod
    def values_of(path):
        """A file's maker holds it for a moment after it has its name, as whoever reads it must know."""
        for _ in range(100):
            try:
                return same_results.values_of(path)
            except BlockingIOError:
                time.sleep(0.01)
        return same_results.values_of(path)

    def check_same(self, folder, name, complete):
        if name not in self.values:
            raise Wrong(f"{name} is published, which nobody asked for")
        self.check_same_file(os.path.join(folder, name), name, name, complete)

    def check_same_file(self, path, right_name, called, complete=False):
        try:
            values = self.values_of(path)
        except Exception as error:
            raise Wrong(f"{called} is published and cannot be read: {error}") from None
        right = self.values[right_name]
        if "/summary/status" in values and not complete:
            right = rows_that_ended(right, values)
        for key in sorted(right.keys() | values.keys()):
            if key not in right or key not in values or not same_results.same(right[key], values[key]):
                raise Wrong(f"{called} is published with another value of {key}")


def rows_that_ended(right, values):
    """What a merged file must hold where some of its runs failed or are missing, as its summary says. The
    rows of those are taken out of `values`, too."""
    ended = values["/summary/status"] == b"complete"
    if ended.all() or ended.shape != right["/summary/status"].shape:
        return right
    absent = tuple(f"/runs/{run.decode()}" for run in right["/summary/run"][~ended])
    for key in values:
        if key.startswith("/summary/") and "@" not in key:
            values[key] = values[key][ended]
    right = {key: value[ended] if key.startswith("/summary/") and "@" not in key else value
             for key, value in right.items() if not key.startswith(absent)}
    stacked = [key for key in right if key.startswith("/series/") and "@" not in key and np.ndim(right[key]) > 1]
    for key in stacked:
        right[key] = np.array(right[key])
        right[key][~ended] = np.nan if right[key].dtype.kind == "f" else -1  # nothing, where no run is
    if not ended.any():
        right = {key: value for key, value in right.items() if not key.startswith("/series")}
    right["/experiment@/plan"] = values["/experiment@/plan"]  # a hash of what there is
    return right


class Trial:
    def __init__(self, sweep, folder, rng=None, staged=False):
        self.sweep, self.folder, self.rng = sweep, folder, rng
        self.stage = os.path.join(folder, "stage")
        self.options = ("--stage", self.stage) if staged else ()
        os.makedirs(folder, exist_ok=True)

    # ---- commands ----

    def command(self, *more):
        return [self.sweep.program, "run", os.path.join(HERE, self.sweep.name + ".yaml"),
                "--out", self.folder, *self.options, *more]

    def start(self, command, env=None, name="log"):
        """A command as leader of a session of its own, by which what it leaves behind is found."""
        files = [open(f"{self.folder}.{name}.{stream}", "w+b") for stream in ("out", "said")]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=files[0], stderr=files[1],
                                   env={**os.environ, **(env or {})}, start_new_session=True)
        process.files = files
        return process

    def end(self, process):
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise Wrong(f"hangs: {' '.join(process.args[:3])}") from None
        texts = []
        for file in process.files:
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
            file.close()
        return End(status, *texts)

    def run(self, command=None, env=None):
        process = self.start(command or self.command(), env)
        end = self.end(process)
        self.check_nobody_left(process.pid)
        return end

    # ---- what must hold ----

    @staticmethod
    def check_nobody_left(session):
        """No process of the session lives, a moment after its leader's end."""
        for _ in range(100):
            left = [pid for pid in filter(str.isdigit, os.listdir("/proc")) if session_of(pid) == session]
            if not left:
                return
            time.sleep(0.03)
        for pid in left:
            os.kill(int(pid), signal.SIGKILL)
        raise Wrong(f"processes {left} are left behind")

    def check_end(self, end, statuses=(0, 1, 2, 3, 4, 5)):
        """A status that has a meaning, a message where it is not 0, no crash of anybody."""
        if end.status not in statuses:
            raise Wrong(f"ends with {end}")
        for number in () if -signal.SIGSEGV in statuses else CRASHES:
            if f"killed by signal {int(number)} " in end.said:
                raise Wrong(f"a worker crashed: {end}")
        if end.status > 0 and not end.said.strip():
            raise Wrong(f"ends with {end}")

    def check_published(self, complete):
        """Whatever is published is right, and if complete is true all is. Returns what identifies each file."""
        published = self.sweep.results(self.folder)
        stamps = {}
        for name in published:
            self.sweep.check_same(self.folder, name, complete)
            path = os.path.join(self.folder, name)
            stamps[name] = (os.stat(path).st_ino, digest(path))
        missing = set(self.sweep.files) - set(published)
        if complete and missing:
            raise Wrong(f"exit 0, and {', '.join(sorted(missing))} is not there")
        return stamps

    def check_clean(self):
        """Only what a finished sweep leaves, and no lock that somebody holds."""
        name = self.sweep.name
        known = set(self.sweep.files) | {f"{name}/.lock", f"{name}/plan.json"}
        for where, _, files in os.walk(self.folder):
            for file in files:
                path = os.path.relpath(os.path.join(where, file), self.folder)
                if path not in known and not fnmatch.fnmatch(path, f"{name}/journal.*.jsonl"):
                    raise Wrong(f"{path} is left behind")
        with open(os.path.join(self.folder, name, ".lock"), "r+b") as lock:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Wrong("the lock is held, and nobody runs") from None

    def go_on(self, before):
        """The next run ends well: what was published stays as it was, and the end is that of a quiet sweep."""
        end = self.run()
        if end.status != 0:
            raise Wrong(f"the next run: {end}")
        after = self.check_published(True)
        for name, stamp in before.items():
            if "/" in name and after[name] != stamp:
                raise Wrong(f"the finished run {name} was trained again")
        self.check_clean()

    def check_after(self, end, statuses=(0, 1, 2, 3, 4, 5)):
        self.check_end(end, statuses)
        self.go_on(self.check_published(end.status == 0))

    def remove(self):
        for path in glob.glob(self.folder + ".*"):
            os.remove(path)
        shutil.rmtree(self.folder, ignore_errors=True)


def session_of(pid):
    """The session of a process that lives; None: there is none, or it is dead and not buried."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[3])
