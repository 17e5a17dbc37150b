# SPDX-License-Identifier: Apache-2.0
"""scripts/bundle itself: what it refuses, and what it leaves behind."""

import os
import shutil
import subprocess

import support


class Tests(support.Case):
    def script(self, *arguments, expect):
        done = subprocess.run([str(support.ROOT / "scripts/bundle"), *map(str, arguments)], capture_output=True, text=True)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def test_an_unknown_option_is_refused(self):
        self.assertIn("unknown option --fast", self.script("--fast", expect=2).stderr)
        self.assertIn("--out needs a folder", self.script("--out", expect=2).stderr)

    def test_a_build_that_needs_libraries_of_the_machine_is_refused(self):
        build = self.folder / "build"
        build.mkdir()
        (build / "CMakeCache.txt").write_text("BSFA_STATIC:BOOL=OFF\n")
        refused = self.script("--as-built", "--build", build, "--out", self.folder / "out", expect=1)
        self.assertIn("BSFA_STATIC is off", refused.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_a_build_folder_without_programs_leaves_nothing_behind(self):
        build = self.folder / "build"
        build.mkdir()
        (build / "CMakeCache.txt").write_text("BSFA_STATIC:BOOL=ON\n")
        refused = self.script("--as-built", "--build", build, "--out", self.folder / "out", expect=1)
        self.assertIn("cannot install from", refused.stderr)
        self.assertEqual(os.listdir(self.folder / "out"), [])

    def test_the_same_build_gives_the_same_archive(self):
        out = self.folder / "out"
        self.script("--as-built", "--build", support.BUILD, "--out", out, expect=0)
        first = (out / self.archive.name).read_bytes()
        shutil.rmtree(out / self.bundle.name)
        self.script("--as-built", "--build", support.BUILD, "--out", out, expect=0)
        self.assertEqual(first, (out / self.archive.name).read_bytes())


if __name__ == "__main__":
    support.main()
