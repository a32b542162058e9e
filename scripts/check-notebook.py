#!/usr/bin/env python3
"""Executes examples/notebook/sweep_to_figure.ipynb with the program and the normlab.py of this tree.

    check-notebook.py PROGRAM            in a folder of its own: every cell runs, and the last draws a figure
    check-notebook.py PROGRAM --store    and what it printed and drew is stored in the notebook
    check-notebook.py PROGRAM --self-test  a notebook with a mistake is noticed

Also what is stored: each cell of code has run, in order, and its outputs name no folder of the machine. Needs
Debian's python3-nbconvert python3-ipykernel python3-matplotlib. Exit status 1 and a sentence where something is wrong.
"""
import os
import pathlib
import shutil
import sys
import tempfile

import nbformat
from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "examples/notebook/sweep_to_figure.ipynb"
LIMIT_S = 300


def execute(notebook, program):
    """Runs all cells, in an empty folder where `normlab` is PROGRAM."""
    folder = tempfile.mkdtemp(prefix="normlab-notebook-")
    try:
        os.symlink(os.path.abspath(program), f"{folder}/normlab")
        os.environ["PATH"] = folder + os.pathsep + os.environ["PATH"]
        os.environ["PYTHONPATH"] = str(ROOT / "share/python")
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
        os.environ["JUPYTER_RUNTIME_DIR"] = os.environ["IPYTHONDIR"] = os.environ["MPLCONFIGDIR"] = folder
        runner = ExecutePreprocessor(timeout=LIMIT_S, kernel_name="python3", record_timing=False)
        runner.preprocess(notebook, {"metadata": {"path": folder}})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def check_outputs(notebook, what):
    found = outputs(notebook)
    if not any("image/png" in output.get("data", {}) for output in found):
        sys.exit(f"check-notebook: {what} has no figure")
    text = "".join(output.get("text", "") for output in found)
    for words in ("complete", "median test error", "('run', 'epoch')"):
        if words not in text:
            sys.exit(f"check-notebook: {what} does not print '{words}'")
    for words in ("/tmp/", "/home/", "/root/", "Traceback", "error:"):
        if words in text:
            sys.exit(f"check-notebook: {what} prints '{words}'")


def check_stored():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    check_outputs(notebook, NOTEBOOK.name)
    numbers = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    if numbers != list(range(1, len(numbers) + 1)):
        sys.exit(f"check-notebook: {NOTEBOOK.name} was stored with cells run as {numbers}: --store it anew")


def self_test(program):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("epoch/test_error", "epoch/test_eror")
    try:
        execute(notebook, program)
    except CellExecutionError as error:
        print(f"check-notebook: noticed: {str(error).strip().splitlines()[-1]}")
        return
    sys.exit("check-notebook: a notebook that asks for a series that is not there runs through")


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
        sys.exit(__doc__.strip())
    program, option = sys.argv[1], "".join(sys.argv[2:])
    if option == "--self-test":
        return self_test(program)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    try:
        execute(notebook, program)
    except CellExecutionError as error:
        sys.exit(f"check-notebook: {error}")
    check_outputs(notebook, "the notebook that was run")
    if option == "--store":
        notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
        nbformat.write(notebook, NOTEBOOK)
    check_stored()
    print(f"check-notebook: {NOTEBOOK.name}: {len(outputs(notebook))} outputs, a figure among them")


if __name__ == "__main__":
    main()
