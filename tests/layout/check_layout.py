#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the rooms keep to themselves: includes run one way, and files keep the house's form.

check_layout.py ROOT RULE     RULE is one of: includes, licence, size, language
"""

import pathlib
import re
import subprocess
import sys

SOURCES = (".h", ".hpp", ".cpp", ".c", ".cu", ".cuh")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)

# A room may include itself and these.
MAY_INCLUDE = {
    "core": set(),
    "io": {"core"},
    "reference": {"core"},
    "kernels": {"core"},
    "analysis": {"core"},
    "traces": {"core"},
    "profiler": {"core", "kernels", "traces"},
    "gui": {"core", "io", "analysis", "traces"},
    "cli": {"core", "io", "reference", "kernels", "analysis", "traces", "profiler"},
}
ROOMS = set(MAY_INCLUDE)
LARGEST_FILE = 500


def tracked(root):
    listing = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             check=True, capture_output=True, text=True).stdout
    return [root / name for name in listing.split("\0") if name and (root / name).is_file()]


def check_includes(root, files):
    for path in files:
        room = path.relative_to(root).parts[0]
        if room not in ROOMS or path.suffix not in SOURCES:
            continue
        for target in INCLUDE.findall(path.read_text(encoding="utf-8")):
            other = target.split("/")[0]
            if not (root / target).is_file():
                yield path, f'includes "{target}", which is not a path from the root'
            elif other not in MAY_INCLUDE[room] | {room}:
                yield path, f'includes "{target}": {room} may not see {other}'


def check_licence(_, files):
    for path in files:
        if path.suffix in SOURCES + (".py", ".cmake") or path.name == "CMakeLists.txt":
            head = path.read_text(encoding="utf-8").split("\n", 3)[:2]
            if not any("SPDX-License-Identifier:" in line for line in head):
                yield path, "has no SPDX line at its top"


def check_size(_, files):
    for path in files:
        if path.suffix in SOURCES:
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines > LARGEST_FILE:
                yield path, f"has {lines} lines, more than {LARGEST_FILE}: two files would be clearer"


def check_language(_, files):
    unfinished = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    for path in files:
        if path.suffix in SOURCES + (".py", ".md", ".cmake") or path.name == "CMakeLists.txt":
            for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
                if unfinished.search(line):
                    yield path, f"line {number} leaves something to be done"


RULES = {"includes": check_includes, "licence": check_licence, "size": check_size, "language": check_language}


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in RULES:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1]).resolve()
    files = tracked(root)
    if len(files) < 10:
        sys.exit(f"{root}: only {len(files)} files found, this check would prove nothing")
    faults = list(RULES[sys.argv[2]](root, files))
    for path, text in faults:
        print(f"{path.relative_to(root)}: {text}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
