# SPDX-License-Identifier: Apache-2.0
"""The parts of bench/peers.py that need neither torch nor a GPU, and all of it on a CPU where torch is installed."""

import datetime
import json
import math

import numpy as np

import support
import gpu_state
import peer_rows
import quantiles
import spread
from peer_rows import Configuration, Label

SMALL = Configuration(16384, 32, 8, 128, "bf16")


def kept_by(tile_max, chosen, tau):
    return (chosen & (tile_max >= tau[:, None])).sum(1)


class Tests(support.Case):
    def test_median_and_mad_are_not_moved_by_one_outlier(self):
        self.assertEqual(spread.median([3, 1, 2, 4]), 2.5)
        self.assertEqual(spread.mad([1, 2, 3, 4, 1000]), 1)
        self.assertEqual(spread.relative_spread([2, 4, 6, 4, 4]), 0)
        self.assertEqual(spread.relative_spread([1, 1]), math.inf)

    def test_rounds_are_added_until_every_variant_is_steady_or_a_limit_is_reached(self):
        rule = spread.StoppingRule(min_rounds=3, max_rounds=6, min_seconds=1, max_seconds=10, spread=0.01)
        steady, wild = [1.0, 1.001, 1.0], [1.0, 2.0, 3.0]
        self.assertIsNone(rule.reason([steady[:2], steady[:2]], 100))
        self.assertIsNone(rule.reason([steady, wild], 2))
        self.assertIsNone(rule.reason([steady, steady], 0.5))
        self.assertEqual(rule.reason([steady, steady], 1), "spread")
        self.assertEqual(rule.reason([steady, wild], 10), "time")
        self.assertEqual(rule.reason([wild * 2, wild * 2], 2), "rounds")
        self.assertIsNone(rule.reason([], 1e9))

    def test_the_gate_decides_the_tiles_that_the_method_calls_off_diagonal(self):
        for q_len, kv_len, causal in ((512, 512, True), (512, 512, False), (200, 500, True), (130, 1111, False)):
            chosen = quantiles.off_diagonal(q_len, kv_len, 128, 64, causal)
            for (m, n), found in np.ndenumerate(chosen):
                first = kv_len - q_len + m * 128
                overlaps = n * 64 < first + 128 and (n + 1) * 64 > first
                last_row = min(first + 128, kv_len) - 1
                outside = causal and n * 64 > last_row
                self.assertEqual(found, not overlaps and not outside, (q_len, kv_len, causal, m, n))

    def test_a_threshold_keeps_exactly_the_asked_share_of_every_row(self):
        generator = np.random.default_rng(7)
        chosen = quantiles.off_diagonal(2048, 2048, 128, 64, True)
        tile_max = generator.standard_normal(chosen.shape).astype(np.float32) * 5
        counts = chosen.sum(1)
        ordered = quantiles.order_rows(tile_max, chosen)
        for share in (1, 0.5, 0.25, 0.125, 0, 0.3):
            tau = quantiles.thresholds(ordered, counts, share)
            self.assertTrue(np.isfinite(tau).all())
            self.assertEqual(tau.dtype, np.float32)
            expected = np.floor(counts * share + 0.5)
            self.assertEqual(kept_by(tile_max, chosen, tau).tolist(), expected.tolist(), share)
        self.assertEqual(quantiles.kept_counts([0, 2, 4, 6], 0.25).tolist(), [0, 1, 1, 2])

    def test_neighbouring_and_huge_values_are_still_separated(self):
        one = np.float32(1)
        rows = np.array([[np.nextafter(one, np.float32(2)), one], [-one, np.nextafter(-one, np.float32(-2))],
                         [3e38, -3e38], [2e9, 2e9 - 128]], np.float32)
        counts = np.full(4, 2)
        for share, kept in ((1, 2), (0.5, 1), (0, 0)):
            tau = quantiles.thresholds(rows, counts, share)
            self.assertEqual(kept_by(rows, np.ones(rows.shape, bool), tau).tolist(), [kept] * 4, share)

    def test_equal_values_at_the_border_are_all_kept(self):
        rows = np.array([[4, 3, 3, 1]], np.float32)
        tau = quantiles.thresholds(rows, [4], 0.5)
        self.assertEqual(kept_by(rows, np.ones(rows.shape, bool), tau).tolist(), [3])

    def test_a_tile_max_that_is_not_finite_has_no_threshold(self):
        for value in (np.nan, np.inf, -np.inf):
            with self.assertRaises(ValueError):
                quantiles.thresholds(np.array([[1, value]], np.float32), [2], 0.5)
        self.assertEqual(quantiles.thresholds(np.array([[-np.inf, -np.inf]], np.float32), [0], 0.5).tolist(), [0])

    def test_reasons_for_throttling_are_told_by_name(self):
        class Nvml:
            nvmlClocksEventReasonSwPowerCap, nvmlClocksThrottleReasonSwPowerCap, nvmlClocksEventReasonGpuIdle = 4, 4, 1
            nvmlClocksThrottleReasonAll = 0x1FF
        self.assertEqual(gpu_state.throttle_names(Nvml, 4), ["SwPowerCap"])
        self.assertEqual(gpu_state.throttle_names(Nvml, 5), ["GpuIdle", "SwPowerCap"])
        self.assertEqual(gpu_state.throttle_names(Nvml, 0), [])

    def rows(self, configuration=SMALL):
        samples = {Label("cudnn"): [10.0, 10.0, 11.0], Label("portable"): [20.0, 21.0, 22.0],
                   Label("portable", "on", 0.125): [8.0, 8.0, 8.0],
                   Label("portable", series="gate_compiled_out"): [20.0, 20.0, 20.0],
                   Label("portable", "on", 0.125, "instrumentation", "work"): [8.1, 8.0, 8.1],
                   Label("cublas", series="ceilings"): [1.5, 1.5, 1.5],
                   Label("portable", series="tile_statistics"): [10.0, 10.0, 10.0]}
        kept = {Label("portable"): 1.0, Label("portable", "on", 0.125): 0.1251}
        return samples, kept, peer_rows.build_rows(configuration, samples, kept)

    def test_a_row_says_all_that_was_promised(self):
        row = peer_rows.find(self.rows()[2]["rows"], kernel="portable", gate="on")
        self.assertEqual({key: row[key] for key in ("kernel", "n", "heads", "kv_heads", "dim", "dtype", "gate", "causal",
                                                    "kept", "kept_measured", "median_ms", "mad_ms", "rounds")},
                         {"kernel": "portable", "n": 16384, "heads": 32, "kv_heads": 8, "dim": 128, "dtype": "bf16",
                          "gate": "on", "causal": True, "kept": 0.125, "kept_measured": 0.1251, "median_ms": 8.0,
                          "mad_ms": 0.0, "rounds": 3})
        self.assertEqual(row["ratio_to_cudnn"], 10 / 8)
        self.assertAlmostEqual(row["dense_equivalent_tflops"], 4 * 16384**2 * 128 * 32 / 2 / 8e-3 / 1e12)

    def test_costs_and_ceilings_are_relative_to_the_same_run(self):
        result = self.rows()[2]
        self.assertEqual([len(result[series]) for series in peer_rows.SERIES], [3, 1, 1, 1, 1])
        self.assertAlmostEqual(result["gate_compiled_out"][0]["cost_of_minus_infinity"], 0.05)
        self.assertAlmostEqual(result["instrumentation"][0]["cost_of_level"], 0.0125)
        ceiling = 2 * 8192**3 / 1.5e-3 / 1e12
        self.assertAlmostEqual(result["ceilings"][0]["tflops"], ceiling)
        statistics = result["tile_statistics"][0]
        self.assertAlmostEqual(statistics["tflops"], 2 * 16384**2 * 128 * 32 / 2 / 10e-3 / 1e12)
        self.assertAlmostEqual(statistics["share_of_cublas"], statistics["tflops"] / ceiling)

    def test_without_cudnn_there_is_no_ratio(self):
        samples = {Label("portable"): [1.0, 1.0, 1.0]}
        row = peer_rows.build_rows(SMALL, samples, {})["rows"][0]
        self.assertIsNone(row["ratio_to_cudnn"])
        self.assertIn("portable gate off", peer_rows.table(SMALL, samples, {}))

    def test_whole_shares_are_written_as_whole_numbers(self):
        self.assertEqual(json.dumps([peer_rows.as_share(x) for x in (1.0, 0.5, 0.25, 0.125, 0.0)]),
                         "[1, 0.5, 0.25, 0.125, 0]")

    def test_targets_are_judged_only_at_their_configuration(self):
        self.assertEqual(peer_rows.target_table(self.rows()[2], "portable"), "")
        text = peer_rows.target_table(self.rows(peer_rows.TARGET_CONFIGURATION)[2], "portable")
        self.assertRegex(text, r"gate off, 100.0% kept: speed over cuDNN dense +0\.476 +>= 0.58 +MISSED")
        self.assertRegex(text, r"gate on, 12.5% kept: speed over cuDNN dense +1\.250 +>= 1.02 +met")
        self.assertRegex(text, r"thresholds -inf: time over gating compiled out, less 1 +0\.050 +<= 0.02 +MISSED")
        self.assertRegex(text, r"work level at gate on, 12.5% kept: cost +0\.01\d +<= 0.02 +met")
        self.assertRegex(text, r"tile_max of the layer: rate over cuBLAS +2\.400 +>= 0.45 +met")

    def test_results_are_named_after_the_card_and_the_time(self):
        when = datetime.datetime(2026, 11, 24, 4, 5, 6, tzinfo=datetime.timezone.utc)
        self.assertEqual(peer_rows.result_path("out", "NVIDIA H200", when).name, "nvidia-h200-20261124T040506.json")
        self.assertEqual(peer_rows.result_path("out/mine.json", "NVIDIA H200", when).name, "mine.json")

    def test_a_result_is_written_whole_or_not_at_all(self):
        path = self.folder / "deep" / "result.json"
        peer_rows.write_json(path, {"rows": [1]})
        self.assertEqual(json.loads(path.read_text()), {"rows": [1]})
        for broken in ({"value": math.nan}, {"value": object()}):
            with self.assertRaises((TypeError, ValueError)):
                peer_rows.write_json(path, broken)
        self.assertEqual([entry.name for entry in path.parent.iterdir()], ["result.json"])
        self.assertEqual(json.loads(path.read_text()), {"rows": [1]})

    def example(self, *flags, source=None):
        self.need("torch", "numpy")
        return self.compile(source or support.ROOT / "examples/plugin/naive.c", self.folder / "naive.so", "-O2",
                            "-shared", "-fPIC", *flags)

    def peers(self, library, *arguments, expect=0):
        return self.python(support.ROOT / "bench/peers.py", "--device", "cpu", "--library", library, "--kernels",
                           "flash2,naive", "--n", 512, "--heads", 2, "--kv-heads", 1, "--dims", 64, "--dtypes", "bf16",
                           "--max-seconds", 2, "--min-seconds", 0, "--out", self.folder / "out.json", *arguments,
                           expect=expect)

    def with_statistics(self, text):
        """The example as a kernel that also offers tile statistics."""
        return text.replace("p.operation != BSFA_FORWARD", "p.operation > BSFA_TILE_STATISTICS")

    def test_a_whole_run_on_a_cpu_writes_every_row(self):
        source = self.folder / "statistics.c"
        source.write_text(self.with_statistics((support.ROOT / "examples/plugin/naive.c").read_text()))
        self.peers(self.example(source=source), "--commit", "abc", "--densities", "100,50,0")
        result = json.loads((self.folder / "out.json").read_text())
        self.assertTrue(result["complete"])
        self.assertEqual(result["commit"], "abc")
        rows = {(row["kernel"], row["gate"], row["kept"]): row for row in result["rows"]}
        self.assertEqual(sorted(rows), [("flash2", "off", 1), ("naive", "off", 1), ("naive", "on", 0),
                                        ("naive", "on", 0.5), ("naive", "on", 1)])
        self.assertEqual([rows["naive", "on", kept]["kept_measured"] for kept in (1, 0.5, 0)], [1, 0.5, 0])
        self.assertTrue(all(row["median_ms"] > 0 for row in result["rows"]))
        self.assertEqual(len(result["gate_compiled_out"]), 1)
        self.assertEqual(len(result["tile_statistics"]), 1)
        self.assertGreater(result["gate_compiled_out"][0]["kept_measured"], 0.999)
        self.assertIn("naive", result["configurations"][0]["checks"])

    def test_a_kernel_that_is_wrong_is_not_timed(self):
        text = (support.ROOT / "examples/plugin/naive.c").read_text()
        faults = {
            ("total += weight;", "total += weight * 1.02f;"): "against float64: relative error .* in head \\d, rows",
            ("kept[n] = code >= BSFA_TILE_KEPT", "kept[n] = code >= BSFA_TILE_SKIPPED"): "50.0%.*against float64",
            ("largest >= threshold", "largest >= threshold - 1"): "the mask contradicts tile_max at head",
            ("r < rows; ++r) {\n    finish_row", "r < rows - 1; ++r) {\n    finish_row"):
                "o is unwritten or NaN at head 0",
            ("n) = largest;", "n) = largest + 0.01f * (float)p->operation;"):
                "tile statistics: tile_max .* against the kernel's own",
        }
        text = self.with_statistics(text)
        for (right, wrong), words in faults.items():
            self.assertIn(right, text)
            source = self.folder / "wrong.c"
            source.write_text(text.replace(right, wrong))
            done = self.peers(self.example(source=source), expect=1)
            self.assertRegex(done.stderr, f"^peers: check failed: naive, .*{words}")
            self.assertFalse((self.folder / "out.json").exists())

    def test_a_kernel_that_is_not_there_or_takes_nothing_is_usage(self):
        library = self.example()
        done = self.peers(library, "--kernels", "portable", expect=2)
        self.assertEqual(done.stderr, "peers: no kernel portable: there are cudnn, flash2, naive\n")
        done = self.peers(library, "--dtypes", "fp16", expect=2)
        self.assertEqual(done.stderr, "peers: took none of the configurations: naive: unsupported: only bf16\n")
        done = self.peers(library, "--dtypes", "fp16", "--kernels", "naive", "--check", expect=2)
        self.assertNotIn("passed", done.stdout)
        done = self.peers(self.folder / "nothing.so", expect=3)
        self.assertIn("not a kernel library", done.stderr)


if __name__ == "__main__":
    support.main()
