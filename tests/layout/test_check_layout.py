#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plants faults in a copy of a small tree and sees that check_layout.py names each."""

import pathlib
import subprocess
import sys
import tempfile

CHECKER = pathlib.Path(__file__).with_name("check_layout.py")
PLANTED = {
    "includes": ("analysis/bad.h", '// SPDX-License-Identifier: Apache-2.0\n#include "io/half.h"\n', "analysis may not see io"),
    "licence": ("core/bad.h", "#pragma once\n", "has no SPDX line"),
    "size": ("core/bad.cpp", "// SPDX-License-Identifier: Apache-2.0\n" + "\n" * 600, "two files would be clearer"),
    "language": ("core/bad.cpp", "// SPDX-License-Identifier: Apache-2.0\n// TO" "DO\n", "leaves something to be done"),
}


def run(root, rule):
    return subprocess.run([sys.executable, CHECKER, root, rule], capture_output=True, text=True)


def main():
    for rule, (name, text, expected) in PLANTED.items():
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            subprocess.run(["git", "init", "-q", root], check=True)
            for i in range(12):
                path = root / "core" / f"good{i}.h"
                path.parent.mkdir(exist_ok=True)
                path.write_text("// SPDX-License-Identifier: Apache-2.0\n")
            (root / "io").mkdir()
            (root / "io" / "half.h").write_text("// SPDX-License-Identifier: Apache-2.0\n")
            clean = run(root, rule)
            assert clean.returncode == 0, f"{rule}: a clean tree is refused: {clean.stdout}{clean.stderr}"
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
            planted = run(root, rule)
            assert planted.returncode == 1 and expected in planted.stdout, f"{rule}: not found: {planted.stdout}"


if __name__ == "__main__":
    main()
