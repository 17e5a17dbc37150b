# SPDX-License-Identifier: Apache-2.0
"""Traces: what info, export and diff say of them, read back."""

import csv
import io
import json

import support


class Tests(support.Case):
    def trace(self, name, *arguments, qkv=None):
        self.bsfa("compare", "--qkv", qkv or self.generate(), *arguments, "--out", self.path(name))
        return self.path(name)

    def rows(self, trace):
        return list(csv.DictReader(io.StringIO(self.bsfa("export", trace, "--format", "csv").out)))

    def test_info_describes_a_trace(self):
        text = self.bsfa("info", self.trace("t.h5", "--topk", 4)).out
        for word in ("trace", "verdict", "pass", "cpu", "--topk 4", "layer 0, sequence 0", "16 Q blocks"):
            self.assertIn(word, text)

    def test_info_says_how_evenly_the_work_was_shared_and_what_tiles_cost(self):
        text = self.bsfa("info", self.trace("t.h5", "--topk", 4, qkv=self.generate(B=2))).out
        self.assertEqual(text.count("layer 0, work"), 1)
        self.assertRegex(text, r"\n  balance   \d+ workers?, max/mean \d\.\d{3}, idle [\d.]+ %\n")
        self.assertRegex(text, r"\n  cost      .*us a tile seen .*us a tile kept, R² ")
        self.assertNotIn("do not determine", text)

    def test_info_says_what_a_dense_run_cannot_tell(self):
        trace = self.path("t.h5")
        self.bsfa("compare", "--qkv", self.generate(), "--keep-all", "--out", trace)
        self.assertIn("do not determine the cost of a tile seen or a tile kept alone", self.bsfa("info", trace).out)

    def test_info_describes_inputs_and_tables(self):
        qkv = self.generate()
        text = self.bsfa("info", qkv).out
        self.assertIn("M 1024", text)
        self.assertIn("[1,2,1024,64]", text)
        self.assertIn("structured", text)
        self.bsfa("calibrate", "--qkv", qkv, "--k", "2,4", "--out", self.path("t.safetensors"))
        self.assertIn("threshold table", self.bsfa("info", self.path("t.safetensors")).out)

    def test_csv_has_one_line_for_each_q_block(self):
        rows = self.rows(self.trace("t.h5", "--topk", 4))
        self.assertEqual(len(rows), 16)
        self.assertEqual([int(row["q_block"]) for row in rows[:8]], list(range(8)))
        self.assertEqual([int(row["off_diagonal"]) for row in rows[:8]], [2 * block for block in range(8)])
        self.assertEqual(rows[0]["density"], "")
        self.assertTrue(all(0 < float(row["retained_mass"]) <= 1 for row in rows))

    def test_csv_adds_up_to_the_report(self):
        qkv = self.generate(B=2, M=512)
        report = self.compare("--qkv", qkv, "--topk", 2, "--out", self.path("t.h5"))
        rows = self.rows(self.path("t.h5"))
        self.assertEqual(sum(int(row["kept"]) for row in rows), report["tiles"]["kept"])
        self.assertEqual({row["sequence"] for row in rows}, {"0", "1"})
        self.assertAlmostEqual(max(float(row["error_arithmetic"]) for row in rows), report["errors"]["arithmetic"], places=6)

    def test_json_holds_the_report_and_every_q_block(self):
        trace = self.trace("t.h5", "--topk", 4)
        self.bsfa("export", trace, "--format", "json", "--out", self.path("t.json"))
        document = json.loads(self.path("t.json").read_text())
        self.assertEqual(document["report"]["verdict"], "pass")
        self.assertEqual(len(document["sequences"][0]["blocks"]), 16)
        self.assertEqual(document["provenance"]["input"]["sha256"], document["report"]["provenance"]["input"]["sha256"])

    def test_a_sampled_trace_holds_the_sample_only(self):
        rows = self.rows(self.trace("t.h5", "--tau", 7, "--sample", 5))
        self.assertEqual(len(rows), 5)
        self.assertNotIn("nan", {row["retained_mass"] for row in rows})

    def test_all_layers_are_in_the_trace(self):
        rows = self.rows(self.trace("t.h5", "--layer", "all", "--topk", 4, qkv=self.layers(2, 7)))
        self.assertEqual({row["layer"] for row in rows}, {"2", "7"})

    def test_the_same_run_twice_makes_the_same_trace(self):
        qkv = self.generate()
        a, b = self.trace("a.h5", "--topk", 4, qkv=qkv), self.trace("b.h5", "--topk", 4, qkv=qkv)
        difference = self.bsfa("diff", a, b, "--json", "-").json
        self.assertIs(difference["same"], True)
        self.assertEqual([entry["what"] for entry in difference["provenance"]], ["command line"])
        self.assertEqual(difference["sequences"][0]["kernel_mask"]["differing"], 0)
        self.assertIn("same verdict", self.bsfa("diff", a, b).out)

    def test_diff_counts_the_tiles_that_differ_and_says_where(self):
        qkv = self.generate()
        a, b = self.trace("a.h5", "--topk", 4, qkv=qkv), self.trace("b.h5", "--topk", 5, qkv=qkv)
        difference = self.bsfa("diff", a, b, "--json", "-", expect=1).json
        kept = [sum(int(row["kept"]) for row in self.rows(trace)) for trace in (a, b)]
        mask = difference["sequences"][0]["kernel_mask"]
        self.assertEqual(mask["differing"], kept[1] - kept[0])
        self.assertEqual(mask["first"]["head"], 0)
        self.assertEqual(mask["first"]["q_block"], 3)
        self.assertIn("tiles differ, first at head 0, Q block 3", self.bsfa("diff", a, b, expect=1).out)

    def test_diff_compares_q_blocks_that_both_hold(self):
        qkv = self.generate()
        a = self.trace("a.h5", "--tau", 7, qkv=qkv)
        b = self.trace("b.h5", "--tau", 7, "--sample", 6, qkv=qkv)
        difference = self.bsfa("diff", a, b, "--json", "-").json
        self.assertEqual(difference["sequences"][0]["common_blocks"], 6)
        self.assertEqual(difference["sequences"][0]["kernel_mask"]["compared"], 6 * 16)

    def test_diff_of_different_problems_says_so(self):
        a = self.trace("a.h5", "--topk", 4)
        b = self.trace("b.h5", "--topk", 4, qkv=self.generate(M=768))
        difference = self.bsfa("diff", a, b, "--json", "-", expect=1).json
        self.assertIs(difference["sequences"][0]["same_problem"], False)

    def test_h5py_reads_what_the_report_says(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("python3-h5py is not installed")
        report = self.compare("--qkv", self.generate(), "--topk", 4, "--out", self.path("t.h5"))
        with h5py.File(self.path("t.h5")) as trace:
            masks = [group for name, group in trace["layers/0/seq/0"].items() if name == "mask_kernel"]
            self.assertEqual(int((masks[0][()] == 2).sum()), report["tiles"]["kept"])
            self.assertEqual(int((masks[0][()] == 1).sum()), report["tiles"]["skipped"])


if __name__ == "__main__":
    support.main()
