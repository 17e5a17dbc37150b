# SPDX-License-Identifier: Apache-2.0
"""scripts/gpu-test on recorded reports, and whole with programs that stand in for the tests and the sanitizer."""

import json
import math
import os
import pathlib
import struct
import subprocess
import sys

import support

SCRIPT = support.ROOT / "scripts/gpu-test"
DATA = pathlib.Path(__file__).resolve().parent / "data"
gpu_test = support.load_program(SCRIPT)
gpu_profile = gpu_test.gpu_profile

# Stands in for the test program: copies a recorded report to where -o says and ends with a code.
TESTS = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -o ] && report=$2; shift; done
cp "{report}" "$report"
exit {code}
"""

# Stands in for compute-sanitizer: runs what it is given, then leaves the recorded log of its tool.
SANITIZER = """#!/bin/sh
while :; do case "$1" in
  --tool) tool=$2; shift 2 ;;
  --log-file) log=$2; shift 2 ;;
  --error-exitcode | --leak-check | --report-api-errors) shift 2 ;;
  *) break ;;
esac; done
[ "$2" = "[small]" ] || exit 9
"$@"; code=$?
if [ -e "{logs}/$tool" ]; then cp "{logs}/$tool" "$log"; exit {error}; fi
case "$tool" in racecheck) cp "{data}/racecheck-clean.log" "$log" ;; *) cp "{data}/memcheck-clean.log" "$log" ;; esac
exit $code
"""


# Stands in for bsfa: leaves a profile, or a table of two k, where it is told to.
BSFA = """#!{python}
import pathlib, sys
sys.path.insert(0, {tests!r})
import test_gpu_test
arguments = sys.argv[1:]
named = dict(zip(arguments, arguments[1:]))
if arguments[0] == "--version":
    print("bsfa 0.1.0 (0123456789ab)")
elif arguments[0] == "calibrate":
    test_gpu_test.write_table(named["--out"])
elif arguments[0] == "profile":
    pathlib.Path(named["--json"]).write_text(test_gpu_test.profile_like(named, {fault!r}))
