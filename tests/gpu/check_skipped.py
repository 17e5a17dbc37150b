#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that GPU tests can be listed without a device, and that running them there skips, neither passes nor fails.

check_skipped.py TESTS
"""

import os
import subprocess
import sys

SKIPPED = 77


def run(tests, *arguments):
    # Where there is a device, it is hidden.
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run([tests, *arguments], env=hidden, capture_output=True, text=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    listed = run(sys.argv[1], "--list-test-names-only", "[small]")
    names = listed.stdout.splitlines()
    assert len(names) > 10, f"only {len(names)} tests are listed"
    refused = run(sys.argv[1], names[0])
    assert refused.returncode == SKIPPED, f"exit code {refused.returncode}"
    assert refused.stderr == "skipped: there is no CUDA device\n", refused.stderr
    assert refused.stdout == "", refused.stdout
    mistaken = run(sys.argv[1], "--no-such-option")
    assert mistaken.returncode not in (0, SKIPPED), "a mistaken option passes for a skipped test"


if __name__ == "__main__":
    main()
