# SPDX-License-Identifier: Apache-2.0
"""Nothing half-written stays behind, whatever goes wrong."""

import os
import resource
import shutil
import signal
import subprocess
import time

import support


class Tests(support.Case):
    def outputs(self, folder):
        return ["--out", folder / "t.h5"], ["--json", folder / "t.json"]

    def test_a_folder_that_is_not_there_is_found_before_the_work(self):
        uncalibratable = self.generate("nan-k")
        for output in self.outputs(self.path("absent")):
            self.refused(5, str(output[1]), "compare", "--qkv", uncalibratable, "--topk", 4, *output)
        for option in ("--out", "--partial"):
            self.refused(5, "absent", "calibrate", "--qkv", uncalibratable, "--k", 8, option, self.path("absent") / "t")

    def test_a_folder_that_may_not_be_written_is_refused(self):
        for output in self.outputs(self.generate()):
            self.refused(5, "Not a directory", "compare", "--qkv", self.generate(), "--topk", 4, *output)

    def test_an_output_that_is_a_folder_is_refused(self):
        self.path("folder").mkdir()
        for option in ("--out", "--json"):
            self.refused(5, "folder", "compare", "--qkv", self.generate(), "--topk", 4, option, self.path("folder"))

    def test_a_write_that_fails_leaves_nothing_behind(self):
        qkv = self.generate()
        before = self.files()

        def only_small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        for arguments in (["compare", "--qkv", qkv, "--topk", 4, "--out", self.path("t.h5")],
                          ["compare", "--qkv", qkv, "--topk", 4, "--json", self.path("t.json")],
                          ["sweep", "--qkv", qkv, "--k", "2,4", "--json", self.path("s.json")],
                          ["generate", "gaussian", "--out", self.path("g.safetensors")],
                          ["calibrate", "--qkv", qkv, "--k", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18", "--out", self.path("t.safetensors")],
                          ["calibrate", "--qkv", qkv, "--k", "2,4", "--partial", self.path("p.safetensors")]):
            self.refused(5, "File too large", *arguments, preexec_fn=only_small_files)
            self.assertEqual(self.files(), before, arguments)

    def test_a_full_disk_leaves_nothing_behind(self):
        if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
            self.skipTest("this machine does not let tests mount a small disk")
        qkv, disk = self.generate(H=8), self.path("disk")
        disk.mkdir()
        for option, name in (("--out", "t.h5"), ("--json", "t.json")):
            script = (f'mount -t tmpfs -o size=8k none {disk} || exit 99; "$@"; code=$?; ls -A {disk}; exit $code')
            done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", support.BSFA, "compare", "--qkv", qkv,
                                   "--topk", "4", option, disk / name], capture_output=True, text=True)
            if done.returncode == 99:
                self.skipTest("this machine does not let tests mount a small disk")
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn("No space left on device", done.stderr)
            self.assertEqual(done.stdout, "")

    def interrupt(self, number, *arguments):
        """Starts bsfa, waits for its temporary files, sends the signal."""
        before = self.files()
        process = subprocess.Popen([support.BSFA, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while self.files() == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertIsNone(process.poll(), "it ended before it could be interrupted")
        self.assertNotEqual(self.files(), before)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertEqual((out, err), ("", "bsfa: interrupted\n"))
        self.assertEqual(self.files(), before)

    def test_ctrl_c_leaves_no_trace_and_no_report(self):
        qkv = self.generate(M=16384, H=2)
        for number in (signal.SIGINT, signal.SIGTERM):
            self.interrupt(number, "compare", "--qkv", qkv, "--topk", 8, "--out", self.path("t.h5"), "--json", self.path("t.json"))

    def test_ctrl_c_ends_the_reference_and_the_kernel_alike(self):
        qkv = self.generate(M=16384, H=2)
        self.interrupt(signal.SIGINT, "compare", "--qkv", qkv, "--dense", "--json", self.path("t.json"))

    def test_an_existing_output_survives_an_interrupted_run(self):
        qkv = self.generate(M=16384, H=2)
        self.path("t.json").write_text("kept")
        self.interrupt(signal.SIGINT, "compare", "--qkv", qkv, "--topk", 8, "--json", self.path("t.json"))
        self.assertEqual(self.path("t.json").read_text(), "kept")

    def test_outputs_have_the_permissions_of_any_new_file(self):
        os.umask(0o022)
        self.bsfa("compare", "--qkv", self.generate(), "--topk", 4, "--out", self.path("t.h5"), "--json", self.path("t.json"))
        for name in ("t.h5", "t.json"):
            self.assertEqual(self.path(name).stat().st_mode & 0o777, 0o644, name)

    def test_too_little_memory_is_said_in_one_line(self):
        if os.environ.get("BSFA_SANITIZE"):
            self.skipTest("sanitizers reserve more memory than this test leaves")
        qkv = self.generate("gaussian", M=32768, H=8, kv_heads=1)
        codes = set()
        for limit in range(60, 241, 20):
            def little_memory():
                resource.setrlimit(resource.RLIMIT_AS, (limit << 20, limit << 20))
            done = subprocess.run([support.BSFA, "compare", "--qkv", qkv, "--tau", "4.5", "--sample", "1", "--threads", "1"],
                                  capture_output=True, text=True, preexec_fn=little_memory)
            codes.add(done.returncode)
            self.assertIn(done.returncode, (0, 3, 4), f"{limit} MiB: {done.stderr}")
            if done.returncode != 0:
                self.assertRegex(done.stderr, r"^bsfa: .*memory.*\n$")
        self.assertIn(4, codes)


if __name__ == "__main__":
    support.main()
