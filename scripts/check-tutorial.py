#!/usr/bin/env python3
"""Follows docs/tutorial.md in an empty folder: writes its files, types its commands, looks for the lines it shows.

    scripts/check-tutorial.py [PROGRAM]     normlab, build/normlab unless said

An indented block that begins with `# NAME.yaml` is a file. In others a line `$ COMMAND` is a command, which must end
well; the lines below it, up to the next, must stand in what it prints. Numbers may differ: other processors round
differently. `--self-test`: a command that fails and a line that is not printed are found.
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def blocks(text):
    """Runs of lines that are indented by four, without the indent."""
    block = []
    for line in text.splitlines() + ["end"]:
        if line.startswith("    "):
            block.append(line[4:])
        elif block and not line:
            block.append("")
        elif block:
            yield block
            block = []


def without_numbers(text):
    return " ".join(re.sub(r"[0-9]+([.][0-9]+)?", "#", text).split())


class Reader:
    def __init__(self, folder, program):
        self.folder = folder
        self.environment = dict(os.environ, PATH=os.path.dirname(program) + ":" + os.environ["PATH"])
        self.printed = ""
        self.faults = []
        self.commands = 0

    def type(self, command):
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.commands += 1
        self.printed = done.stdout
        if done.returncode != 0:
            self.faults.append(f"'{command}' ends with {done.returncode}:\n{done.stdout[-2000:]}")

    def read(self, text):
        for block in blocks(text):
            name = re.fullmatch(r"# ([a-z_]+[.]yaml)", block[0])
            if name:
                with open(os.path.join(self.folder, name.group(1)), "w", encoding="utf-8") as file:
                    file.write("\n".join(block) + "\n")
                continue
            for line in block:
                if line.startswith("$ "):
                    self.type(line[2:])
                elif without_numbers(line) not in without_numbers(self.printed):
                    self.faults.append(f"this is not printed: {line}\nbut:\n{self.printed[-2000:]}")


def follow(text, program):
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(folder, program)
        reader.read(text)
    return reader


def main():
    words = [word for word in sys.argv[1:] if word != "--self-test"]
    program = os.path.abspath(words[0] if words else os.path.join(ROOT, "build/normlab"))
    if "--self-test" in sys.argv:
        bad = follow("    $ normlab describe norm.kin\n\nand\n\n    $ normlab describe norm.kind\n    no such line\n", program)
        if len(bad.faults) != 2:
            sys.exit("check-tutorial.py: a fault was not found")
        print("check-tutorial.py: faults are found")
        return
    with open(os.path.join(ROOT, "docs/tutorial.md"), encoding="utf-8") as file:
        reader = follow(file.read(), program)
    if reader.faults or reader.commands == 0:
        sys.exit("check-tutorial.py: " + "\n".join(reader.faults or ["the tutorial has no command"]))
    print(f"check-tutorial.py: {reader.commands} commands, as the tutorial says")


main()
