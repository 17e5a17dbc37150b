#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the counts of a ctest JUnit file, and what was skipped, so that no skip goes unseen."""

import sys
import xml.etree.ElementTree as xml


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: count_tests.py JUNIT.xml")
    passed, failed, skipped = [], [], []
    for case in xml.parse(sys.argv[1]).getroot().iter("testcase"):
        status = case.get("status")
        bucket = passed if status == "run" else skipped if status in ("notrun", "disabled") else failed
        bucket.append(case.get("name"))
    for name in skipped:
        print(f"skipped: {name}")
    for name in failed:
        print(f"failed: {name}")
    print(f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")


if __name__ == "__main__":
    main()
