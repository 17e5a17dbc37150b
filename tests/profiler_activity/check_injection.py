#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that libbsfa_inject.so exports InitializeInjection alone, needs only libc, and leaves a process be without orders.

check_injection.py LIBRARY
"""

import ctypes
import os
import re
import subprocess
import sys

# What glibc itself consists of.
LIBC = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "ld-linux-x86-64.so.2"}
GO_ON = 1


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    library = sys.argv[1]
    exported = [line.split()[-1] for line in output_of("nm", "-D", "--defined-only", library).splitlines()]
    assert exported == ["InitializeInjection"], f"{library} exports {exported}"
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", output_of("readelf", "-d", library)))
    assert needed <= LIBC, f"{library} needs {sorted(needed - LIBC)}"
    os.environ.pop("BSFA_INJECT_OUT", None)
    assert ctypes.CDLL(library).InitializeInjection() == GO_ON


if __name__ == "__main__":
    main()