"""


def write_table(path, ks=(8, 128), heads=4):
    """A table in which every τ is 100 times its k, plus its head."""
    values = struct.pack(f"<{len(ks) * heads}f", *(100 * k + head for k in ks for head in range(heads)))
    header = json.dumps({"__metadata__": {"bsfa_thresholds": "1", "k_values": json.dumps(ks), "layers": "[0]"},
                         "thresholds": {"dtype": "F32", "shape": [len(ks), 1, heads, 1],
                                        "data_offsets": [0, len(values)]}}).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(header)) + header + values)


def good_profile():
    facility = {"status": "done", "dropped": 0}
    return {"facilities": [{"name": name, **facility} for name in gpu_profile.FACILITIES],
            "tensor_check": {"equal": True, "counted": 5, "predicted": 5},
            "stalls": {"lines": [{"text": "wait(pipeline);"}]}, "samples": {"count": 3},
            "times": [{"variant": "none"},
                      {"variant": "work", "added_share": 0.01, "limit": 0.02, "within_limit": True},
                      {"variant": "dense"}],
            "findings": []}


def profile_like(named, fault=""):
    """What bsfa would say of the problem that these options name."""
    profile = good_profile()
    if "--thresholds" in named:
        late = "--no-causal" in named
        profile["findings"] = [{"rule": "late-unit", "text": "SM 3 finishes 12 % late: 1 long item started last"}
                               if late else {"rule": "heavy-head", "text": "head 1 keeps ..."}]
    if fault == "count":
        profile["tensor_check"]["equal"] = False
    return json.dumps(profile)


def recorded(name):
    return (DATA / name).read_text()


def judged(report, log=None, code=0):
    outcome = gpu_test.Outcome("step", exit_code=code)
    return gpu_test.judge(outcome, report and recorded(report), log and recorded(log))


class Tests(support.Case):
    def test_a_passing_report_is_counted(self):
        outcome = judged("passing.xml")
        self.assertEqual((outcome.status, outcome.passed, outcome.failed, outcome.errors), ("passed", 5, 0, []))

    def test_a_failing_report_names_what_failed(self):
        outcome = judged("failing.xml", code=2)
        self.assertEqual((outcome.status, outcome.passed, outcome.failed), ("failed", 4, 2))
        self.assertEqual(outcome.errors, ["failed: A mutant is caught/tile 3 & 4",
                                          "failed: Out of memory is a clear error"])

    def test_a_crash_is_a_failure_with_or_without_a_report(self):
        self.assertEqual(judged("crashed.xml", code=-11).errors, ["failed: A mutant is caught"])
        outcome = judged(None, code=-11)
        self.assertEqual((outcome.status, outcome.errors), ("failed", ["the tests gave no report"]))

    def test_a_run_without_tests_does_not_pass(self):
        outcome = judged("none.xml")
        self.assertEqual((outcome.status, outcome.errors), ("failed", ["no test ran"]))

    def test_a_good_report_does_not_excuse_a_bad_exit_code(self):
        outcome = judged("passing.xml", code=1)
        self.assertEqual((outcome.status, outcome.errors), ("failed", ["exit code 1"]))

    def test_a_machine_without_a_device_is_refused_and_not_passed(self):
        self.assertEqual(judged(None, code=77).status, "refused")
        self.assertEqual(judged("passing.xml", code=77).status, "refused")

    def test_errors_of_the_sanitizer_fail_a_step_and_are_told_with_their_counts(self):
        outcome = judged("passing.xml", "memcheck.log", gpu_test.SANITIZER_EXIT)
        self.assertEqual((outcome.status, outcome.passed), ("failed", 5))
        self.assertEqual(outcome.errors, ["2 x Invalid __shared__ write of size 4 bytes",
                                          "1 x Leaked 1,024 bytes at 0x…"])
        outcome = judged("passing.xml", "racecheck.log", gpu_test.SANITIZER_EXIT)
        self.assertEqual(outcome.status, "failed")
        self.assertIn("1 x Error: Race reported between Write access", outcome.errors[0])
        # The log counts even if the tool ends well.
        self.assertEqual(judged("passing.xml", "racecheck.log").status, "failed")

    def test_clean_logs_pass(self):
        for log in ("memcheck-clean.log", "racecheck-clean.log"):
            outcome = judged("passing.xml", log)
            self.assertEqual((outcome.status, outcome.errors), ("passed", []))

    def test_a_sanitizer_that_checked_nothing_does_not_pass(self):
        self.assertEqual(judged(None, "memcheck-clean.log").status, "failed")
        outcome = gpu_test.judge(gpu_test.Outcome("step", exit_code=0), recorded("passing.xml"), "")
        self.assertEqual(outcome.status, "failed")

    def test_a_sanitizer_that_refuses_the_device_is_refused_in_its_own_words(self):
        outcome = judged(None, "refused.log", 1)
        self.assertEqual(outcome.status, "refused")
        self.assertTrue(outcome.errors[0].startswith("Device not supported."))

    def stand_in(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run_script(self, *arguments, report="passing.xml", code=0, sanitizer=True, logs=(), fault="", expect=0):
        """(record, text) of a run in which everything but the script is a stand-in."""
        programs, tools, out, planted = (self.folder / name for name in ("bin", "tools", "out", "logs"))
        self.stand_in(programs / "bsfa-test-gpu", TESTS.format(report=DATA / report, code=code))
        self.stand_in(programs / "bsfa", BSFA.format(python=sys.executable, tests=str(DATA.parent), fault=fault))
        self.stand_in(tools / "nvidia-smi", "#!/bin/sh\necho 'NVIDIA H200, 580.159.04'\n")
        planted.mkdir(exist_ok=True)
        for tool, log in logs:
            (planted / tool).write_text(recorded(log))
        if sanitizer:
            self.stand_in(tools / "compute-sanitizer",
                          SANITIZER.format(logs=planted, data=DATA, error=gpu_test.SANITIZER_EXIT))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CUDA_")}
        environment["PATH"] = f"{tools}:/usr/bin:/bin"
        done = subprocess.run([sys.executable, str(SCRIPT), "--bin", str(programs), "--out", str(out), *arguments],
                              capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        written = sorted(out.glob("*"))
        self.assertEqual(len(written), 1)
        self.assertRegex(written[0].name, r"^nvidia-h200-\d{8}T\d{6}-tests\.json$")
        return json.loads(written[0].read_text()), done.stdout

    def test_a_whole_run_passes_and_is_recorded(self):
        record, text = self.run_script()
        self.assertTrue(record["all_passed"])
        self.assertEqual((record["gpu"], record["driver"], record["commit"]),
                         ("NVIDIA H200", "580.159.04", "0123456789ab"))
        self.assertEqual([step["name"] for step in record["steps"]],
                         ["bsfa-test-gpu", "bsfa compare --kernel portable on the sample",
                          *(f"bsfa profile --kernel portable on {name}" for name, _, _ in gpu_profile.STEPS),
                          *(f"bsfa-test-gpu under {tool}" for tool in gpu_test.TOOLS)])
        self.assertEqual([step["passed"] for step in record["steps"]], [5, 1, 1, 1, 1, 1, 5, 5, 5, 5])
        self.assertEqual(text.count(" passed "), 11)

    def test_one_bad_step_fails_the_whole(self):
        record, text = self.run_script(logs=[("synccheck", "memcheck.log")], expect=1)
        self.assertFalse(record["all_passed"])
        self.assertEqual([step["status"] for step in record["steps"]], ["passed"] * 8 + ["failed", "passed"])
        self.assertIn("2 x Invalid __shared__ write of size 4 bytes", text)

    def test_parts_can_be_chosen(self):
        record, _ = self.run_script("--quick", sanitizer=False)
        self.assertEqual(len(record["steps"]), 6)
        (self.folder / "out").rename(self.folder / "before")
        record, _ = self.run_script("--sanitizers", "racecheck,initcheck")
        self.assertEqual([step["name"].split()[-1] for step in record["steps"]], ["racecheck", "initcheck"])

    def test_a_missing_sanitizer_is_refused_and_not_passed(self):
        if gpu_test.find_tool("compute-sanitizer"):
            self.skipTest("this machine has compute-sanitizer")
        record, text = self.run_script(sanitizer=False, expect=4)
        self.assertEqual([step["status"] for step in record["steps"]], ["passed"] * 6 + ["refused"] * 4)
        self.assertIn("compute-sanitizer is not installed", text)

    def test_a_profile_that_does_not_fit_what_is_known_fails_its_step(self):
        record, text = self.run_script("--quick", fault="count", expect=1)
        self.assertEqual([step["status"] for step in record["steps"]], ["passed"] * 2 + ["failed"] * 4)
        self.assertIn("tensor instructions", text)

    def test_each_fault_of_a_profile_is_told(self):
        self.assertEqual(gpu_profile.judge_balanced(good_profile()), [])
        self.assertEqual(gpu_profile.judge_sample(good_profile()), [])
        self.assertIn("the heavy head is not named", gpu_profile.judge_planted(good_profile())[0])
        self.assertIn("the late SMs are not named", gpu_profile.judge_long_items_last(good_profile())[0])
        for change, words in ((lambda p: p["facilities"].pop(3), "counters: is not reported"),
                              (lambda p: p["facilities"][4].update(dropped=2), "samples: 2 lost"),
                              (lambda p: p["facilities"][5].update(status="refused", refusal="HARDWARE_BUSY"),
                               "stalls: refused: HARDWARE_BUSY"),
                              (lambda p: p["stalls"]["lines"][0].update(text=""), "none of the first lines"),
                              (lambda p: p["samples"].update(count=0), "samples: there is none"),
                              (lambda p: p["times"].pop(), "dense attention"),
                              (lambda p: p["times"][1].update(added_share=0.03, within_limit=False), "adds 3.00 %"),
                              (lambda p: p["findings"].append({"rule": "idle", "text": "SMs idle"}), "idle: SMs idle")):
            profile = good_profile()
            change(profile)
            faults = gpu_profile.judge_balanced(profile)
            self.assertEqual(len(faults), 1, faults)
            self.assertIn(words, faults[0])

    def test_a_machine_that_allows_no_counters_is_no_fault_of_ours(self):
        profile = good_profile()
        profile["facilities"][3].update(status="refused", refusal="cuptiX: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES")
        profile["tensor_check"] = None
        self.assertEqual(gpu_profile.judge_sample(profile), [])

    def test_a_heavy_head_is_planted_in_a_table(self):
        source, planted = self.folder / "two.safetensors", self.folder / "one.safetensors"
        write_table(source)
        gpu_profile.plant(source, planted, head=2, head_k=128, others_k=8)
        metadata, values, shape = gpu_profile.read_table(planted)
        self.assertEqual((metadata["k_values"], shape), ("[8]", [1, 1, 4, 1]))
        self.assertEqual(struct.unpack("<4f", values), (800, 801, 12802, 803))
        for head, k in ((4, 8), (0, 9)):
            with self.assertRaises(ValueError):
                gpu_profile.plant(source, planted, head, 128, k)

    def test_a_planted_table_of_long_items_is_one_that_bsfa_reads(self):
        table = self.folder / "t.safetensors"
        gpu_profile.plant_long_items_last(table, heads=2, blocks=3)
        self.assertEqual(struct.unpack("<6f", gpu_profile.read_table(table)[1]), (-math.inf, math.inf, math.inf) * 2)
        done = subprocess.run([support.BSFA, "info", table], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("threshold table", done.stdout)

    def test_no_device_is_refused_and_not_passed(self):
        record, _ = self.run_script("--quick", code=77, expect=4)
        self.assertEqual(record["steps"][0]["status"], "refused")

    def test_a_step_past_its_limit_is_ended(self):
        programs = self.folder / "bin"
        self.stand_in(programs / "bsfa-test-gpu", "#!/bin/sh\nsleep 60\n")
        outcome = gpu_test.run_tests(programs / "bsfa-test-gpu", None, 1)
        self.assertEqual((outcome.status, outcome.errors[0]), ("failed", "ended after its limit of 1 s"))
        self.assertLess(outcome.wall_s, 20)

    def test_without_tests_or_with_an_unknown_tool_it_is_usage(self):
        for arguments, words in ((["--bin", str(self.folder)], "no bsfa-test-gpu"),
                                 (["--sanitizers", "valgrind"], "choose from"),
                                 (["--quick", "--sanitizers"], "not allowed")):
            done = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    support.main()
