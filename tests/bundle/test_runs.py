# SPDX-License-Identifier: Apache-2.0
"""The bundle does its work after being moved, with an empty environment, from another folder."""

import json
import os
import subprocess

import numpy as np

import elf
import support

SKIP_WITHOUT_DEVICE = 77


def without_times(report):
    """The report without what differs from one run or place to the next."""
    if isinstance(report, dict):
        return {key: without_times(value) for key, value in report.items()
                if key not in ("elapsed", "elapsed_s", "created_utc", "command_line", "file", "input")}
    if isinstance(report, list):
        return [without_times(value) for value in report]
    return report


class Tests(support.Case):
    def run_moved(self, program, *arguments, expect=0, environment=None):
        elsewhere = self.folder / "an empty folder"
        elsewhere.mkdir(exist_ok=True)
        done = subprocess.run([str(program), *map(str, arguments)], env=environment or {}, cwd=elsewhere,
                              capture_output=True, text=True, timeout=280)
        self.assertEqual(done.returncode, expect, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def test_it_runs_from_another_folder_with_an_empty_environment(self):
        moved = self.moved()
        self.assertEqual(self.run_moved(moved / "bin/bsfa", "--version").stdout,
                         subprocess.run([str(support.BUILT), "--version"], capture_output=True, text=True).stdout)

    def test_the_bundled_sample_passes_with_the_verdict_of_the_build(self):
        moved = self.moved()
        command = ["compare", "--topk", 16, "--kernel", "cpu", "--json", "-", "--qkv"]
        here = json.loads(self.run_moved(moved / "bin/bsfa", *command, moved / support.SAMPLE).stdout)
        there = json.loads(subprocess.run([str(support.BUILT), *map(str, command), str(support.ROOT / support.SAMPLE)],
                                          check=True, capture_output=True, text=True).stdout)
        self.assertEqual(here["verdict"], "pass")
        self.assertEqual(without_times(here), without_times(there))

    def test_it_writes_a_trace_that_another_hdf5_reads(self):
        import h5py
        moved = self.moved()
        trace = self.folder / "t.h5"
        self.run_moved(moved / "bin/bsfa", "compare", "--qkv", moved / support.SAMPLE, "--topk", 16, "--out", trace)
        self.run_moved(moved / "bin/bsfa", "info", trace)
        with h5py.File(trace) as file:
            deflated = []

            def look(name, item):
                if getattr(item, "compression", None) == "gzip":
                    deflated.append(name)

            file.visititems(look)
        self.assertTrue(deflated)

    def test_it_reads_a_deflated_npz(self):
        moved = self.moved()
        values = np.random.default_rng(1).standard_normal((3, 1, 1, 512, 64)).astype(np.float16)
        np.savez_compressed(self.folder / "qkv.npz", q=values[0], k=values[1], v=values[2])
        done = self.run_moved(moved / "bin/bsfa", "compare", "--qkv", self.folder / "qkv.npz", "--topk", 2, "--json", "-")
        self.assertEqual(json.loads(done.stdout)["verdict"], "pass")

    def test_it_maps_no_library_but_the_c_library_and_its_own(self):
        moved = self.moved()
        done = subprocess.run([str(moved / "bin/bsfa"), "--version"], env={"LD_TRACE_LOADED_OBJECTS": "1"},
                              capture_output=True, text=True, check=True)
        self.assertIn("libc.so.6 => ", done.stdout)
        for line in done.stdout.splitlines():
            name, _, place = line.strip().partition(" => ")
            name = os.path.basename(name.split()[0])
            if name not in elf.C_LIBRARY | {"linux-vdso.so.1"}:
                self.assertEqual(os.path.realpath(place.rsplit(" (", 1)[0]), os.path.realpath(moved / "lib" / name))

    def test_a_library_with_its_own_runtime_that_throws_ends_in_one_clear_line(self):
        moved = self.moved()
        library = self.folder / "broken.so"
        subprocess.run(["c++", "-std=c++20", "-shared", "-fPIC", f"-I{support.ROOT}", "-o", str(library),
                        str(support.ROOT / "tests/kernels/plugins/broken.cpp")], check=True)
        self.assertIn("libstdc++.so.6", elf.needed(library))
        done = self.run_moved(moved / "bin/bsfa", "compare", "--qkv", moved / support.SAMPLE, "--topk", 16,
                              "--kernel", library, expect=5, environment={"BSFA_TEST_FAULT": "open-throws"})
        self.assertIn("broken.so", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_the_gpu_tests_start_and_say_where_there_is_no_device(self):
        self.part("bin/bsfa-test-gpu")
        if os.path.exists("/dev/nvidiactl"):
            self.skipTest("there is a device: scripts/gpu-test runs them")
        self.run_moved(self.moved() / "bin/bsfa-test-gpu", expect=SKIP_WITHOUT_DEVICE)


if __name__ == "__main__":
    support.main()
