# SPDX-License-Identifier: Apache-2.0
"""scripts/record-traces with programs that stand in for bsfa and torch, and bench/ceiling.py on a CPU."""

import json
import os
import subprocess
import sys

import support
import test_gpu_test

SCRIPT = support.ROOT / "scripts/record-traces"

# Stands in for bsfa: writes down what it was called with and where, and leaves what it is asked for.
BSFA = """#!/bin/sh
command=$1
echo "$@" >>"{folder}/calls"
while [ $# -gt 0 ]; do case "$1" in
  --out) out=$2 ;;
  --json) json=$2 ;;
esac; shift; done
case $command in
  generate) cp "{folder}/qkv" "$out" ;;
  calibrate) cp "{folder}/table" "$out" ;;
  profile)
    [ -e "{folder}/no-device" ] && {{ echo "bsfa: kernel portable: there is no CUDA device" >&2; exit 4; }}
    cp "{folder}/profile" "$json"
    head -c {bytes} /dev/zero >"$out"
    echo "the report of $out"
    exit {code} ;;
  info) echo "all that is in the trace" ;;
esac
"""


class Tests(support.Case):
    def record(self, *arguments, bytes_each=100, code=0, torch=True, fault=None, device=True, expect=0):
        programs, stand_in = self.folder / "bin", self.folder / "stand-in"
        for folder in (programs, stand_in):
            folder.mkdir(exist_ok=True)
        test_gpu_test.write_qkv(stand_in / "qkv", "F16")
        test_gpu_test.write_table(stand_in / "table", ks=(16, 511))
        profile = {**test_gpu_test.good_profile(), "check": {"verdict": "pass" if code == 0 else "fail"}}
        if fault:
            fault(profile)
        (stand_in / "profile").write_text(json.dumps(profile))
        if torch:
            (stand_in / "ceiling").write_text(json.dumps(test_gpu_test.CEILING))
        if not device:
            (stand_in / "no-device").touch()
        for path, text in ((programs / "bsfa", BSFA.format(folder=stand_in, bytes=bytes_each, code=code)),
                           (stand_in / "python", test_gpu_test.TORCH_PYTHON.format(folder=stand_in))):
            path.write_text(text)
            path.chmod(0o755)
        # Relative names on purpose: what is recorded must not depend on where that is.
        done = subprocess.run([sys.executable, str(SCRIPT), "--bin", "bin", "--out", "out", *arguments], text=True,
                              cwd=self.folder, capture_output=True, timeout=60,
                              env={**os.environ, "BSFA_TORCH_PYTHON": str(stand_in / "python")})
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        calls = stand_in / "calls"
        return done, calls.read_text().splitlines() if calls.exists() else []

    def written(self):
        return sorted(path.name for path in (self.folder / "out").iterdir())

    def test_three_traces_are_recorded_with_their_reports_and_hold_no_path(self):
        _, calls = self.record()
        self.assertEqual(self.written(), sorted(f"h200-{what}.{kind}" for what in ("sample", "dense-head", "even")
                                                for kind in ("h5", "info.txt", "report.txt")))
        profiles = [call for call in calls if call.startswith("profile ")]
        self.assertEqual(len(profiles), 3)
        for call in profiles:
            self.assertIn("--check all --loads --ceiling 700.0 ", call)
            self.assertNotIn("/", call)
        self.assertIn("--thresholds planted.safetensors", profiles[1])
        self.assertIn("--thresholds t.safetensors --k 16", profiles[2])
        out = self.folder / "out"
        self.assertEqual((out / "h200-even.report.txt").read_text(), "the report of h200-even.h5\n")
        self.assertEqual((out / "h200-sample.info.txt").read_text(), "all that is in the trace\n")

    def test_what_would_be_too_large_together_is_left_out_and_said_so(self):
        done, _ = self.record(bytes_each=5 << 20)
        self.assertEqual([name for name in self.written() if name.endswith(".h5")],
                         ["h200-dense-head.h5", "h200-sample.h5"])
        self.assertIn("h200-even.h5 is left out", done.stdout)

    def test_a_profile_that_is_not_whole_is_kept_and_told(self):
        done, _ = self.record(fault=lambda p: p["facilities"][3].update(status="refused", refusal="HARDWARE_BUSY"),
                              expect=1)
        self.assertIn("h200-sample: counters: refused: HARDWARE_BUSY", done.stderr)
        self.assertEqual(len(self.written()), 9)
        done, _ = self.record(fault=lambda p: p.update(ceiling=None), expect=1)
        self.assertIn("h200-even: matrix ceiling: None", done.stderr)
        done, _ = self.record(code=1, expect=1)
        self.assertIn("h200-dense-head: verdict: fail", done.stderr)

    def test_without_torch_or_a_device_nothing_is_recorded(self):
        done, calls = self.record(torch=False, expect=4)
        self.assertEqual((done.stderr, calls, self.written()),
                         ("record-traces: ceiling: needs PyTorch and numpy: No module named 'torch'\n", [], []))
        done, _ = self.record(device=False, expect=4)
        self.assertIn("there is no CUDA device", done.stderr)
        self.assertEqual(self.written(), [])

    def test_without_programs_it_is_usage_and_a_file_in_the_way_cannot_be_written(self):
        done, _ = self.record("--bin", "nowhere", expect=2)
        self.assertIn("no bsfa in", done.stderr)
        (self.folder / "taken").touch()
        done, _ = self.record("--out", "taken", expect=5)
        self.assertEqual(done.stderr, "record-traces: taken: File exists\n")

    def test_the_ceiling_is_the_rate_of_the_median_of_products_that_take_turns(self):
        self.need("torch", "numpy")
        result = self.folder / "ceiling.json"
        done = self.python(support.ROOT / "bench/ceiling.py", "--device", "cpu", "--size", 64, "--dtypes", "fp16,bf16",
                           "--json", result)
        written = json.loads(result.read_text())
        self.assertEqual(sorted(written["ceilings"]), ["bf16", "fp16"])
        for row in written["ceilings"].values():
            self.assertGreaterEqual(row["rounds"], 20)
            self.assertAlmostEqual(row["tflops"] * row["median_ms"], 2 * 64**3 * 1e-9)
        self.assertIn("TFLOP/s", done.stdout)
        hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        self.assertIn("no CUDA device", self.python(support.ROOT / "bench/ceiling.py", expect=4, env=hidden).stderr)
        self.assertIn("choose from", self.python(support.ROOT / "bench/ceiling.py", "--dtypes", "fp8", expect=2).stderr)


if __name__ == "__main__":
    support.main()
