# SPDX-License-Identifier: Apache-2.0
"""Calibration, threshold tables and sweeps."""

import os
import pickle
import struct
import subprocess
import sys
import types
import zipfile

import numpy as np

import support

# How a build without CUDA, and one with it on a machine without a GPU, refuse.
NO_DEVICE = ("has no CUDA kernels", "there is no CUDA device", "there is no NVIDIA driver")


def beta(path):
    """How far an fp32 tile_max of this file may lie from the exact one: docs/method.md."""
    tensors = support.read_safetensors(path)
    q, k = (np.linalg.norm(tensors[name].astype(np.float64), axis=-1).max() for name in "qk")
    dim = tensors["q"].shape[-1]
    return ((dim + 16) * 2.0**-23 + 2.0**-22) * q * k / dim**0.5


def write_torch(path, values, k_values, q_block=128, k_block=64):
    """The paper's file, {thresholds, k_values, q_block_size, k_block_size}, as torch.save lays it out."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def rebuild(*_):
        raise AssertionError("only its name is written")
    rebuild.__module__, rebuild.__qualname__, rebuild.__name__ = "torch._utils", "_rebuild_tensor_v2", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = rebuild
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})
    torch._utils = utils

    class Storage:
        pass

    class Tensor:
        def __reduce__(self):
            strides = tuple(int(s) // 4 for s in np.zeros(values.shape, np.float32).strides)
            return rebuild, (Storage(), 0, values.shape, strides, False, {})

    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            return ("storage", torch.FloatStorage, "0", "cpu", values.size) if isinstance(thing, Storage) else None
    sys.modules.update({"torch": torch, "torch._utils": utils})
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            with archive.open("t/data.pkl", "w") as entry:
                Pickler(entry, protocol=2).dump({"thresholds": Tensor(), "k_values": k_values,
                                                 "q_block_size": q_block, "k_block_size": k_block})
            archive.writestr("t/byteorder", "little")
            archive.writestr("t/data/0", struct.pack(f"<{values.size}f", *values.ravel()))
            archive.writestr("t/version", "3\n")
    finally:
        del sys.modules["torch"], sys.modules["torch._utils"]


class Tests(support.Case):
    def calibrate(self, *arguments, out="t.safetensors"):
        text = self.bsfa("calibrate", *arguments, "--out", self.path(out)).out
        return support.read_safetensors(self.path(out))["thresholds"], text

    def samples(self, count=3):
        return [self.generate(name=f"{seed}.safetensors", seed=seed) for seed in range(count)]

    def test_a_mean_is_the_mean_of_single_calibrations(self):
        samples = self.samples()
        single = [self.calibrate("--qkv", sample, "--k", "2,4")[0] for sample in samples]
        together = self.calibrate("--qkv", *samples, "--k", "2,4")[0]
        with np.errstate(invalid="ignore"):
            np.testing.assert_allclose(together, np.mean(single, axis=0), rtol=1e-6)

    def test_a_median_is_the_median_of_single_calibrations(self):
        samples = self.samples()
        single = [self.calibrate("--qkv", sample, "--k", "2,4")[0] for sample in samples]
        together = self.calibrate("--qkv", *samples, "--k", "2,4", "--aggregation", "median")[0]
        np.testing.assert_array_equal(together, np.median(single, axis=0))

    def test_merged_parts_equal_one_calibration(self):
        a, b, c = self.samples()
        for aggregation in ("mean", "median"):
            options = ["--k", "2,4", "--aggregation", aggregation]
            self.bsfa("calibrate", "--qkv", a, c, *options, "--partial", self.path("ac.part"))
            self.bsfa("calibrate", "--qkv", b, *options, "--partial", self.path("b.part"))
            merged = self.calibrate("--merge", self.path("ac.part"), self.path("b.part"), out="m.safetensors")[0]
            whole = self.calibrate("--qkv", a, b, c, *options, out="w.safetensors")[0]
            np.testing.assert_array_equal(merged, whole)
            self.assertEqual(self.path("m.safetensors").read_bytes(), self.path("w.safetensors").read_bytes())

    def test_parts_that_share_a_sample_are_refused(self):
        sample, = self.samples(1)
        self.bsfa("calibrate", "--qkv", sample, "--k", 4, "--partial", self.path("a.part"))
        self.bsfa("calibrate", "--qkv", sample, "--k", 4, "--partial", self.path("b.part"))
        self.refused(3, "b.part", "calibrate", "--merge", self.path("a.part"), self.path("b.part"), "--out", self.path("t"))
        self.assertNotIn("t", self.files())

    def test_parts_of_different_calibrations_are_refused(self):
        a, b = self.samples(2)
        self.bsfa("calibrate", "--qkv", a, "--k", 4, "--partial", self.path("a.part"))
        self.bsfa("calibrate", "--qkv", b, "--k", 8, "--partial", self.path("b.part"))
        self.refused(3, "b.part", "calibrate", "--merge", self.path("a.part"), self.path("b.part"), "--out", self.path("t"))

    def test_a_part_that_is_none_is_refused(self):
        sample, = self.samples(1)
        self.refused(3, "no partial calibration", "calibrate", "--merge", sample, "--out", self.path("t"))

    def test_a_damaged_part_is_refused(self):
        sample, = self.samples(1)
        self.bsfa("calibrate", "--qkv", sample, "--k", 4, "--partial", self.path("a.part"))
        good = self.path("a.part").read_bytes()
        for before, after in ((b'"heads":"2"', b'"heads":"3"'), (b'"heads":"2"', b'"heads":"x"'), (b'"mean"', b'"mode"'),
                              (b'"gate":"128x64"', b'"gate":"128x65"'), (b'"k_values":"4"', b'"k_values":","')):
            self.assertIn(before, good)
            self.path("bad.part").write_bytes(good.replace(before, after))
            self.refused(3, "bad.part", "calibrate", "--merge", self.path("bad.part"), "--out", self.path("t"))

    def test_calibrating_on_a_device_that_is_not_there_is_refused_in_one_line(self):
        hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        with_cuda = os.environ.get("BSFA_HAVE_CUDA") == "TRUE"
        code, text = (4, "there is no ") if with_cuda else (2, "without the CUDA toolkit")
        sample, = self.samples(1)
        for output in ("--out", "--partial"):
            self.refused(code, text, "calibrate", "--qkv", sample, "--k", 4, output, self.path("t"), "--device", "cuda", env=hidden)
        self.assertNotIn("t", self.files())

    def test_a_device_that_computes_nothing_or_is_unknown_is_refused(self):
        sample, = self.samples(1)
        self.bsfa("calibrate", "--qkv", sample, "--k", 4, "--partial", self.path("a.part"))
        self.refused(2, "merging computes no scores", "calibrate", "--merge", self.path("a.part"), "--out", self.path("t"),
                     "--device", "cuda")
        self.refused(2, "cpu,cuda", "calibrate", "--qkv", sample, "--k", 4, "--out", self.path("t"), "--device", "gpu")

    def test_calibrating_on_a_gpu_is_within_rounding_of_calibrating_on_the_cpu(self):
        samples = [self.generate(name=f"{seed}.safetensors", seed=seed, M=3000, D=128, kv_heads=1) for seed in range(3)]
        probe = subprocess.run([support.BSFA, "calibrate", "--qkv", samples[0], "--k", "1", "--out", self.path("x"),
                                "--device", "cuda"], capture_output=True, text=True, timeout=280)
        if any(reason in probe.stderr for reason in NO_DEVICE):
            self.skipTest("there is no CUDA device")
        self.assertEqual(probe.returncode, 0, probe.stderr)
        for gate in ("128x64", "64x64", "128x128"):
            options = ("--qkv", *samples, "--k", "0,2,4,9", "--gate", gate)
            cpu, on_cpu = self.calibrate(*options, out="c.safetensors")
            gpu, on_gpu = self.calibrate(*options, "--device", "cuda", out="g.safetensors")
            self.assertEqual(on_cpu, on_gpu)
            finite = np.isfinite(cpu)
            np.testing.assert_array_equal(cpu[~finite], gpu[~finite])
            # No order statistic, midpoint or mean moves by more than the value that moves most; that of fp32
            # scores moves by beta, and a threshold is rounded to fp32 at the end.
            bound = max(map(beta, samples)) + 2.0**-23 * np.abs(cpu[finite]).max()
            np.testing.assert_allclose(gpu[finite], cpu[finite], rtol=0, atol=bound)

    def test_batch_entries_count_as_samples(self):
        _, text = self.calibrate("--qkv", self.generate(B=3, M=512), "--k", 2)
        self.assertIn("3 samples", text)

    def test_all_layers_are_calibrated(self):
        values, _ = self.calibrate("--qkv", self.layers(2, 7), "--layer", "all", "--k", "2,4")
        self.assertEqual(values.shape[:3], (2, 2, 2))

    def test_samples_with_other_heads_are_refused(self):
        self.refused(3, "b.safetensors", "calibrate", "--qkv", self.generate(name="a.safetensors"),
                     self.generate(name="b.safetensors", H=4), "--k", 4, "--out", self.path("t"))

    def test_a_sample_with_nan_scores_is_refused_by_name(self):
        self.refused(3, "bad.safetensors", "calibrate", "--qkv", self.generate(), self.generate("nan-k", "bad.safetensors"),
                     "--k", 4, "--out", self.path("t"))
        self.assertNotIn("t", self.files())

    def test_held_out_density_is_predicted_and_measured(self):
        seen, held_out = self.samples(2)
        _, text = self.calibrate("--qkv", seen, "--k", "2,4", "--held-out", held_out)
        _, own = self.calibrate("--qkv", seen, "--k", "2,4", "--held-out", seen)
        self.assertIn("predicted", text)
        self.assertEqual(own.count("1.000"), 2)
        self.assertNotEqual(text.splitlines()[-2:], own.splitlines()[-2:])

    def test_a_sound_table_has_no_findings(self):
        self.calibrate("--qkv", self.generate(), "--k", "2,4")
        text = self.bsfa("thresholds", "lint", self.path("t.safetensors"), "--qkv", self.path("qkv.safetensors")).out
        self.assertIn("0 errors", text)

    def test_lint_errors_are_a_failed_verdict(self):
        self.calibrate("--qkv", self.generate(), "--k", "2,4")
        other = self.generate(name="other.safetensors", H=4)
        text = self.bsfa("thresholds", "lint", self.path("t.safetensors"), "--qkv", other, expect=1).out
        self.assertIn("error: heads", text)
        self.assertIn("1 error, ", text)

    def test_a_table_shorter_than_the_sequence_is_a_warning(self):
        self.calibrate("--qkv", self.generate(), "--k", "2,4")
        longer = self.generate(name="longer.safetensors", M=2048)
        self.assertIn("warning: short", self.bsfa("thresholds", "lint", self.path("t.safetensors"), "--qkv", longer).out)

    def test_show_lists_every_k_and_head(self):
        self.calibrate("--qkv", self.generate(), "--k", "2,4")
        text = self.bsfa("thresholds", "show", self.path("t.safetensors")).out
        self.assertIn("median", text)
        self.assertEqual(len([line for line in text.splitlines() if line.lstrip().startswith(("2 ", "4 "))]), 4)

    def test_a_torch_table_is_imported_value_for_value(self):
        values = np.linspace(8, 4, 2 * 1 * 2 * 8, dtype=np.float32).reshape(2, 1, 2, 8)
        write_torch(self.path("paper.pt"), values, [4, 8])
        self.bsfa("thresholds", "import", self.path("paper.pt"), "--out", self.path("t.safetensors"))
        np.testing.assert_array_equal(support.read_safetensors(self.path("t.safetensors"))["thresholds"], values)
        self.assertIn("torch", self.bsfa("info", self.path("paper.pt")).out)
        report = self.compare("--qkv", self.generate(), "--thresholds", self.path("paper.pt"), "--k", 4)
        self.assertIn("paper.pt", report["layers"][0]["thresholds"]["source"])

    def test_a_torch_table_that_would_run_code_is_refused(self):
        with zipfile.ZipFile(self.path("evil.pt"), "w") as archive:
            archive.writestr("t/data.pkl", b"cos\nsystem\n(S'touch %s'\ntR." % str(self.path("pwned")).encode())
        self.refused(3, "evil.pt", "thresholds", "import", self.path("evil.pt"), "--out", self.path("t"))
        self.assertEqual(self.files(), ["evil.pt"])

    def test_a_sweep_has_a_row_for_gating_off_and_for_each_k(self):
        qkv = self.generate()
        report = self.bsfa("sweep", "--qkv", qkv, "--k", "8,2,4", "--json", "-").json
        rows = report["layers"][0]["rows"]
        self.assertEqual([row["k"] for row in rows], [None, 2, 4, 8])
        self.assertEqual(rows[0]["density"], 1.0)
        self.assertEqual(rows[0]["speed_up"], 1.0)
        self.assertIs(report["self_calibrated"], True)
        densities = [row["density"] for row in rows[1:]]
        self.assertEqual(densities, sorted(densities))
        masses = [row["retained_mass"] for row in rows[1:]]
        self.assertEqual(masses, sorted(masses))
        self.assertIn("speed-up", self.bsfa("sweep", "--qkv", qkv, "--k", "2,4").out)

    def test_a_sweep_agrees_with_single_comparisons(self):
        qkv = self.generate()
        rows = self.bsfa("sweep", "--qkv", qkv, "--k", "2,4", "--json", "-").json["layers"][0]["rows"]
        for row in rows[1:]:
            single = self.compare("--qkv", qkv, "--topk", row["k"])
            for key in ("verdict", "density", "retained_mass", "errors", "tiles"):
                self.assertEqual(row[key], single[key], key)

    def test_a_sweep_takes_its_k_from_a_table(self):
        self.calibrate("--qkv", self.generate(), "--k", "2,4")
        report = self.bsfa("sweep", "--qkv", self.path("qkv.safetensors"), "--thresholds", self.path("t.safetensors"), "--json", "-").json
        self.assertEqual([row["k"] for row in report["layers"][0]["rows"]], [None, 2, 4])
        self.assertIs(report["self_calibrated"], False)

    def test_generated_files_depend_on_the_seed_alone(self):
        a, b = self.generate(name="a", seed=5), self.generate(name="b", seed=5)
        self.assertEqual(a.read_bytes(), b.read_bytes())
        self.assertNotEqual(a.read_bytes(), self.generate(name="c", seed=6).read_bytes())


if __name__ == "__main__":
    support.main()
