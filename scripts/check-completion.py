#!/usr/bin/env python3
"""Types into bash, zsh and fish, presses the tabulator key, and looks at what the shell makes of it.

    scripts/check-completion.py [--program build/normlab]

The scripts are those of share/completion, as `make install` puts them where the shells look. A shell that
is not installed is said to be, and fails the check only with --all.
"""
import argparse
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parent.parent

# What is typed, and what must stand in the line after the tabulator key.
LINES = [
    ("normlab tab", "normlab table "),
    ("normlab run --dry", "normlab run --dry-run "),
    ("normlab run smo", "normlab run smoke "),
    ("normlab run smoke norm.ki", "normlab run smoke norm.kind="),
    ("normlab run smoke norm.kind=lay", "normlab run smoke norm.kind=layer "),
    ("normlab run smoke --out=fold", "normlab run smoke --out=folder/"),
    ("normlab compare a.h5 --kind eq", "normlab compare a.h5 --kind equality "),
    ("normlab describe norm.mom", "normlab describe norm.momentum "),
    ("normlab check gro", "normlab check group "),
    ("normlab show a", "normlab show a.h5 "),
]


def start(arguments, folder, environment):
    """The shell on a terminal of its own; its process and the other end."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(arguments[0], arguments, environment)
    return pid, terminal


def read(terminal, until, limit=20):
    """What comes until the text is there, or for `limit` seconds."""
    seen, end = "", time.monotonic() + limit
    while until not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                break
    return seen


def typed(folder, environment, arguments, setup):
    """The lines that come of typing and the tabulator key; a key of its own, control-X, prints them."""
    pid, terminal = start(arguments, folder, environment)
    try:
        os.write(terminal, setup.encode() + b"\n")
        read(terminal, "re" + "ady\r\n")
        for keys, _ in LINES:
            os.write(terminal, keys.encode() + b"\t")
            time.sleep(0.3)
            os.write(terminal, b"\x18")
            line = read(terminal, ">>\r\n")
            os.write(terminal, b"\x15")
            yield line.split("<<")[-1].split(">>")[0] if "<<" in line else f"no answer: {line!r}"
    finally:
        os.write(terminal, b"\x03\x04")
        os.close(terminal)
        os.waitpid(pid, 0)


def bash(folder, environment):
    setup = (
        "source <(normlab complete bash); bind 'set bell-style none'; show() { printf '\\n<<%s>>\\n' \"$READLINE_LINE\"; }; "
        "bind -x '\"\\C-x\":show'; echo re''ady"
    )
    return typed(folder, environment, ["bash", "--norc", "--noprofile", "-i"], setup)


def zsh(folder, environment):
    setup = (
        "autoload -Uz compinit && compinit -u -D; source <(normlab complete zsh); show() { print -r -- ''; "
        'print -r -- "<<$BUFFER>>"; }; zle -N show; bindkey "^X" show; echo re""ady'
    )
    return typed(folder, environment, ["zsh", "-f", "-i"], setup)


def fish(folder, environment):
    """fish says itself what it would offer: the one word, with which the line then ends."""
    for keys, _ in LINES:
        command = f"normlab complete fish | source; complete -C '{keys}'"
        offered = subprocess.run(["fish", "--no-config", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
        words = [line.split("\t")[0] for line in offered.stdout.splitlines()]
        line = keys[: keys.rfind(" ") + 1] + (words[0] if words else "")
        alone = len(words) == 1
        yield (line if line[-1] in "=/" else line + " ") if alone else f"{len(words)} words: {words} {offered.stderr}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default="build/normlab")
    parser.add_argument("--all", action="store_true", help="all three shells must be there")
    options = parser.parse_args()
    program = pathlib.Path(options.program).resolve()
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "bin").mkdir()
        (path / "bin" / "normlab").symlink_to(program)
        (path / "folder").mkdir()
        (path / "a.h5").touch()
        environment = {
            "PATH": f"{path / 'bin'}:/usr/bin:/bin",
            "HOME": folder,
            "TERM": "dumb",
            "COLUMNS": "200",
            "NORMLAB_SHARE": share(path),
        }
        for shell in (bash, zsh, fish):
            name = shell.__name__
            if not shutil.which(name):
                print(f"{name}: not installed, not tried")
                faults += options.all
                continue
            wrong = [(keys, line, got) for (keys, line), got in zip(LINES, shell(folder, environment)) if got != line]
            for keys, line, got in wrong:
                print(f"{name}: '{keys}' and a tabulator became '{got}', not '{line}'", file=sys.stderr)
            print(f"{name}: {len(LINES) - len(wrong)} of {len(LINES)} lines completed")
            faults += len(wrong)
    sys.exit(1 if faults else 0)


def share(folder):
    """A share folder as `make install` makes it."""
    root = folder / "bin" / ".share"
    root.mkdir()
    for name in ("share/completion", "experiments", "scripts/figures"):
        (root / pathlib.Path(name).name).symlink_to(TREE / name)
    return str(root)


if __name__ == "__main__":
    main()
