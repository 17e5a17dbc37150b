# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line share: running bsfa, and writing inputs that it did not make."""

import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np

BSFA = os.environ.get("BSFA_BIN", "build/release/bin/bsfa")
MUTANTS = os.environ.get("BSFA_MUTANTS", "build/release/tests/bsfa-mutants.so")
LIMITED = os.environ.get("BSFA_LIMITED", "build/release/tests/bsfa-limited.so")
NAIVE = os.environ.get("BSFA_NAIVE", "build/release/tests/naive.so")
BROKEN = os.environ.get("BSFA_BROKEN", "build/release/lib/libbsfa-test-broken-plugin.so")
SKIPPED = 77
DTYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "U8": np.uint8, "BOOL": np.bool_,
          "I64": np.int64, "BF16": np.uint16}
NAMES = {np.dtype(t): name for name, t in DTYPES.items() if name != "BF16"}


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)


def write_safetensors(path, tensors, metadata=None):
    header, blobs, offset = ({"__metadata__": metadata} if metadata else {}), [], 0
    for name, array in tensors.items():
        blob = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": NAMES[array.dtype], "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    size, = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[8 + size + begin:8 + size + end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def without_times(report):
    """The report without what differs from one run to the next."""
    if isinstance(report, dict):
        return {key: without_times(value) for key, value in report.items()
                if key not in ("elapsed", "elapsed_s", "created_utc", "command_line")}
    if isinstance(report, list):
        return [without_times(value) for value in report]
    return report


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def path(self, name):
        return self.folder / name

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def bsfa(self, *arguments, expect=0, **options):
        """Runs bsfa and checks its exit code."""
        done = subprocess.run([BSFA, *map(str, arguments)], capture_output=True, text=True, timeout=280, **options)
        self.assertEqual(done.returncode, expect, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return Result(done.returncode, done.stdout, done.stderr)

    def refused(self, code, text, *arguments, **options):
        """bsfa ends with this code and one line on standard error that contains the text."""
        result = self.bsfa(*arguments, expect=code, **options)
        self.assertEqual(result.err.count("\n"), 1, result.err)
        self.assertTrue(result.err.startswith("bsfa: "), result.err)
        self.assertIn(text, result.err)
        return result

    def compare(self, *arguments, expect=0):
        """The JSON report of a comparison."""
        return self.bsfa("compare", *arguments, "--json", "-", expect=expect).json

    def generate(self, kind="structured", name="qkv.safetensors", **shape):
        """A small input: 2 heads of 1024 tokens unless told otherwise."""
        flags = {"M": 1024, "H": 2, **shape}
        arguments = [f"-{key}{value}" if len(key) == 1 else f"--{key.replace('_', '-')}={value}"
                     for key, value in flags.items()]
        self.bsfa("generate", kind, "--out", self.path(name), *arguments)
        return self.path(name)

    def layers(self, *numbers, name="layers.safetensors", **shape):
        """A file with several layers, each of other values."""
        tensors = {}
        for number in numbers:
            made = read_safetensors(self.generate(name="one.safetensors", seed=number, **shape))
            tensors.update({f"layers.{number}.{key}": value for key, value in made.items()})
        self.path("one.safetensors").unlink()
        write_safetensors(self.path(name), tensors)
        return self.path(name)



def main():
    """Runs the test named on the command line; ctest takes 77 for skipped."""
    program = unittest.main(module="__main__", exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped and len(result.skipped) == result.testsRun else 0)
