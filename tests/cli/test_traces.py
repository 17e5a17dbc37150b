# SPDX-License-Identifier: Apache-2.0
"""Traces: what info, export and diff say of them, read back."""

import csv
import io
import json

import numpy as np
import profiles
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

    def profiled(self, name="p.h5", **parts):
        return profiles.add(self.trace(name, "--topk", 4, qkv=self.generate()), **parts)

    def test_info_shows_a_profile(self):
        refused = [("time", ""), ("counters", "cuptiX: CUPTI_ERROR_HARDWARE_BUSY: busy")]
        text = self.bsfa("info", self.profiled(facilities=refused, gpu="NVIDIA H200 141GB HBM3e")).out
        self.assertIn("NVIDIA H200 141GB HBM3e, driver", text)
        self.assertEqual(text.count("layer 0, profile"), 1)
        for pattern in (r"multiprocessors\s+132\n", r"tile product\s+128x64\n", r"time\s+done\s+10 ms\s+\+5\.0 %\s+0\n",
                        r"counters\s+refused", r"counters refused: cuptiX: CUPTI_ERROR_HARDWARE_BUSY: busy\n\s+ask an administrator\n",
                        r"none\s+1\s+0\.01\s+3\n", r"work\s+1\.02\s+0\s+3\s+\+2\.0 % \(limit 2 %", r"dense\s+2\s+0\s+3\n",
                        r"tiles\s+144 seen", r"skipping\s+.*, measured 2\.000x",
                        r"tensor\s+inst_tensor\.sum\s+4 096\n", r"memory\s+dram_bytes\.sum\s+1 000 000 000\n",
                        r"20 samples, 1\.00 us apart\n", r"tensor\.avg\s+0\s+0\.500\s+1\.00\n",
                        r"a\.cuh:12\s+80\.0 %\s+long_scoreboard .*wait\(barrier, 1\);\n", r"warning  late-unit: SM 17 finishes 12 % late\n"):
            self.assertRegex(text, pattern)

    def test_info_leaves_out_what_a_profile_did_not_measure(self):
        self.bsfa("profile", "--qkv", self.generate(), "--topk", 4, "--kernel", "cpu", "--only", "work", "--out", self.path("p.h5"))
        text = self.bsfa("info", self.path("p.h5")).out
        self.assertIn("layer 0, profile", text)
        for word in ("nan", "launch", "sampled", "stalled", "counted"):
            self.assertNotIn(word, text)

    def test_each_table_of_a_profile_is_csv(self):
        trace = self.profiled()

        def table(what):
            return list(csv.DictReader(io.StringIO(self.bsfa("export", trace, "--what", what).out)))

        self.assertEqual([(row["variant"], row["launch"], float(row["time_ns"])) for row in table("times")][:2],
                         [("none", "0", 1e6), ("none", "1", 1.01e6)])
        self.assertEqual([(row["set"], row["metric"], float(row["value"])) for row in table("counters")], profiles.COUNTERS)
        samples = table("samples")
        self.assertEqual(len(samples), 40)
        self.assertEqual((samples[19]["metric"], samples[19]["start_ns"], samples[19]["value"]), ("tensor.avg", "19000", "1"))
        stalls = table("stalls")
        self.assertEqual([(row["file"], int(row["line"]), row["text"], row["reason"], int(row["samples"])) for row in stalls], profiles.STALLS)
        self.assertEqual({row["function"] for row in stalls}, {"forward(Params, int)"})
        spans = table("spans")
        self.assertEqual([row["kind"] for row in spans], ["range", "range", "copy", "kernel", "range", "kernel"])
        self.assertEqual(int(spans[3]["end_ns"]) - int(spans[3]["start_ns"]), 20_000)

    def test_a_table_that_is_not_there_is_refused(self):
        trace = self.trace("t.h5", "--topk", 4)
        self.refused(3, "t.h5: holds no profile", "export", trace, "--what", "counters")
        self.refused(3, "p.h5: its profile holds no stalls", "export", self.profiled(stalls=[]), "--what", "stalls")
        self.refused(2, "--what is for --format csv", "export", trace, "--format", "json", "--what", "counters")
        self.refused(2, "--what", "export", trace, "--what", "everything")

    def test_diff_compares_two_profiles(self):
        a = self.profiled("a.h5")
        b = self.profiled("b.h5", times={"none": [8e5, 8.08e5, 7.92e5], "warps": [9e5]},
                          counters=[("tensor", "inst_tensor.sum", 4096.0), ("memory", "dram_bytes.sum", 1.5e9), ("memory", "hit_rate.pct", np.nan)],
                          stalls=[("/other/a.cuh", 22, "  wait(barrier, 1);", "long_scoreboard", 20), ("/other/a.cuh", 25, '  mma("a", b);', "math_pipe", 80)],
                          facilities=[("time", ""), ("counters", ""), ("stalls", "refused it")])
        diff, = self.bsfa("diff", a, b, "--json", "-").json["profiles"]
        times = {entry["variant"]: entry for entry in diff["times"]}
        self.assertAlmostEqual(times["none"]["ratio"], 0.8)
        self.assertAlmostEqual(times["none"]["spread"], 0.8 * 0.01 * 2 ** 0.5)
        self.assertEqual((times["warps"]["a"], times["dense"]["b"], times["dense"]["ratio"]), (None, None, None))
        self.assertEqual([(entry["metric"], entry["relative"]) for entry in diff["counters"]],
                         [("dram_bytes.sum", 0.5), ("inst_tensor.sum", 0.0), ("hit_rate.pct", None)])
        # The lines moved by ten, and are known again by their text.
        self.assertEqual([(entry["line"], entry["a"], entry["b"]) for entry in diff["stall_lines"]],
                         [("a.cuh:25", 0.2, 0.8), ("a.cuh:22", 0.8, 0.2)])
        self.assertEqual(diff["stall_reasons"][0]["reason"], "math_pipe")
        self.assertIn({"name": "stalls", "a": "done", "b": "refused: refused it"}, diff["facilities"])
        self.assertGreater(diff["balance"]["a"]["span_ns"], 0)
        text = self.bsfa("diff", a, b).out
        for pattern in (r"none\s+1 ± 0\.01\s+0\.8 ± 0\.008\s+0\.800\s+0\.011\n", r"dram_bytes\.sum\s+1e\+09\s+1\.5e\+09\s+\+50\.0 %\n",
                        r"a\.cuh:25\s+20\.0 %\s+80\.0 %\s+\+60\.0 %\s+mma", r"busiest over mean", r"same verdict and same masks"):
            self.assertRegex(text, pattern)
        self.assertNotIn("inst_tensor", text)

    def test_diff_of_a_profile_with_itself_finds_nothing(self):
        trace = self.profiled()
        diff, = self.bsfa("diff", trace, trace, "--json", "-").json["profiles"]
        self.assertEqual({entry["ratio"] for entry in diff["times"]}, {1.0})
        self.assertEqual({entry["relative"] for entry in diff["counters"]}, {0.0})
        self.assertTrue(all(entry["a"] == entry["b"] for entry in diff["stall_lines"] + diff["stall_reasons"]))
        self.assertIsNone(diff["balance"]["better"])
        self.assertIn("same lines for the same reasons", self.bsfa("diff", trace, trace).out)

    def test_diff_names_a_profile_that_one_trace_lacks(self):
        difference = self.bsfa("diff", self.trace("a.h5", "--topk", 4), self.profiled("b.h5"), "--json", "-").json
        self.assertEqual(difference["profiles"], [])
        self.assertEqual(difference["profiles_only_in_one"], ["layer 0: profile only in B"])

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
