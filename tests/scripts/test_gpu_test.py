# SPDX-License-Identifier: Apache-2.0
"""scripts/gpu-test on recorded reports, and whole with programs that stand in for the tests and the sanitizer."""

import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import unittest.mock

import support

SCRIPT = support.ROOT / "scripts/gpu-test"
DATA = pathlib.Path(__file__).resolve().parent / "data"
gpu_test = support.load_program(SCRIPT)
gpu_ceiling, gpu_growth, gpu_profile = gpu_test.gpu_ceiling, gpu_test.gpu_growth, gpu_test.gpu_profile
gpu_busy, gpu_program = gpu_test.gpu_busy, gpu_test.gpu_program

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
BSFA = """#!/bin/sh
command=$1; shift; name=--out
case $command in
  --version) echo "bsfa 0.1.0 (0123456789ab)"; exit ;;
  generate) from=qkv ;;
  calibrate) from=table ;;
  profile) from=plain; name=--json ;;
  *) exit 0 ;;
esac
while [ $# -gt 0 ]; do case "$1" in
  "$name") to=$2 ;;
  --thresholds) from=heavy ;;
  --no-causal) late=1 ;;
  --) from=program; break ;;
esac; shift; done
[ -n "$late" ] && from=late
if [ -z "$to" ]; then
  echo "launch"; mkdir "{folder}/held" 2>/dev/null || cat "{folder}/busy"; exit
fi
cp "{folder}/$from" "$to"
"""

