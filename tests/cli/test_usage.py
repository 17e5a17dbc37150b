# SPDX-License-Identifier: Apache-2.0
"""Options: what is refused, in which words, and what help says."""

import os
import subprocess

import support


class Tests(support.Case):
    def test_no_command_is_a_usage_error(self):
        self.refused(2, "subcommand", )

    def test_an_unknown_command_is_a_usage_error(self):
        self.refused(2, "profile", "trace")

    def test_an_unknown_option_is_named(self):
        self.refused(2, "--sideways", "compare", "--qkv", "x", "--topk", 1, "--sideways")

    def test_a_missing_input_option_is_named(self):
        self.refused(2, "--qkv", "compare", "--topk", 4)

    def test_help_is_no_error_and_explains_every_command(self):
        overview = self.bsfa("--help").out
        for command in ("compare", "sweep", "bench", "calibrate", "generate", "thresholds", "diff", "info", "export"):
            self.assertIn(command, overview)
            text = self.bsfa(command, "--help").out
            self.assertIn("Example", text)
            self.assertIn(f"bsfa {command} ", text)

    def test_help_shows_no_line_wider_than_a_terminal(self):
        for command in ("compare", "sweep", "bench", "calibrate", "thresholds", "diff", "info", "export"):
            for line in self.bsfa(command, "--help").out.splitlines():
                self.assertLessEqual(len(line), 110, line)

    def test_version_names_version_and_commit(self):
        self.assertRegex(self.bsfa("--version").out, r"^bsfa \d+\.\d+\.\d+ \(\w+(-dirty)?\)\n$")

    def test_a_comparison_needs_thresholds(self):
        self.refused(2, "one of --thresholds, --topk", "compare", "--qkv", self.generate())

    def test_two_sources_of_thresholds_are_refused(self):
        self.refused(2, "only one of", "compare", "--qkv", self.generate(), "--topk", 4, "--tau", 1)
        self.refused(2, "only one of", "compare", "--qkv", self.generate(), "--dense", "--keep-all")

    def test_k_without_a_table_is_refused(self):
        self.refused(2, "--thresholds", "compare", "--qkv", self.generate(), "--topk", 4, "--k", 4)

    def test_a_negative_topk_is_refused(self):
        self.refused(2, "--topk", "compare", "--qkv", self.generate(), "--topk", -1)

    def test_a_threshold_of_minus_infinity_is_understood(self):
        report = self.compare("--qkv", self.generate(), "--tau", "-inf")
        self.assertEqual(report["tiles"]["skipped"], 0)
        report = self.compare("--qkv", self.generate(), "--tau", "inf")
        self.assertEqual(report["tiles"]["kept"], 0)
        self.assertGreater(report["tiles"]["skipped"], 0)

    def test_a_threshold_that_is_no_number_is_refused(self):
        self.refused(3, "NaN", "compare", "--qkv", self.generate(), "--tau", "nan")
        self.refused(2, "--tau", "compare", "--qkv", self.generate(), "--tau", "high")

    def test_a_gate_that_does_not_exist_is_refused(self):
        self.refused(2, "--gate", "compare", "--qkv", self.generate(), "--topk", 4, "--gate", "32x32")

    def test_a_sample_must_be_a_positive_number_or_all(self):
        for sample in ("0", "-3", "some", "4.5", "99999999999999999999"):
            self.refused(2, "--sample", "compare", "--qkv", self.generate(), "--topk", 4, f"--sample={sample}")

    def test_a_layer_must_be_a_number_or_all(self):
        self.refused(2, "--layer", "compare", "--qkv", self.generate(), "--topk", 4, "--layer", "fourth")

    def test_an_unknown_kernel_is_refused_with_those_there_are(self):
        self.refused(2, "cpu", "compare", "--qkv", self.generate(), "--topk", 4, "--kernel", "gpu")

    def test_a_kernel_and_a_saved_output_exclude_one_another(self):
        self.refused(2, "--output", "compare", "--qkv", "x", "--topk", 4, "--kernel", "cpu", "--output", "o")

    def test_sweep_needs_its_k_values_once_each(self):
        qkv = self.generate()
        self.refused(2, "--k", "sweep", "--qkv", qkv)
        self.refused(2, "given twice", "sweep", "--qkv", qkv, "--k", "4,8,4")
        self.refused(2, "negative", "sweep", "--qkv", qkv, "--k=-4,8")

    def test_calibrate_needs_input_and_output(self):
        self.refused(2, "--qkv or --merge", "calibrate", "--out", self.path("t"))
        self.refused(2, "--out or --partial", "calibrate", "--qkv", self.generate(), "--k", 4)
        self.refused(2, "given twice", "calibrate", "--qkv", "a", "a", "--k", 4, "--out", self.path("t"))

    def test_an_unknown_kind_of_input_is_refused_with_those_there_are(self):
        self.refused(2, "gaussian", "generate", "noise", "--out", self.path("x"))
        self.assertEqual(self.files(), [])

    def test_an_output_that_would_replace_an_input_is_refused(self):
        qkv = self.generate()
        before = qkv.read_bytes()
        self.refused(2, "overwritten", "compare", "--qkv", qkv, "--topk", 4, "--out", qkv)
        self.refused(2, "overwritten", "calibrate", "--qkv", qkv, "--k", 4, "--out", qkv)
        self.assertEqual(qkv.read_bytes(), before)

    def test_a_full_standard_output_is_an_output_error(self):
        qkv = self.generate()
        for arguments in (["--help"], ["--version"], ["compare", "--qkv", qkv, "--topk", "4"],
                          ["compare", "--qkv", qkv, "--topk", "4", "--json", "-"], ["info", qkv]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([support.BSFA, *map(str, arguments)], stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 5, arguments)
            self.assertEqual(done.stderr, "bsfa: standard output: No space left on device\n")

    def test_a_closed_pipe_is_an_output_error(self):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([support.BSFA, "--help"], stdout=write, stderr=subprocess.PIPE, text=True)
        os.close(write)
        self.assertEqual(done.returncode, 5)
        self.assertEqual(done.stderr, "bsfa: standard output: Broken pipe\n")

    def test_progress_stays_out_of_a_pipe(self):
        self.assertEqual(self.bsfa("compare", "--qkv", self.generate(), "--topk", 4).err, "")

    def test_progress_with_remaining_time_appears_on_a_terminal(self):
        qkv = self.generate(M=8192, H=2)
        terminal, other = os.openpty()
        process = subprocess.Popen([support.BSFA, "compare", "--qkv", qkv, "--topk", "4", "--no-repeat"],
                                   stdout=subprocess.PIPE, stderr=other, text=True)
        os.close(other)
        seen = b""
        while True:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        out = process.communicate()[0]
        os.close(terminal)
        self.assertEqual(process.returncode, 0)
        self.assertIn("verdict: pass", out)
        self.assertIn(b"checking", seen)
        self.assertRegex(seen, rb"\d+ %  [\d.]+ \w+ left")
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen[-80:])


if __name__ == "__main__":
    support.main()
