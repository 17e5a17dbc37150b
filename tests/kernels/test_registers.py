#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads what ptxas says of every instance of our CUDA kernels for sm_90.

    test_registers.py NVCC SOURCE_DIR
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import unittest

NVCC, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
INSTANCES = sorted((ROOT / "kernels/cuda/portable/instances").glob("*.cu"))
ENTRY = re.compile(r"Compiling entry function '(\w+)' for 'sm_90'")
SPILL = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")


def report_of(source):
    """[(mangled name, stack frame, spill stores, spill loads)] of one file's kernels."""
    command = [NVCC, "-std=c++20", f"-I{ROOT}", f"-I{ROOT}/kernels/include", "-O3", "-lineinfo",
               "-gencode", "arch=compute_90,code=sm_90", "-Xptxas", "-v", "-cubin", "-o", os.devnull, str(source)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return parse(text)


def parse(text):
    found, entry = [], None
    for line in text.splitlines():
        if match := ENTRY.search(line):
            entry = match.group(1)
        elif (match := SPILL.search(line)) and entry:
            found.append((entry, *map(int, match.groups())))
            entry = None
    return found


class Registers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            cls.kernels = [kernel for report in pool.map(report_of, INSTANCES) for kernel in report]

    def test_every_forward_instance_is_reported(self):
        forward = [name for name, *_ in self.kernels if "forward" in name]
        self.assertEqual(len(set(forward)), len(forward))
        self.assertGreaterEqual(len(forward), 36)

    def test_no_kernel_without_instrumentation_touches_local_memory(self):
        plain = [kernel for kernel in self.kernels if "forward" not in kernel[0] or "ReportsE0E" in kernel[0]]
        self.assertGreaterEqual(len(plain), 24)
        for name, *bytes_used in plain:
            self.assertEqual(bytes_used, [0, 0, 0], name)

    def test_a_spill_in_a_report_is_seen(self):
        text = ("ptxas info    : Compiling entry function '_Z1kv' for 'sm_90'\n"
                "ptxas info    : Function properties for _Z1kv\n"
                "    8 bytes stack frame, 12 bytes spill stores, 16 bytes spill loads\n")
        self.assertEqual(parse(text), [("_Z1kv", 8, 12, 16)])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
