# SPDX-License-Identifier: Apache-2.0
"""The main job: verdicts, the report and its numbers."""

import json

import support


class Tests(support.Case):
    def test_the_report_ends_in_the_verdict(self):
        text = self.bsfa("compare", "--qkv", self.generate(), "--topk", 4).out
        self.assertIn("verdict: pass\n", text)
        for word in ("density", "retained", "arithmetic", "gating", "method", "certificate", "worst arithmetic"):
            self.assertIn(word, text)

    def test_the_json_report_has_every_promised_key(self):
        report = self.compare("--qkv", self.generate(), "--topk", 4)
        self.assertEqual(report["verdict"], "pass")
        self.assertTrue(report["passed"])
        self.assertEqual(report["reasons"], [])
        self.assertTrue(0.0 < report["density"] < 1.0)
        self.assertTrue(0.0 < report["retained_mass_min"] <= report["retained_mass"] <= 1.0)
        self.assertTrue(0.0 < report["errors"]["arithmetic"] < 1.0)
        self.assertEqual(report["errors"]["gating"]["violations"], 0)
        self.assertIn("ties", report["errors"]["gating"])
        self.assertGreater(report["errors"]["method"], 0.0)
        tiles = report["tiles"]
        self.assertEqual(tiles["kept"] + tiles["skipped"], tiles["off_diagonal"])
        self.assertEqual(report["density"], tiles["kept"] / tiles["off_diagonal"])
        self.assertIs(report["sampled"], False)
        self.assertIs(report["self_calibrated"], True)
        self.assertIs(report["gating_inferred"], False)
        self.assertEqual([head["head"] for head in report["heads"]], [0, 1])
        for key in ("arithmetic", "gating", "method"):
            self.assertIn("q_block", report["worst"][key])
        provenance = report["provenance"]
        self.assertEqual(len(provenance["input"]["sha256"]), 64)
        self.assertIn("--topk 4", provenance["command_line"])

    def test_heads_add_up_to_the_whole(self):
        report = self.compare("--qkv", self.generate(H=4, B=2, M=512), "--topk", 2)
        self.assertEqual(len(report["heads"]), 8)
        for key in ("off_diagonal", "kept", "skipped", "diagonal"):
            self.assertEqual(sum(head["tiles"][key] for head in report["heads"]), report["tiles"][key])
        self.assertEqual(max(head["errors"]["arithmetic"] for head in report["heads"]), report["errors"]["arithmetic"])

    def test_topk_keeps_about_k_tiles_of_each_q_block(self):
        report = self.compare("--qkv", self.generate(), "--topk", 4)
        expected = 2 * sum(min(4, 2 * block) for block in range(8))
        self.assertEqual(report["tiles"]["kept"], expected)

    def test_the_same_command_gives_the_same_report(self):
        qkv = self.generate()
        for threads in (1, 2):
            first = self.compare("--qkv", qkv, "--topk", 4, "--sample", 5, "--seed", 3, "--threads", threads)
            again = self.compare("--qkv", qkv, "--topk", 4, "--sample", 5, "--seed", 3)
            self.assertEqual(support.without_times(first), support.without_times(again))

    def test_a_sample_is_the_size_that_was_asked_for_and_says_so(self):
        report = self.compare("--qkv", self.generate(), "--tau", 7, "--sample", 5, "--seed", 9)
        self.assertIs(report["sampled"], True)
        self.assertEqual(report["sample"], {"count": 5, "of": 16, "seed": 9})
        self.assertEqual(report["checked_blocks"], 5)
        self.assertTrue(report["layers"][0]["kernel"]["work_list"])

    def test_one_q_block_is_checked_alone_as_in_the_whole(self):
        qkv = self.generate()
        self.bsfa("compare", "--qkv", qkv, "--tau", 7, "--out", self.path("whole.h5"))
        report = self.compare("--qkv", qkv, "--tau", 7, "--q-block", "0/1/6", "--out", self.path("one.h5"))
        self.assertEqual(report["sample"], {"count": 1, "of": 16, "seed": None})
        self.assertEqual(report["worst"]["arithmetic"]["head"], 1)
        self.assertEqual(report["worst"]["arithmetic"]["q_block"], 6)
        whole = self.bsfa("export", self.path("whole.h5")).out.splitlines()
        one = self.bsfa("export", self.path("one.h5")).out.splitlines()
        self.assertEqual(len(one), 2)
        self.assertIn(one[1], whole)
        text = self.bsfa("compare", "--qkv", qkv, "--tau", 7, "--q-block", "0/1/6").out
        self.assertIn("checked      1 of 16 Q blocks; the kernel computed these alone\n", text)

    def test_a_q_block_that_is_none_is_refused(self):
        qkv = self.generate()
        for place in ("1/0/0", "0/2/0", "0/0/8", "0/0/-1", "0/0", "0/0/0/0", "x/0/0", "//"):
            error = self.bsfa("compare", "--qkv", qkv, "--tau", 7, "--q-block", place, expect=2).err
            self.assertIn(f"--q-block: {place} is not", error)
        self.bsfa("compare", "--qkv", qkv, "--tau", 7, "--q-block", "0/0/0", "--sample", 3, expect=2)

    def test_a_sample_of_everything_equals_the_whole(self):
        qkv = self.generate()
        whole = self.compare("--qkv", qkv, "--tau", 7, "--sample", "all")
        sampled = self.compare("--qkv", qkv, "--tau", 7, "--sample", 16)
        self.assertEqual(support.without_times(whole), support.without_times(sampled))

    def test_sampled_q_blocks_are_judged_as_in_the_whole(self):
        qkv = self.generate()
        self.bsfa("compare", "--qkv", qkv, "--tau", 7, "--out", self.path("whole.h5"))
        self.bsfa("compare", "--qkv", qkv, "--tau", 7, "--sample", 6, "--out", self.path("sample.h5"))
        whole = set(self.bsfa("export", self.path("whole.h5")).out.splitlines())
        sample = self.bsfa("export", self.path("sample.h5")).out.splitlines()
        self.assertEqual(len(sample), 7)
        self.assertLess(set(sample), whole)

    def test_a_sampled_self_calibration_reaches_heads_out_of_the_sample(self):
        report = self.compare("--qkv", self.generate(H=8, M=1000), "--topk", 2, "--sample", 3)
        self.assertEqual(report["verdict"], "pass")
        self.assertTrue(report["self_calibrated"])

    def test_all_layers_are_compared_and_the_worst_decides(self):
        report = self.compare("--qkv", self.layers(2, 7), "--layer", "all", "--topk", 4)
        self.assertEqual([layer["layer"] for layer in report["layers"]], [2, 7])
        self.assertEqual(len(report["heads"]), 4)
        self.assertEqual(report["verdict"], "pass")
        self.assertEqual(report["tiles"]["kept"], sum(layer["tiles"]["kept"] for layer in report["layers"]))

    def test_one_layer_that_fails_fails_the_whole(self):
        good = self.layers(2, name="good.safetensors")
        tensors = support.read_safetensors(good)
        flat = support.read_safetensors(self.generate("all-equal"))
        tensors.update({f"layers.3.{name}": value for name, value in flat.items()})
        support.write_safetensors(self.path("both.safetensors"), tensors)
        report = self.compare("--qkv", self.path("both.safetensors"), "--layer", "all", "--tau", -1000, expect=1)
        self.assertEqual(report["verdict"], "inconclusive")
        self.assertTrue(any(reason.startswith("layer 3: ") for reason in report["reasons"]), report["reasons"])

    def test_thresholds_from_a_file_equal_those_of_this_very_input(self):
        qkv = self.generate()
        self.bsfa("calibrate", "--qkv", qkv, "--k", "2,4", "--out", self.path("t.safetensors"))
        own = self.compare("--qkv", qkv, "--topk", 4)
        read = self.compare("--qkv", qkv, "--thresholds", self.path("t.safetensors"), "--k", 4)
        self.assertIs(read["self_calibrated"], False)
        for key in ("verdict", "density", "retained_mass", "errors", "tiles", "heads"):
            self.assertEqual(own[key], read[key], key)

    def test_a_check_that_skipped_nothing_is_inconclusive(self):
        report = self.compare("--qkv", self.generate(), "--topk", 100000, expect=1)
        self.assertEqual(report["verdict"], "inconclusive")
        self.assertFalse(report["passed"])
        self.assertNotEqual(report["reasons"], [])

    def test_keeping_all_on_purpose_is_no_failure(self):
        for flag in ("--keep-all", "--dense"):
            report = self.compare("--qkv", self.generate(), flag)
            self.assertEqual(report["verdict"], "inconclusive")
            self.assertTrue(report["passed"])
            self.assertEqual(report["tiles"]["skipped"], 0)
            self.assertEqual(report["errors"]["method"], 0)

    def test_a_problem_without_off_diagonal_tiles_has_no_density(self):
        report = self.compare("--qkv", self.generate(M=100), "--topk", 4, expect=1)
        self.assertIsNone(report["density"])
        self.assertEqual(report["tiles"]["off_diagonal"], 0)

    def test_every_gate_shape_and_fewer_queries_than_keys_are_judged(self):
        for gate in ("128x64", "64x64", "128x128"):
            qkv = self.generate(M=300, N=1000, gate=gate)
            report = self.compare("--qkv", qkv, "--gate", gate, "--topk", 2)
            self.assertEqual(report["verdict"], "pass", gate)
            self.assertEqual(report["layers"][0]["problem"]["gate"], gate)

    def test_without_causality_all_columns_count(self):
        qkv = self.generate(M=512)
        report = self.compare("--qkv", qkv, "--topk", 2, "--no-causal")
        self.assertEqual(report["tiles"]["off_diagonal"], 2 * 4 * 6)
        self.assertFalse(report["layers"][0]["problem"]["causal"])

    def test_the_scale_can_be_given(self):
        report = self.compare("--qkv", self.generate(), "--topk", 4, "--scale", 0.25)
        self.assertEqual(report["layers"][0]["problem"]["scale"], 0.25)

    def test_values_that_json_does_not_know_become_strings(self):
        done = self.bsfa("compare", "--qkv", self.generate("all-equal"), "--tau", "inf", "--json", "-")

        def refuse(constant):
            raise AssertionError(f"{constant} is no JSON")
        json.loads(done.out, parse_constant=refuse)

    def test_a_repeated_run_is_reported(self):
        qkv = self.generate()
        self.assertIn("two runs agree", self.bsfa("compare", "--qkv", qkv, "--topk", 4).out)
        self.assertIn("run once", self.bsfa("compare", "--qkv", qkv, "--topk", 4, "--no-repeat").out)

    def test_a_table_of_heads_lists_each_head_once_for_all_batch_entries(self):
        text = self.bsfa("compare", "--qkv", self.generate(B=3, H=2, M=512), "--topk", 2).out
        self.assertEqual(len([line for line in text.splitlines() if line.lstrip().startswith(("0 ", "1 "))]), 2)


if __name__ == "__main__":
    support.main()
