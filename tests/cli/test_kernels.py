# SPDX-License-Identifier: Apache-2.0
"""Kernels from shared libraries and saved outputs: each mistake fails in its own category."""

import ctypes.util
import math
import os

import numpy as np

import support


def dense_attention(q, k, v, scale):
    """O, LSE, scores in double for [H,N,D] with as many key heads as query heads, causal."""
    scores = np.einsum("hid,hjd->hij", q.astype(np.float64), k.astype(np.float64)) * scale
    scores[:, ~np.tri(q.shape[1], dtype=bool)] = -np.inf
    top = scores.max(-1, keepdims=True)
    weights = np.exp(scores - top)
    return weights @ v.astype(np.float64) / weights.sum(-1, keepdims=True), (np.log(weights.sum(-1)) + top[..., 0]), scores


def gated_output(qkv, tau, scale=0.125):
    """What a right kernel would save: o, lse, mask, tile_max, for gate 128x64."""
    tensors = support.read_safetensors(qkv)
    q, k, v = (tensors[name][0] for name in "qkv")
    scores = dense_attention(q, k, v, scale)[2]
    heads, rows, columns = scores.shape
    tiles = scores.reshape(heads, rows // 128, 128, columns // 64, 64).max((2, 4))
    m, n = np.arange(rows // 128)[:, None], np.arange(columns // 64)[None, :]
    mask = np.where(tiles >= tau, 2, 1).astype(np.uint8)
    mask[:, n // 2 == m], mask[:, n // 2 > m] = 3, 0
    scores[~np.repeat(np.repeat(mask >= 2, 128, 1), 64, 2)] = -np.inf
    top = scores.max(-1, keepdims=True)
    weights = np.exp(scores - top)
    o = weights @ v.astype(np.float64) / weights.sum(-1, keepdims=True)
    lse = np.log(weights.sum(-1)) + top[..., 0]
    return {"o": o[None].astype(np.float16), "lse": lse[None].astype(np.float32), "mask": mask[None],
            "tile_max": tiles[None].astype(np.float32)}


class Tests(support.Case):
    def save(self, tensors, name="o.safetensors"):
        support.write_safetensors(self.path(name), tensors)
        return self.path(name)

    def judge(self, qkv, tensors, *arguments, expect=0):
        return self.compare("--qkv", qkv, "--tau", 7, "--output", self.save(tensors), *arguments, expect=expect)

    def test_a_right_saved_output_passes(self):
        qkv = self.generate()
        report = self.judge(qkv, gated_output(qkv, 7))
        self.assertEqual(report["verdict"], "pass")
        self.assertIs(report["gating_inferred"], False)
        self.assertGreater(report["tiles"]["skipped"], 0)
        self.assertEqual(report["layers"][0]["kernel"]["runs"], 0)

    def test_a_saved_output_without_a_mask_is_judged_under_the_inferred_one(self):
        qkv = self.generate()
        report = self.judge(qkv, {"o": gated_output(qkv, 7)["o"]})
        self.assertEqual(report["verdict"], "pass")
        self.assertIs(report["gating_inferred"], True)

    def test_a_saved_dense_output_fails_in_arithmetic(self):
        qkv = self.generate()
        right = gated_output(qkv, 7)
        report = self.judge(qkv, {**right, "o": gated_output(qkv, -math.inf)["o"]}, expect=1)
        self.assertEqual(report["verdict"], "fail")
        self.assertEqual(report["failed"], {"arithmetic": True, "gating": False, "contract": False})
        self.assertGreater(report["errors"]["arithmetic"], 1.0)

    def test_a_saved_mask_with_one_wrong_tile_fails_in_gating(self):
        qkv = self.generate()
        right = gated_output(qkv, 7)
        at = tuple(np.argwhere(right["mask"] == 1)[0])
        right["mask"][at] = 2
        report = self.judge(qkv, right, expect=1)
        self.assertTrue(report["failed"]["gating"])
        worst = report["worst"]["gating"]
        self.assertEqual((worst["batch"], worst["head"], worst["q_block"], worst["k_block"]), at)

    def test_a_saved_bool_mask_says_which_tiles_take_part(self):
        qkv = self.generate()
        right = gated_output(qkv, 7)
        report = self.judge(qkv, {**right, "mask": right["mask"] >= 2})
        self.assertEqual(report["verdict"], "pass")
        self.assertIs(report["gating_inferred"], False)

    def test_a_saved_lse_in_log2_fails(self):
        qkv = self.generate()
        right = gated_output(qkv, 7)
        right["lse"] = (right["lse"] / np.float32(math.log(2))).astype(np.float32)
        report = self.judge(qkv, right, expect=1)
        self.assertTrue(report["failed"]["arithmetic"])

    def test_a_saved_output_in_fp32_is_read_only_if_nothing_is_lost(self):
        qkv = self.generate()
        right = gated_output(qkv, 7)
        wide = {**right, "o": right["o"].astype(np.float32)}
        self.assertEqual(self.judge(qkv, wide)["verdict"], "pass")
        wide["o"][0, 1, 5, 7] = 0.1
        path = self.save(wide)
        self.refused(3, "0.1", "compare", "--qkv", qkv, "--tau", 7, "--output", path)

    def test_a_saved_output_that_does_not_fit_is_refused_by_name(self):
        qkv = self.generate()
        right = gated_output(qkv, 7)
        wrong = {"o": {"x": right["o"]}, "[1,2,1024,64]": {"o": right["o"][:, :, :-1]}, "fp32": {**right, "lse": right["lse"].astype(np.float16)},
                 "[1,2,8,16]": {**right, "mask": right["mask"][..., :-1]}, "u8": {**right, "mask": right["mask"].astype(np.int64)}}
        for text, tensors in wrong.items():
            self.refused(3, text, "compare", "--qkv", qkv, "--tau", 7, "--output", self.save(tensors))

    def test_saved_outputs_of_several_layers_are_told_apart(self):
        qkv = self.layers(2, 3)
        one = support.read_safetensors(qkv)
        tensors = {}
        for layer in (2, 3):
            path = self.save({name: one[f"layers.{layer}.{name}"] for name in "qkv"}, "one.safetensors")
            tensors.update({f"layers.{layer}.{name}": value for name, value in gated_output(path, 7).items()})
        report = self.judge(qkv, tensors, "--layer", "all")
        self.assertEqual(report["verdict"], "pass")
        swapped = {name.translate({ord("2"): "3", ord("3"): "2"}): value for name, value in tensors.items()}
        self.assertEqual(self.judge(qkv, swapped, "--layer", "all", expect=1)["verdict"], "fail")

    def test_a_kernel_from_a_library_is_run_and_named(self):
        report = self.compare("--qkv", self.generate(), "--topk", 4, "--kernel", support.MUTANTS)
        self.assertEqual(report["verdict"], "pass")
        self.assertEqual(report["layers"][0]["kernel"]["name"], "plain")
        self.assertEqual(report["layers"][0]["kernel"]["origin"], support.MUTANTS)

    def test_wrong_kernels_fail_in_the_right_category(self):
        qkv = self.generate()
        for name, category in {"scale-twice": "arithmetic", "lse-in-log2": "arithmetic", "raw-scores": "gating",
                               "decision-of-neighbour": "gating", "row-unwritten": "contract"}.items():
            report = self.compare("--qkv", qkv, "--topk", 4, "--kernel", f"{support.MUTANTS}:{name}", expect=1)
            self.assertEqual(report["verdict"], "fail", name)
            self.assertTrue(report["failed"][category], f"{name}: {report['reasons']}")
            text = self.bsfa("compare", "--qkv", qkv, "--topk", 4, "--kernel", f"{support.MUTANTS}:{name}", expect=1).out
            self.assertIn("verdict: fail\n  ", text)

    def test_a_kernel_that_the_library_does_not_have_is_refused_with_those_it_has(self):
        self.refused(2, "plain", "compare", "--qkv", self.generate(), "--topk", 4, "--kernel", f"{support.MUTANTS}:none")

    def test_a_library_that_is_no_kernel_library_is_a_plugin_error(self):
        qkv = self.generate()
        self.path("text.so").write_text("no library")
        for path in (self.path("text.so"), self.path("absent.so"), ctypes.util.find_library("z")):
            self.refused(5, str(path), "compare", "--qkv", qkv, "--topk", 4, "--kernel", path)

    def test_a_broken_library_is_a_plugin_error_whatever_is_broken(self):
        qkv = self.generate()
        for fault in ("", "abi", "open-throws", "library-version", "no-kernels", "null-kernel", "kernel-version", "null-function"):
            self.refused(5, support.BROKEN, "compare", "--qkv", qkv, "--topk", 4, "--kernel", support.BROKEN,
                         env={**os.environ, "BSFA_TEST_FAULT": fault})

    def test_a_cuda_kernel_without_a_device_is_refused_in_one_line(self):
        if os.environ.get("BSFA_HAVE_CUDA") != "TRUE":
            self.skipTest("built without the CUDA toolkit")
        hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        qkv = self.generate()
        for command in (["compare", "--topk", 4, "--out", self.path("t.h5")], ["sweep", "--k", 4]):
            for kernel in ("portable", "cuda"):
                self.refused(4, "there is no ", *command, "--qkv", qkv, "--kernel", kernel, env=hidden)
        self.assertEqual(self.files(), ["qkv.safetensors"])

    def test_auto_is_the_cpu_kernel_where_there_is_no_device(self):
        hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        report = self.bsfa("compare", "--qkv", self.generate(), "--topk", 4, "--kernel", "auto", "--json", "-", env=hidden).json
        self.assertEqual(report["layers"][0]["kernel"]["name"], "cpu")
        self.assertEqual(report["verdict"], "pass")

    def test_a_problem_that_the_kernel_does_not_support_is_refused_in_its_own_words(self):
        self.refused(2, "takes at most 512 tokens", "compare", "--qkv", self.generate(), "--topk", 4,
                     "--kernel", f"{support.LIMITED}:short")

    def test_a_kernel_without_work_lists_computes_everything_and_the_sample_is_judged(self):
        qkv = self.generate()
        arguments = ["--qkv", qkv, "--tau", 7, "--sample", 5, "--kernel"]
        whole = self.compare(*arguments, f"{support.LIMITED}:whole-only")
        alone = self.compare(*arguments, support.MUTANTS)
        self.assertIs(whole["layers"][0]["kernel"]["work_list"], False)
        self.assertIs(alone["layers"][0]["kernel"]["work_list"], True)
        self.assertEqual(whole["verdict"], "pass")
        self.assertEqual(whole["heads"], alone["heads"])
        self.assertEqual(whole["layers"][0]["self_consistency"]["tiles"], 2 * 8 * 16)


if __name__ == "__main__":
    support.main()
