#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Calibrates on one text of a real model and checks another: thresholds must carry over.

    test_real_model.py BSFA

Needs BSFA_LM_DIR, a folder with capture.py and texts/; without it the test is skipped (exit code 77).
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77
TOKENS = 6144
LAYERS = "0,1,2"
# Head 2.3 of this model attends locally, 0.1 nearly everywhere (its README gives the figures).
LOCAL, DIFFUSE = (2, 3), (0, 1)


def capture(lm, out, skip):
    subprocess.run(["/usr/bin/python3", lm / "capture.py", lm / "texts/moby_dick.txt", "--tokens", str(TOKENS),
                    "--skip", str(skip), "--layers", LAYERS, "--out", out], check=True, capture_output=True)


class RealModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(cls.folder.name)
        lm = pathlib.Path(os.environ["BSFA_LM_DIR"])
        cls.seen, cls.held_out, cls.thresholds = root / "seen.safetensors", root / "held.safetensors", root / "t.safetensors"
        capture(lm, cls.seen, 0)
        capture(lm, cls.held_out, 300000)
        cls.bsfa("calibrate", "--qkv", cls.seen, "--layer", "all", "--k", "8,16,32", "--out", cls.thresholds)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def bsfa(cls, *arguments):
        run = subprocess.run([BSFA, *map(str, arguments)], capture_output=True, text=True)
        assert run.returncode == 0, f"exit code {run.returncode}: {run.stdout}{run.stderr}"
        return run.stdout

    def compare(self, *arguments):
        return json.loads(self.bsfa("compare", "--kernel", "cpu", "--json", "-", *arguments))

    def test_thresholds_of_one_text_gate_another_and_the_kernel_passes(self):
        report = self.compare("--qkv", self.held_out, "--layer", "all", "--thresholds", self.thresholds, "--k", "16")
        self.assertEqual(report["verdict"], "pass")
        self.assertFalse(report["self_calibrated"])
        self.assertGreater(report["tiles"]["skipped"], 1000)
        self.assertGreater(report["tiles"]["kept"], 1000)
        mass = {(head["layer"], head["head"]): head["retained_mass"] for head in report["heads"]}
        self.assertGreater(mass[LOCAL], 0.9)
        self.assertLess(mass[DIFFUSE], mass[LOCAL] - 0.1)

    def test_a_larger_k_keeps_more_tiles_and_more_mass(self):
        few, many = (self.compare("--qkv", self.held_out, "--layer", "1", "--thresholds", self.thresholds, "--k", k)
                     for k in ("8", "32"))
        self.assertLess(few["density"], many["density"])
        self.assertLess(few["retained_mass"], many["retained_mass"])
        self.assertGreater(few["errors"]["method"], many["errors"]["method"])

    def test_calibrating_on_the_input_itself_keeps_k_tiles_in_every_full_row(self):
        report = self.compare("--qkv", self.held_out, "--layer", "2", "--topk", "16")
        self.assertTrue(report["self_calibrated"])
        # 48 Q blocks of 128 see 2m off-diagonal tiles each; 16 are kept where there are more.
        kept_per_head = sum(min(16, 2 * block) for block in range(TOKENS // 128))
        self.assertEqual(report["tiles"]["kept"], 4 * kept_per_head)


if __name__ == "__main__":
    BSFA = sys.argv.pop(1)
    if not os.environ.get("BSFA_LM_DIR"):
        print("BSFA_LM_DIR is not set: skipped")
        sys.exit(SKIPPED)
    unittest.main()
