"""Small disks: a file system in memory, of any size, that only the try sees."""
import ctypes
import os
import threading

from breaking.trial import Skip

CLONE_NEWNS, CLONE_NEWUSER, MS_REMOUNT, MS_REC, MS_PRIVATE = 0x20000, 0x10000000, 32, 16384, 1 << 18
KIB = 4  # a page: the step in which such a file system grows
libc = ctypes.CDLL(None, use_errno=True)


def mount(folder, kib, flags=0):
    options = f"size={kib}k".encode()
    if libc.mount(b"disk", folder.encode(), b"tmpfs", flags, options) != 0:
        raise Skip(f"no file system in memory: {os.strerror(ctypes.get_errno())}")


def own_disk(folder, kib):
    """Gives this process, which is a try's own, a disk there; nobody needs to be root."""
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        raise Skip(f"no namespace of its own: {os.strerror(ctypes.get_errno())}")
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None)
    mount(folder, kib)


def fill_up(trial, row, number):
    """A disk of that many pages; then somebody enlarges it."""
    own_disk(trial.folder, number * KIB)
    end = trial.run()
    trial.check_end(end)
    before = trial.check_published(end.status == 0)
    mount(trial.folder, 1 << 14, MS_REMOUNT)
    trial.go_on(before)


def fill_stage(trial, row, number):
    """A disk for files in the making that is too small for them: nothing may depend on it."""
    os.makedirs(trial.stage)
    own_disk(trial.stage, number * KIB)
    trial.check_after(trial.run(), (0,))


def occupy(folder, rng, stop):
    """Somebody who fills the disk and makes room again, without pause."""
    path = os.path.join(folder, "of-somebody-else")
    while not stop.is_set():
        try:
            with open(path, "wb", buffering=0) as file:
                while not stop.is_set():
                    file.write(b"x" * 4096)
        except OSError:
            pass
        stop.wait(rng.uniform(0, 0.02))
        os.unlink(path)
        stop.wait(rng.uniform(0, 0.02))


def share(trial, row, number):
    """A disk that is large enough, and now and then full of somebody else's files."""
    own_disk(trial.folder, 512)
    stop = threading.Event()
    somebody = threading.Thread(target=occupy, args=(trial.folder, trial.rng, stop))
    somebody.start()
    try:
        end = trial.run()
    finally:
        stop.set()
        somebody.join()
    trial.check_after(end)
