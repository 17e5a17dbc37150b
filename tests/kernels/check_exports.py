#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that libbsfa.so exports bsfa_open and nothing else, needs only libc, and opens without a driver.

check_exports.py LIBRARY
"""

import ctypes
import re
import subprocess
import sys

# What glibc itself consists of.
LIBC = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "ld-linux-x86-64.so.2"}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Library(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("version", ctypes.c_uint32), ("name", ctypes.c_char_p),
                ("build", ctypes.c_char_p), ("kernel_count", ctypes.c_uint32), ("kernels", ctypes.c_void_p)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    library = sys.argv[1]
    exported = [line.split()[-1] for line in output_of("nm", "-D", "--defined-only", library).splitlines()]
    assert exported == ["bsfa_open"], f"{library} exports {exported}"
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", output_of("readelf", "-d", library)))
    assert needed <= LIBC, f"{library} needs {sorted(needed - LIBC)}"

    loaded = ctypes.CDLL(library)
    loaded.bsfa_open.restype = ctypes.POINTER(Library)
    loaded.bsfa_open.argtypes = [ctypes.c_uint32, ctypes.c_char_p, ctypes.c_size_t]
    text = ctypes.create_string_buffer(256)
    assert not loaded.bsfa_open(2, text, len(text)), "version 2 of the interface is not offered"
    assert b"version 1" in text.value, text.value
    opened = loaded.bsfa_open(1, text, len(text))
    assert opened and opened.contents.kernel_count >= 1, text.value
    assert opened.contents.name == b"bsfa" and opened.contents.version == 1


if __name__ == "__main__":
    main()