# Stands in for a Python with torch that measures the ceiling: one without a result has none.
TORCH_PYTHON = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = --json ] && to=$2; shift; done
[ -e {folder}/ceiling ] || {{ echo "ceiling: needs PyTorch and numpy: No module named 'torch'"; exit 2; }}
cp {folder}/ceiling "$to"
"""
CEILING = {"gpu": "NVIDIA H200",
           "ceilings": {"fp16": {"tflops": 700.04, "median_ms": 1.57, "mad_ms": 0.01, "rounds": 400}}}

# What the second of two profiles says.
REFUSED = f"counters refused: cuptiX: {gpu_busy.BUSY}\n  {gpu_busy.ADVICE} (Nsight): end it and repeat\n"

NVIDIA_SMI = """#!/bin/sh
case "$1" in *memory*) echo 4 ;; *) echo 'NVIDIA H200, 580.159.04' ;; esac
"""


def write_table(path, ks=(8, 128), heads=4):
    """A table in which every τ is 100 times its k, plus its head."""
    values = struct.pack(f"<{len(ks) * heads}f", *(100 * k + head for k in ks for head in range(heads)))
    header = json.dumps({"__metadata__": {"bsfa_thresholds": "1", "k_values": json.dumps(ks), "layers": "[0]"},
                         "thresholds": {"dtype": "F32", "shape": [len(ks), 1, heads, 1],
                                        "data_offsets": [0, len(values)]}}).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(header)) + header + values)


def write_qkv(path, dtype):
    """The header of a file with q in one dtype beside something else."""
    header = json.dumps({"__metadata__": {}, "layers.4.q": {"dtype": dtype, "shape": [0], "data_offsets": [0, 0]},
                         "layers.4.mask": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}}).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(header)) + header)


def good_profile():
    facility = {"status": "done", "dropped": 0}
    return {"facilities": [{"name": name, **facility} for name in gpu_profile.FACILITIES],
            "tensor_check": {"equal": True, "counted": 5, "predicted": 5},
            "stalls": {"lines": [{"text": "wait(pipeline);"}]}, "samples": {"count": 3},
            "ceiling": {"share_of_ceiling": 0.6}, "traffic": [{"place": "L2", "share_of_attainable": 0.6}],
            "times": [{"variant": "none"},
                      {"variant": "work", "added_share": 0.01, "limit": 0.02, "within_limit": True},
                      {"variant": "dense"}],
            "findings": []}


def write_profiles(folder, fault=""):
    """What bsfa would make of the problems that gpu-test gives it: inputs, a table of two k, profiles."""
    write_table(folder / "table")
    write_qkv(folder / "qkv", "F16")
    for name, findings in (("plain", []), ("heavy", [{"rule": "heavy-head", "text": "head 1 keeps ..."}]),
                           ("late", [{"rule": "late-unit",
                                      "text": "SM 3 finishes 12 % late: 1 long item started last"}])):
        profile = {**good_profile(), "findings": findings}
        if fault == "count":
            profile["tensor_check"]["equal"] = False
        if fault == "ceiling":
            profile["ceiling"]["share_of_ceiling"] = 1.2
        (folder / name).write_text(json.dumps(profile))


def attention_kernel(name, **changed):
    return {"name": name, "attention_like": True, "launches": 5, "least_ns": 4, "median_ns": 5, "most_ns": 6, **changed}


def good_program():
    """What bsfa would say of PyTorch's attention by two backends."""
    kernels = [attention_kernel("flash_fwd_kernel", launches=4), attention_kernel("cudnn_sdpa_fprop"),
               {"name": "normal_kernel", "attention_like": False}]
    counters = [{"kernel": name, "values": [{"metric": gpu_program.TENSOR, "value": 9.0}]}
                for name in ("flash_fwd_kernel", "cudnn_sdpa_fprop")]
    return {"exit_code": 0,
            "processes": [{"refusals": [], "dropped": 0, "kernels": kernels, "counters": counters}]}


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

    def run_script(self, *arguments, report="passing.xml", code=0, sanitizer=True, logs=(), fault="", torch=True,
                   expect=0):
        """(record, text) of a run in which everything but the script is a stand-in."""
        programs, tools, out, planted = (self.folder / name for name in ("bin", "tools", "out", "logs"))
        self.stand_in(programs / "bsfa-test-gpu", TESTS.format(report=DATA / report, code=code))
        planted.mkdir(exist_ok=True)
        write_profiles(planted, fault)
        (planted / "program").write_text(json.dumps(good_program()))
        (planted / "busy").write_text(REFUSED)
        if torch:
            (planted / "ceiling").write_text(json.dumps(CEILING))
        self.stand_in(programs / "bsfa", BSFA.format(folder=planted))
        self.stand_in(tools / "nvidia-smi", NVIDIA_SMI)
        self.stand_in(tools / "torch-python", TORCH_PYTHON.format(folder=planted))
        for tool, log in logs:
            (planted / tool).write_text(recorded(log))
        if sanitizer:
            self.stand_in(tools / "compute-sanitizer",
                          SANITIZER.format(logs=planted, data=DATA, error=gpu_test.SANITIZER_EXIT))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CUDA_")}
        environment.update(PATH=f"{tools}:/usr/bin:/bin", BSFA_TORCH_PYTHON=str(tools / "torch-python"))
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
                         ["bsfa-test-gpu", "bsfa compare --kernel portable on the sample", "matrix ceiling by cuBLAS",
                          *(f"bsfa profile --kernel portable on {name}" for name, _, _ in gpu_profile.STEPS),
                          "bsfa profile of a program with PyTorch's attention",
                          "two bsfa profile at once", "20 full profiles show no growth",
                          *(f"bsfa-test-gpu under {tool}" for tool in gpu_test.TOOLS)])
        self.assertEqual([step["passed"] for step in record["steps"]], [5] + [1] * 9 + [5] * 4)
        self.assertEqual(text.count(" passed "), 15)
        self.assertEqual(record["steps"][2]["figures"], CEILING["ceilings"])
        self.assertTrue(all("--ceiling 700.0" in step["command"] for step in record["steps"][3:7]))
        self.assertEqual(record["steps"][9]["figures"], {"profiles": 20, "device_memory_mib": [4.0] * 20})

    def test_one_bad_step_fails_the_whole(self):
        record, text = self.run_script(logs=[("synccheck", "memcheck.log")], expect=1)
        self.assertFalse(record["all_passed"])
        self.assertEqual([step["status"] for step in record["steps"]], ["passed"] * 12 + ["failed", "passed"])
        self.assertIn("2 x Invalid __shared__ write of size 4 bytes", text)

    def test_parts_can_be_chosen(self):
        record, _ = self.run_script("--quick", sanitizer=False)
        self.assertEqual(len(record["steps"]), 10)
        (self.folder / "out").rename(self.folder / "before")
        record, _ = self.run_script("--sanitizers", "racecheck,initcheck")
        self.assertEqual([step["name"].split()[-1] for step in record["steps"]], ["racecheck", "initcheck"])

    def test_a_missing_sanitizer_is_refused_and_not_passed(self):
        if gpu_test.find_tool("compute-sanitizer"):
            self.skipTest("this machine has compute-sanitizer")
        record, text = self.run_script(sanitizer=False, expect=4)
        self.assertEqual([step["status"] for step in record["steps"]], ["passed"] * 10 + ["refused"] * 4)
        self.assertIn("compute-sanitizer is not installed", text)

    def test_a_profile_that_does_not_fit_what_is_known_fails_its_step(self):
        record, text = self.run_script("--quick", fault="count", expect=1)
        self.assertEqual([step["status"] for step in record["steps"]], ["passed"] * 3 + ["failed"] * 4 + ["passed"] * 3)
        self.assertIn("tensor instructions", text)

    def test_a_profile_beyond_the_matrix_ceiling_fails_its_step(self):
        record, text = self.run_script("--quick", fault="ceiling", expect=1)
        self.assertEqual([step["status"] for step in record["steps"]], ["passed"] * 3 + ["failed"] * 4 + ["passed"] * 3)
        self.assertIn("matrix ceiling: {'share_of_ceiling': 1.2}", text)

    def test_without_torch_the_ceiling_is_refused_and_all_else_runs(self):
        record, text = self.run_script("--quick", torch=False, expect=4)
        self.assertEqual([step["status"] for step in record["steps"]], ["passed"] * 2 + ["refused"] + ["passed"] * 4 + ["refused", "passed", "passed"])
        self.assertIn("needs PyTorch", text)
        self.assertFalse(any("--ceiling" in step["command"] for step in record["steps"][3:]))

    def test_device_memory_that_grows_and_files_left_behind_are_told(self):
        self.assertEqual(gpu_growth.growth_faults([4.0, 500.0] * 10, set()), [])
        self.assertEqual(gpu_growth.growth_faults([4.0] * 19 + [6.0], set()), [])
        grown, = gpu_growth.growth_faults([4.0 + 2 * each for each in range(20)], set())
        self.assertIn("grew by 20.0 MiB", grown)
        self.assertEqual(gpu_growth.growth_faults([4.0] * 20, {"/dev/shm/x"}), ["left behind: /dev/shm/x"])
        self.assertIn("neither NVML", gpu_growth.growth_faults([None] * 20, set())[0])

    def test_profiles_in_a_row_that_leave_a_file_or_are_refused_a_facility_are_faulted(self):
        temporary = self.folder / "temporary"
        temporary.mkdir()
        for profile, leaves, words in ((good_profile(), "", None), (good_profile(), "x", "left behind"),
                                       ({"facilities": []}, "", "time: is not reported")):
            def run(command):
                pathlib.Path(command[command.index("--json") + 1]).write_text(json.dumps(profile))
                if leaves:
                    (temporary / leaves).touch()
            with unittest.mock.patch.object(gpu_growth, "device_memory_mib", lambda: 1.0):
                _, faults = gpu_growth.run_profiles("bsfa", run, self.folder, temporary)
            self.assertEqual(bool(faults), words is not None, faults)
            self.assertTrue(words is None or words in faults[0], faults)

    def test_the_ceiling_of_a_profile_is_that_of_its_dtype(self):
        ceilings = {"fp16": {"tflops": 700.0}, "bf16": {"tflops": 710.0}}
        for kind, value in (("F16", "700.0"), ("BF16", "710.0"), ("F32", "700.0")):
            qkv = self.folder / f"{kind}.safetensors"
            write_qkv(qkv, kind)
            self.assertEqual(gpu_ceiling.ceiling_arguments(ceilings, ["--qkv", str(qkv)]), ["--ceiling", value])
        self.assertEqual(gpu_ceiling.ceiling_arguments(ceilings, ["--generate", "gaussian"]), ["--ceiling", "700.0"])
        self.assertEqual(gpu_ceiling.ceiling_arguments(ceilings, ["--dtype", "bf16"]), ["--ceiling", "710.0"])
        self.assertEqual(gpu_ceiling.ceiling_arguments({}, ["--generate", "gaussian"]), [])

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

    def test_a_program_whose_attention_is_not_listed_timed_and_counted_is_faulted(self):
        self.assertEqual(gpu_program.judge_program(good_program())[1], [])
        for change, words in ((lambda p: p.update(exit_code=1), "exit code 1"),
                              (lambda p: p["processes"].clear(), "0 processes"),
                              (lambda p: p["processes"][0].update(dropped=2), "2 launches lost"),
                              (lambda p: p["processes"][0]["refusals"].append(
                                  {"facility": "counters", "words": "HARDWARE_BUSY"}), "counters: refused: HARDWARE_BUSY"),
                              (lambda p: p["processes"][0]["kernels"].pop(1), "two backends"),
                              (lambda p: p["processes"][0]["kernels"][1].update(median_ns=0), "out of order"),
                              (lambda p: p["processes"][0]["kernels"][1].update(launches=1), "1 launches"),
                              (lambda p: p["processes"][0]["counters"].pop(), "no tensor instructions")):
            report = good_program()
            change(report)
            faults = gpu_program.judge_program(report)[1]
            self.assertEqual(len(faults), 1, faults)
            self.assertIn(words, faults[0])

    def test_of_two_profiles_at_once_one_is_refused_in_words_and_goes_on(self):
        self.assertEqual(gpu_busy.judge_pair([0, 0], ["launch", "launch\n" + REFUSED]), (True, []))
        self.assertEqual(gpu_busy.judge_pair([0, 0], ["launch", "launch"]), (False, []))
        for codes, texts, words in (([0, 4], ["launch", "launch\n" + REFUSED], "exit code 4"),
                                    ([0, 0], ["launch", REFUSED], "without times"),
                                    ([0, 0], ["launch\n" + REFUSED] * 2, "neither"),
                                    ([0, 0], ["launch", f"launch\ncounters refused: x\n{gpu_busy.ADVICE}"],
                                     "another reason: x"),
                                    ([0, 0], ["launch", f"launch\ncounters refused: {gpu_busy.BUSY}"],
                                     "without advice")):
            _, faults = gpu_busy.judge_pair(codes, texts)
            self.assertEqual(len(faults), 1, faults)
            self.assertIn(words, faults[0])
        faults = gpu_busy.run_both(["echo", "launch"], 60)
        self.assertEqual(faults, ["in 5 tries both counted at once"])

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
