# SPDX-License-Identifier: Apache-2.0
"""What the tests of the bundle share: where it lies, and a copy of it somewhere else."""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

BUILT = pathlib.Path(os.environ["BSFA_BIN"])
BUILD = pathlib.Path(os.environ["BSFA_BUILD"])
ROOT = pathlib.Path(os.environ["BSFA_ROOT"])
PACKED = pathlib.Path(os.environ["BSFA_PACKED"])
STATIC = os.environ["BSFA_STATIC"] == "ON"
SAMPLE = "examples/data/moby_dick-layer4-4096.safetensors"
SKIPPED = 77


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        if not STATIC:
            self.skipTest("no bundle: BSFA_STATIC is off")
        folders = [path for path in PACKED.glob("bsfa-*") if path.is_dir()]
        self.assertEqual(len(folders), 1, folders)
        self.bundle = folders[0]
        self.archive = PACKED / (self.bundle.name + ".tar.gz")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def moved(self):
        """The bundle in a folder whose name needs quoting."""
        place = self.folder / "another place, with spaces" / "bsfa's"
        shutil.copytree(self.bundle, place)
        return place

    def part(self, name):
        """A part that is there only in builds with CUDA."""
        if not (self.bundle / name).is_file():
            self.skipTest(f"the bundle was built without {name}")
        return self.bundle / name


def main():
    """Runs the test named on the command line; ctest takes 77 for skipped."""
    result = unittest.main(module="__main__", exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped and len(result.skipped) == result.testsRun else 0)
