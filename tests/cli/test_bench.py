# SPDX-License-Identifier: Apache-2.0
"""bsfa bench: what is timed, what the result holds, and what is refused."""

import os
import resource
import signal
import statistics
import subprocess
import time

import support

QUICK = ["--min-time", 0, "--min-rounds", 3, "--max-rounds", 3]
ALL_KEYS = {"kernel", "origin", "build", "setting", "gate", "kept", "k", "tau", "level", "kept_measured", "median_ms",
            "mad_ms", "rounds", "dense_equivalent_tflops", "ratio_to_first", "times_ms"}


class Tests(support.Case):
    def bench(self, *arguments):
        """The JSON result of a quick run."""
        return self.bsfa("bench", *QUICK, *arguments, "--json", "-").json

    def made(self, *arguments):
        return ["--generate", "structured", "-H", 2, "-N", 1024, *arguments]

    def test_bench_times_each_density_and_reads_back_what_was_kept(self):
        result = self.bench("--kernel", "cpu", *self.made(), "--dense", "--density", "100,50,25,12.5,0")
        rows = result["variants"]
        self.assertEqual([row["setting"] for row in rows],
                         ["gate off", "density 100 %", "density 50 %", "density 25 %", "density 12.5 %", "density 0 %"])
        self.assertEqual([row["kept"] for row in rows], [None, 1.0, 0.5, 0.25, 0.125, 0.0])
        self.assertEqual([row["gate"] for row in rows], ["off"] + ["on"] * 5)
        self.assertIsNone(rows[0]["kept_measured"])
        tiles = sum(2 * block for block in range(8))
        for row in rows[1:]:
            self.assertLessEqual(abs(row["kept_measured"] - row["kept"]), 8 / tiles, row["setting"])
        self.assertEqual((rows[1]["kept_measured"], rows[2]["kept_measured"], rows[5]["kept_measured"]), (1, 0.5, 0))

    def test_bench_figures_follow_from_the_times(self):
        result = self.bench("--kernel", "cpu", *self.made(), "--dense", "--topk", "2,4")
        pairs = 1024 * 1025 / 2
        first = result["variants"][0]["median_ms"]
        for row in result["variants"]:
            self.assertEqual(set(row), ALL_KEYS)
            self.assertEqual((row["rounds"], len(row["times_ms"])), (3, 3))
            median = statistics.median(row["times_ms"])
            self.assertGreater(median, 0)
            self.assertAlmostEqual(row["median_ms"], median)
            self.assertAlmostEqual(row["mad_ms"], statistics.median(abs(t - median) for t in row["times_ms"]))
            self.assertAlmostEqual(row["ratio_to_first"], first / median)
            self.assertAlmostEqual(row["dense_equivalent_tflops"], 4 * pairs * 64 * 2 / median * 1e-9)
        self.assertEqual([row["k"] for row in result["variants"]], [None, 2, 4])

    def test_bench_result_says_how_it_was_made(self):
        result = self.bench("--kernel", "cpu", *self.made("--seed", 5), "--tau", 7)
        self.assertEqual((result["input"], result["generated"], result["seed"]), ("structured, seed 5", "structured", 5))
        self.assertEqual(result["problem"]["kv_len"], 1024)
        self.assertEqual(result["problem"]["q_len"], 1024)
        self.assertEqual(result["stopped"], "rounds")
        self.assertEqual(result["rule"]["max_rounds"], 3)
        self.assertIsNone(result["gpu_state"])
        self.assertEqual(result["provenance"]["kernel"], "cpu (built-in)")
        self.assertIn("--max-rounds 3", result["provenance"]["command_line"])
        for key in ("version", "commit", "created_utc"):
            self.assertTrue(result["provenance"][key])

    def test_bench_reads_a_file_and_hashes_it(self):
        qkv = self.layers(3, 4)
        self.refused(2, "--layer", "bench", "--kernel", "cpu", "--qkv", qkv, "--dense")
        self.refused(2, "one layer", "bench", "--kernel", "cpu", "--qkv", qkv, "--layer", "all", "--dense")
        result = self.bench("--kernel", "cpu", "--qkv", qkv, "--layer", 4, "--dense")
        self.assertEqual(result["input"], f"{qkv}, layer 4")
        self.assertEqual(len(result["provenance"]["input"]["sha256"]), 64)

    def test_bench_stops_once_the_spread_is_small(self):
        result = self.bsfa("bench", "--kernel", "cpu", *self.made(), "--dense", "--min-time", 0, "--min-rounds", 4,
                           "--spread", 1, "--json", "-").json
        self.assertEqual((result["stopped"], result["variants"][0]["rounds"]), ("spread", 4))

    def test_bench_begins_no_round_after_its_longest_time(self):
        result = self.bsfa("bench", "--kernel", "cpu", *self.made(), "--dense", "--min-time", 0, "--max-time", 0,
                           "--spread", 0, "--json", "-").json
        self.assertEqual((result["stopped"], result["variants"][0]["rounds"]), ("seconds", 1))

    def test_bench_times_a_plug_in_beside_the_cpu_kernel(self):
        result = self.bench("--kernel", "cpu", "--kernel", f"{support.NAIVE}:naive", "--generate", "gaussian", "-M", 512,
                            "--dtype", "bf16", "--density", 50, "--levels", "none,mask,work")
        rows = [(row["kernel"], row["level"]) for row in result["variants"]]
        self.assertEqual(rows, [("cpu", "none"), ("cpu", "mask"), ("cpu", "work"), ("naive", "none"), ("naive", "mask")])
        self.assertEqual({row["kept_measured"] for row in result["variants"]}, {0.5})
        self.assertEqual([(left["level"], "naive" in left["kernel"]) for left in result["unsupported"]], [("work", True)])
        self.assertEqual(result["provenance"]["kernel"], f"cpu (built-in), naive ({support.NAIVE})")

    def test_bench_refuses_where_nothing_is_left_to_time(self):
        self.refused(2, "no instrumentation level warps", "bench", "--kernel", "cpu", *self.made(), "--dense",
                     "--levels", "warps")
        self.refused(2, "takes at most 512 tokens", "bench", "--kernel", f"{support.LIMITED}:short", *self.made(), "--dense")

    def test_bench_takes_the_scores_of_the_reference_where_no_kernel_tells_any(self):
        result = self.bench("--kernel", f"{support.LIMITED}:silent", *self.made(), "--density", 50)
        self.assertIn("the reference", result["provenance"]["thresholds"])
        self.assertIsNone(result["variants"][0]["kept_measured"])
        with_cpu = self.bench("--kernel", f"{support.LIMITED}:silent", "--kernel", "cpu", *self.made(), "--density", 50)
        self.assertIn("kernel cpu", with_cpu["provenance"]["thresholds"])
        self.assertEqual([row["kept_measured"] for row in with_cpu["variants"]], [None, 0.5])

    def test_bench_takes_the_settings_of_a_table(self):
        qkv, table = self.generate(), self.path("t.safetensors")
        self.bsfa("calibrate", "--qkv", qkv, "--k", "2,4", "--out", table)
        result = self.bench("--kernel", "cpu", "--qkv", qkv, "--thresholds", table)
        self.assertEqual([row["setting"] for row in result["variants"]], ["k 2", "k 4"])
        self.assertEqual(self.bench("--kernel", "cpu", "--qkv", qkv, "--thresholds", table, "--k", 4)["variants"][0]["k"], 4)
        self.refused(3, "k = 3", "bench", "--kernel", "cpu", "--qkv", qkv, "--thresholds", table, "--k", 3)
        self.refused(3, "heads", "bench", "--kernel", "cpu", "--generate", "gaussian", "-H", 3, "--thresholds", table)

    def test_bench_prints_a_table_for_people(self):
        text = self.bsfa("bench", *QUICK, "--kernel", "cpu", *self.made(), "--dense", "--density", 25).out
        self.assertRegex(text, r"cpu +gate off +none +- ")
        self.assertRegex(text, r"cpu +density 25 % +none +2\d\.\d\d % ")
        self.assertIn("1.000x", text)
        self.assertIn("3 in ", text)

    def test_bench_of_scores_that_give_no_threshold_names_the_place(self):
        self.refused(3, "Q block", "bench", "--kernel", "cpu", "--generate", "nan-k", "-N", 1024, "--density", 50)
        self.assertEqual(len(self.bench("--kernel", "cpu", "--generate", "nan-k", "-N", 1024, "--dense")["variants"]), 1)

    def test_bench_without_off_diagonal_tiles_keeps_no_share(self):
        result = self.bench("--kernel", "cpu", "--generate", "gaussian", "-N", 100, "--density", 50)
        self.assertIsNone(result["variants"][0]["kept_measured"])

    def test_bench_refuses_options_that_say_too_little_or_too_much(self):
        qkv = self.generate()
        bench = ["bench", "--kernel", "cpu"]
        self.refused(2, "one of --qkv and --generate", *bench, "--dense")
        self.refused(2, "only one of --qkv and --generate", *bench, "--qkv", qkv, *self.made(), "--dense")
        self.refused(2, "what is to be timed", *bench, *self.made())
        self.refused(2, "only one of", *bench, *self.made(), "--density", 50, "--topk", 4)
        self.refused(2, "--thresholds", *bench, *self.made(), "--dense", "--k", 4)
        self.refused(2, "--density", *bench, *self.made(), "--density", "50,101")
        self.refused(2, "given twice", *bench, *self.made(), "--topk", "4,4")
        self.refused(2, "--levels: all", *bench, *self.made(), "--dense", "--levels", "all")
        self.refused(2, "--max-time", *bench, *self.made(), "--dense", "--min-time", 9, "--max-time", 8)
        self.refused(2, "--max-rounds", *bench, *self.made(), "--dense", "--min-rounds", 9, "--max-rounds", 8)
        self.refused(2, "--generate", *bench, "--qkv", qkv, "--dense", "-H", 4)
        self.refused(2, "--layer", *bench, *self.made(), "--dense", "--layer", 1)
        self.refused(2, "gaussian", *bench, "--generate", "noise", "--dense")
        self.refused(3, "head", *bench, *self.made("-D", 80), "--dense")

    def test_bench_refuses_an_unknown_kernel_with_those_there_are(self):
        self.refused(2, "cpu", "bench", "--kernel", "cpu", "--kernel", "gpu", *self.made(), "--dense")

    def test_bench_on_a_device_that_is_not_there_ends_before_the_work(self):
        if os.environ.get("BSFA_HAVE_CUDA") != "TRUE":
            self.skipTest("this build has no CUDA kernels")
        hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        self.refused(4, "kernel portable: ", "bench", "--kernel", "portable", "--generate", "gaussian", "-N", 1 << 20,
                     "--dense", "--json", self.path("b.json"), env=hidden)
        self.assertEqual(self.files(), [])

    def test_bench_finds_an_unwritable_output_before_the_work(self):
        self.refused(5, "absent", "bench", "--kernel", "cpu", "--generate", "gaussian", "-N", 1 << 18, "--dense",
                     "--json", self.path("absent") / "b.json")
        qkv = self.generate()
        self.refused(2, "overwritten", "bench", "--kernel", "cpu", "--qkv", qkv, "--dense", "--json", qkv)

    def test_a_bench_that_cannot_write_its_result_leaves_nothing_behind(self):
        def only_small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        self.refused(5, "File too large", "bench", *QUICK, "--kernel", "cpu", *self.made(), "--dense",
                     "--json", self.path("b.json"), preexec_fn=only_small_files)
        self.assertEqual(self.files(), [])

    def test_an_interrupted_bench_leaves_nothing_behind(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([support.BSFA, "bench", "--kernel", "cpu", "--generate", "gaussian", "-H8", "-N4096",
                                        "--dense", "--spread", "0", "--json", self.path("b.json")],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            deadline = time.monotonic() + 60
            while self.files() == [] and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(1)
            self.assertIsNone(process.poll(), "it ended before it could be interrupted")
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
            self.assertEqual((process.returncode, out, err), (130, "", "bsfa: interrupted\n"))
            self.assertEqual(self.files(), [])


if __name__ == "__main__":
    support.main()
