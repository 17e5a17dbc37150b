# SPDX-License-Identifier: Apache-2.0
"""bsfa profile: what is collected of the cpu kernel, what is concluded, what is refused, and what is left behind."""

import json
import os
import pathlib
import signal
import subprocess
import time

import numpy as np
import support

QUICK = ["--max-time", 0.2]
REFUSED_ON_HOST = ["activity", "counters", "samples", "stalls"]
FACILITIES = ["time", "work", "activity", "counters", "samples", "stalls"]
#: Other work on a shared machine can disturb a run; so many in a row it does not.
ATTEMPTS = 10


def rules(profile, severity=None):
    return [finding["rule"] for finding in profile["findings"] if severity in (None, finding["severity"])]


def status(profile):
    return {facility["name"]: facility["status"] for facility in profile["facilities"]}


class Tests(support.Case):
    def profile(self, *arguments, expect=0):
        """The JSON of a quick profile."""
        return self.bsfa("profile", *QUICK, *arguments, "--json", "-", expect=expect).json

    def made(self, *arguments):
        return ["--kernel", "cpu", "--generate", "structured", "-H", 2, "-N", 1024, *arguments]

    def planted(self, qkv, heads):
        """A table by which head 0 keeps many tiles and every other head one."""
        calibrated, planted = self.path("c.safetensors"), self.path("planted.safetensors")
        self.bsfa("calibrate", "--qkv", qkv, "--k", "1,48", "--out", calibrated)
        values = support.read_safetensors(calibrated)["thresholds"].copy()
        mixed = values[:1]
        mixed[:, :, 0] = values[1:, :, 0]
        metadata = {"bsfa_thresholds": "1", "k_values": "[1]", "layers": "[0]", "samples": '["planted"]',
                    "q_block_size": "128", "k_block_size": "64", "aggregation": "mean"}
        self.assertEqual(mixed.shape[2], heads)
        support.write_safetensors(planted, {"thresholds": np.ascontiguousarray(mixed)}, metadata)
        return planted

    def test_time_and_work_of_the_cpu_kernel_are_collected_and_the_rest_is_refused_by_name(self):
        profile = self.profile(*self.made("--topk", 4))
        self.assertEqual([facility["name"] for facility in profile["facilities"]], FACILITIES)
        for facility in profile["facilities"]:
            refused = facility["name"] in REFUSED_ON_HOST
            self.assertEqual(facility["status"], "refused" if refused else "done", facility)
            self.assertGreaterEqual(facility["wall_ms"], 0)
            self.assertEqual("refusal" in facility and "host" in facility["refusal"], refused)
        self.assertEqual([row["variant"] for row in profile["times"]], ["none", "work", "dense"])
        self.assertEqual(profile["times"][1]["limit"], 0.02)
        self.assertIsNone(profile["tensor_check"])
        self.assertEqual((profile["counters"], profile["samples"]), ([], None))

    def test_the_work_of_a_profile_is_that_of_the_problem(self):
        profile = self.profile(*self.made("--topk", 4, "-B", 2), "--only", "work")
        # 8 Q blocks of 2, 4, ... 16 visible tiles, 2 of them diagonal, in 2 heads of 2 batch entries.
        self.assertEqual(profile["work"]["items"], 32)
        self.assertEqual(profile["work"]["tiles_seen"], 4 * 72)
        kept = 4 * sum(2 + min(4, 2 * block) for block in range(8))
        self.assertLessEqual(abs(profile["work"]["tiles_kept"] - kept), 8)
        self.assertAlmostEqual(profile["bound"]["bound"], 2 * 288 / (288 + profile["work"]["tiles_kept"]))
        self.assertEqual(list(status(profile)), ["work"])
        self.assertEqual(profile["times"], [])

    def test_what_the_levels_add_is_printed_with_its_limit(self):
        text = self.bsfa("profile", *QUICK, *self.made("--topk", 4)).out
        self.assertRegex(text, r"work +\S+ +\S+ +\d+ +[+-]\d+\.\d % \(limit 2 %(, exceeded)?\)")
        self.assertRegex(text, r"counters +refused")
        self.assertIn("counters refused: kernel cpu computes on the host", text)
        self.assertIn("findings", text.splitlines()[-1] + text[text.rindex("\n\n"):])

    def test_a_head_with_ten_times_the_kept_tiles_is_found_and_named(self):
        qkv = self.generate(M=4096, H=4, name="qkv.safetensors")
        profile = self.profile("--kernel", "cpu", "--qkv", qkv, "--thresholds", self.planted(qkv, 4), "--only", "work")
        heavy = [finding for finding in profile["findings"] if finding["rule"] == "heavy-head"]
        self.assertEqual(len(heavy), 1, profile["findings"])
        self.assertIn("head 0", heavy[0]["text"])

    def test_a_balanced_run_yields_no_finding(self):
        seen = []
        for _ in range(ATTEMPTS):
            # Shorter than the time that a scheduler gives to others at once.
            profile = self.profile("--kernel", "cpu", "--generate", "gaussian", "-H", 2, "-N", 1024, "--topk", 4,
                                   "--threads", 1, "--only", "work")
            seen.append(profile["findings"])
            if not profile["findings"]:
                return
        self.fail(f"findings in each of {ATTEMPTS} runs: {seen}")

    def test_the_trace_of_a_profile_holds_the_mask_the_thresholds_the_work_and_the_profile(self):
        trace = self.path("p.h5")
        profile = self.profile(*self.made("--topk", 4, "-B", 2), "--out", trace)
        info = self.bsfa("info", trace).out
        self.assertIn("layer 0, sequence 1", info)
        self.assertIn("layer 0, profile", info)
        self.assertRegex(info, r"work records +16\n")
        self.assertIn("counters   refused", info)
        table = self.bsfa("export", trace, "--format", "json").json
        self.assertTrue(table)
        timeline = self.path("t.json")
        self.bsfa("export", trace, "--format", "perfetto", "--out", timeline)
        items = [event for event in json.loads(timeline.read_text())["traceEvents"] if event.get("ph") == "X"]
        self.assertEqual(len(items), profile["work"]["records"])
        self.assertEqual(self.files(), ["p.h5", "t.json"])

    def test_a_checked_profile_holds_the_verdict_and_the_tiles_of_compare(self):
        trace = self.path("p.h5")
        profile = self.profile(*self.made("--topk", 4), "--check", "all", "--only", "work", "--out", trace)
        self.assertEqual((profile["check"]["verdict"], profile["check"]["q_blocks"]), ("pass", 16))
        info = self.bsfa("info", trace).out
        self.assertRegex(info, r"verdict +pass")
        self.assertRegex(info, r"mean retained mass +\d")
        sampled = self.profile(*self.made("--topk", 4), "--check", 5, "--only", "work")
        self.assertEqual((sampled["check"]["q_blocks"], sampled["check"]["q_blocks_of"]), (5, 16))

    def test_a_wrong_kernel_is_profiled_all_the_same_and_the_exit_code_says_it_is_wrong(self):
        profile = self.profile("--generate", "structured", "-H", 2, "-N", 1024, "--topk", 4, "--only", "time",
                               "--kernel", f"{support.MUTANTS}:scale-twice", "--check", "all", expect=1)
        self.assertEqual((profile["check"]["verdict"], status(profile)["time"]), ("fail", "done"))

    def test_a_kernel_without_work_records_is_refused_that_alone(self):
        profile = self.profile("--kernel", f"{support.NAIVE}:naive", *self.made("--topk", 4)[2:], "--dtype", "bf16",
                               "--only", "time,work")
        self.assertEqual(status(profile), {"time": "done", "activity": "refused", "work": "refused"})
        self.assertEqual([row["variant"] for row in profile["times"]], ["none", "dense"])
        work = profile["facilities"][1]
        self.assertIn("no work records", work["refusal"])
        self.assertIsNone(profile["work"])

    def test_the_exit_code_is_4_only_if_nothing_asked_for_worked_and_the_outputs_say_why(self):
        trace = self.path("p.h5")
        profile = self.profile(*self.made("--tau", 3), "--only", "counters,stalls", "--out", trace, expect=4)
        self.assertEqual(set(status(profile).values()), {"refused"})
        self.assertIn("host", self.bsfa("info", trace).out)
        self.assertEqual(set(status(self.profile(*self.made("--tau", 3), "--only", "counters,work")).values()),
                         {"refused", "done"})

    def test_a_pass_that_fails_costs_no_other_and_not_the_profile(self):
        trace = self.path("p.h5")
        limited = ["--generate", "structured", "-H", 2, "-N", 1024, "--topk", 4, "--out", trace]
        workless = self.profile(*limited, "--kernel", f"{support.LIMITED}:workless", "--only", "time,work,counters",
                                "--loads", expect=4)
        self.assertEqual(set(status(workless).values()), {"refused"})
        for facility in workless["facilities"]:
            words = "host" if facility["name"] in REFUSED_ON_HOST else "the device has fallen off the bus"
            self.assertIn(words, facility["refusal"])
        self.assertIn("fallen off the bus", self.bsfa("info", trace).out)
        maskless = self.profile(*limited, "--kernel", f"{support.LIMITED}:maskless", "--only", "time,work")
        self.assertEqual(status(maskless), {"time": "done", "work": "done", "activity": "refused", "mask": "refused"})
        info = self.bsfa("info", trace).out
        self.assertIn("the device has fallen off the bus", info)
        self.assertRegex(info, r"work records +16\n")

    def test_work_records_that_found_no_room_are_counted_and_shown(self):
        arguments = ["--kernel", f"{support.LIMITED}:overfull", *self.made("--topk", 4)[2:], "--only", "work"]
        trace = self.path("p.h5")
        profile = self.profile(*arguments, "--out", trace)
        self.assertEqual((status(profile), profile["facilities"][0]["dropped"]), ({"work": "done"}, 3))
        self.assertEqual(profile["work"]["records"], 16)
        self.assertRegex(self.bsfa("profile", *QUICK, *arguments).out, r"work +done .* 3\n")
        self.assertRegex(self.bsfa("info", trace).out, r"work +done .* 3\n")

    def test_a_fixed_k_varies_less_from_item_to_item_than_one_threshold_of_the_same_density(self):
        loads = self.profile(*self.made("--topk", 4), "--only", "work", "--loads")["loads"]
        self.assertEqual(loads["k"], 4)
        self.assertLess(loads["fixed_k"]["kept_variation"], loads["one_threshold"]["kept_variation"])
        self.assertLess(abs(loads["fixed_k"]["kept"] - loads["one_threshold"]["kept"]), 4)
        for side in ("fixed_k", "one_threshold"):
            self.assertGreater(loads[side]["median_ns"], 0)
            self.assertGreaterEqual(loads[side]["mad_ns"], 0)
        self.assertGreaterEqual(loads["rounds"], 1)
        self.assertGreater(loads["one_over_fixed"], 0)
        without = self.profile("--kernel", f"{support.NAIVE}:naive", *self.made("--topk", 4)[2:], "--dtype", "bf16",
                               "--only", "time", "--loads")
        self.assertEqual((status(without)["loads"], without["loads"]), ("refused", None))
        by_tau = self.profile(*self.made("--tau", 3), "--only", "work", "--loads")["loads"]
        self.assertGreater(by_tau["k"], 0)

    def test_both_loads_keep_what_the_table_keeps_whatever_k_it_says(self):
        qkv = self.generate(M=4096, H=4, name="qkv.safetensors")
        profile = self.profile("--kernel", "cpu", "--qkv", qkv, "--thresholds", self.planted(qkv, 4), "--only", "work",
                               "--loads")
        loads, q_blocks = profile["loads"], 4 * 32
        self.assertGreater(loads["k"], 1)
        diagonal = 2 * q_blocks
        self.assertEqual(profile["work"]["tiles_kept"], loads["tiles_kept"] + diagonal)
        for side in ("fixed_k", "one_threshold"):
            self.assertLess(abs(loads[side]["kept"] - profile["work"]["tiles_kept"]), q_blocks)

    def test_distances_to_a_ceiling_are_given_only_where_one_was_measured(self):
        self.assertIsNone(self.profile(*self.made("--topk", 4), "--only", "time,work")["ceiling"])
        ceiling = self.profile(*self.made("--topk", 4), "--only", "time,work", "--ceiling", 0.5)["ceiling"]
        self.assertAlmostEqual(ceiling["share_of_ceiling"], ceiling["issued_tflops"] / 0.5)

    def test_dense_attention_can_be_profiled_and_keeps_what_it_sees(self):
        profile = self.profile(*self.made("--dense"), "--only", "time,work")
        self.assertEqual([row["variant"] for row in profile["times"]], ["none", "work"])
        self.assertEqual(profile["work"]["tiles_seen"], profile["work"]["tiles_kept"])

    def test_options_that_contradict_one_another_are_refused(self):
        made = self.made("--topk", 4)
        self.refused(2, "--only: clocks", "profile", *made, "--only", "time,clocks")
        self.refused(2, "one of --qkv and --generate", "profile", "--kernel", "cpu", "--topk", 4)
        self.refused(2, "one of --thresholds", "profile", *self.made())
        self.refused(2, "--loads", "profile", *self.made("--dense"), "--loads")
        self.refused(2, "not both", "profile", *made, "--", "true")
        self.refused(2, "time and counters", "profile", "--only", "stalls", "--", "true")
        for given in (["--check", "all"], ["--loads"], ["--ceiling", 700], ["--kernel", "cpu"], ["--interval", 5],
                      ["--max-time", 1], ["--source", "."], ["--topk", 4], ["--dtype", "bf16"], ["--seed", 1]):
            self.refused(2, f"{given[0]}: of a problem, and a COMMAND is profiled", "profile", *given, "--", "true")
        self.refused(2, "--json -", "profile", "--json", "-", "--", "true")
        self.refused(2, "same file", "profile", *made, "--out", self.path("a"), "--json", self.path("a"))
        self.refused(3, "m.txt", "profile", *made, "--metrics", self.path("m.txt"))
        self.assertEqual(self.files(), [])

    def test_a_broken_metric_file_is_refused_before_anything_runs(self):
        metrics = self.path("m.txt")
        metrics.write_text("nonsense here\n", encoding="utf-8")
        self.refused(3, "line 1", "profile", *self.made("--topk", 4), "--metrics", metrics)

    def test_a_program_that_uses_no_device_is_run_and_nothing_is_seen(self):
        if not injected_library().exists():
            self.refused(4, "libbsfa_inject.so", "profile", "--", "true")
            return
        result = self.bsfa("profile", "--", "sh", "-c", "echo from the program; exit 3", expect=4)
        self.assertIn("from the program", result.out)
        self.assertIn("exit code 3", result.out)
        self.assertIn("nothing was seen", result.out)
        self.refused(2, "no-such-program", "profile", "--", "no-such-program")

    def test_an_interrupted_profile_leaves_nothing_behind(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([support.BSFA, "profile", "--kernel", "cpu", "--generate", "gaussian", "-H8",
                                        "-N4096", "--dense", "--json", self.path("p.json"), "--out", self.path("p.h5")],
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


def injected_library():
    return pathlib.Path(os.path.realpath(support.BSFA)).parent.parent / "lib" / "libbsfa_inject.so"


if __name__ == "__main__":
    support.main()
