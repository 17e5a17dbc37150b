# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Python programs share."""

import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BSFA = os.environ.get("BSFA_BIN", str(ROOT / "build/release/bin/bsfa"))
# An interpreter that has torch and transformers, where the one that runs the tests has not.
TORCH_PYTHON = os.environ.get("BSFA_TORCH_PYTHON", sys.executable)
SKIPPED = 77

sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "scripts")]
sys.dont_write_bytecode = True


def load_program(path):
    """A program without .py in its name, as a module."""
    loader = importlib.machinery.SourceFileLoader(pathlib.Path(path).name.replace("-", "_"), str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def need(self, *modules):
        """Skips where the torch interpreter lacks a module."""
        done = subprocess.run([TORCH_PYTHON, "-c", f"import {', '.join(modules)}"], capture_output=True)
        if done.returncode:
            self.skipTest(f"{TORCH_PYTHON} has no {' or '.join(modules)}")

    def python(self, *arguments, expect=0, **options):
        """Runs the torch interpreter and checks its exit code."""
        done = subprocess.run([TORCH_PYTHON, *map(str, arguments)], capture_output=True, text=True, timeout=280,
                              **options)
        self.assertEqual(done.returncode, expect, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def compile(self, source, output, *flags):
        """Compiles a C file."""
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-I", str(ROOT / "kernels/include"), *flags, str(source), "-o", str(output), "-lm"],
                       check=True)
        return output


def main():
    """Runs the test named on the command line; ctest takes 77 for skipped."""
    result = unittest.main(module="__main__", exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped and len(result.skipped) == result.testsRun else 0)
