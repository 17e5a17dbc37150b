#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the smoke test in an X server of its own. 77: there is none here.

smoke.py PROGRAM SCREENSHOT
"""

import os
import shutil
import subprocess
import sys
import tempfile


def main():
    program, screenshot = sys.argv[1:]
    if not all(shutil.which(name) for name in ("Xvfb", "xvfb-run", "xauth")):
        print("there is no Xvfb")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, XDG_RUNTIME_DIR=folder, XDG_CONFIG_HOME=folder)
        run = subprocess.run(["xvfb-run", "-a", "-s", "-screen 0 1440x900x24", program, screenshot],
                             env=environment, timeout=120)
    if run.returncode != 0:
        return 1
    size = os.path.getsize(screenshot)
    print(f"{screenshot}: {size} bytes")
    # One colour alone would compress to a fraction of this.
    return 0 if size > 20000 else 1


if __name__ == "__main__":
    sys.exit(main())
