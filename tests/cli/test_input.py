# SPDX-License-Identifier: Apache-2.0
"""Inputs that cannot be used: exit code 3 (or 2 where an option is missing), one line, the file's name."""

import numpy as np

import support


class Tests(support.Case):
    def refuse_input(self, text, path, *arguments, code=3):
        result = self.refused(code, text, "compare", "--qkv", path, *(arguments or ("--topk", 4)))
        return result

    def write(self, name, **tensors):
        support.write_safetensors(self.path(name), tensors)
        return self.path(name)

    def attention(self, heads=2, kv_heads=2, rows=256, columns=256, channels=64, dtype=np.float16):
        random = np.random.default_rng(7)
        return {"q": random.standard_normal((1, heads, rows, channels)).astype(dtype),
                "k": random.standard_normal((1, kv_heads, columns, channels)).astype(dtype),
                "v": random.standard_normal((1, kv_heads, columns, channels)).astype(dtype)}

    def test_a_file_that_is_not_there_is_named(self):
        self.refuse_input("absent.safetensors", self.path("absent.safetensors"))

    def test_a_folder_is_no_input(self):
        self.refuse_input(str(self.folder), self.folder)

    def test_an_empty_file_is_refused(self):
        self.path("empty").write_bytes(b"")
        self.refuse_input("empty", self.path("empty"))

    def test_a_truncated_file_is_refused(self):
        qkv = self.generate()
        qkv.write_bytes(qkv.read_bytes()[:-100])
        self.refuse_input("qkv.safetensors", qkv)

    def test_a_file_of_something_else_is_refused(self):
        self.path("text").write_text("these are no tensors, however long one looks at them\n")
        self.refuse_input("text", self.path("text"))

    def test_a_missing_tensor_is_named(self):
        tensors = self.attention()
        del tensors["v"]
        self.refuse_input("v", self.write("qk.safetensors", **tensors))

    def test_a_head_dimension_of_80_is_refused(self):
        self.refuse_input("80", self.write("d80.safetensors", **self.attention(channels=80)))

    def test_more_queries_than_keys_are_refused(self):
        self.refuse_input("exceeds", self.write("long.safetensors", **self.attention(rows=300, columns=200)))

    def test_heads_that_are_no_multiple_of_kv_heads_are_refused(self):
        self.refuse_input("multiple", self.write("heads.safetensors", **self.attention(heads=3, kv_heads=2)))

    def test_an_empty_batch_is_refused(self):
        tensors = {name: value[:0] for name, value in self.attention().items()}
        self.refuse_input("empty.safetensors", self.write("empty.safetensors", **tensors))

    def test_integers_are_no_attention(self):
        tensors = {name: value.astype(np.int64) for name, value in self.attention().items()}
        self.refuse_input("i64", self.write("ints.safetensors", **tensors))

    def test_fp32_input_is_rounded_and_says_so(self):
        path = self.write("fp32.safetensors", **self.attention(dtype=np.float32, rows=512, columns=512))
        report = self.compare("--qkv", path, "--topk", 2, "--dtype", "bf16")
        self.assertEqual(report["layers"][0]["problem"]["dtype"], "bf16")
        self.assertTrue(report["layers"][0]["input_rounded"])
        self.assertIn("rounded from fp32", self.bsfa("compare", "--qkv", path, "--topk", 2).out)

    def test_an_npz_file_is_read_too(self):
        np.savez(self.path("qkv.npz"), **self.attention(rows=512, columns=512))
        self.assertEqual(self.compare("--qkv", self.path("qkv.npz"), "--topk", 2)["verdict"], "pass")

    def test_a_file_with_several_layers_asks_for_the_layer(self):
        result = self.refuse_input("--layer", self.layers(3, 5), code=2)
        self.assertIn("3, 5", result.err)

    def test_a_layer_that_is_not_there_is_refused_with_those_that_are(self):
        result = self.refuse_input("no layer 4", self.layers(3, 5), "--topk", 4, "--layer", 4)
        self.assertIn("3, 5", result.err)

    def test_scores_that_are_nan_cannot_be_calibrated_on(self):
        self.refuse_input("qkv.safetensors", self.generate("nan-k"))

    def test_nan_input_can_be_judged_under_given_thresholds(self):
        for kind in ("nan-q", "nan-k", "nan-v", "inf-q", "inf-k", "inf-v", "negative-inf-k"):
            report = self.compare("--qkv", self.generate(kind), "--tau", 4)
            self.assertEqual(report["verdict"], "pass", kind)
            self.assertGreater(report["tiles"]["skipped"], 0, kind)
            self.assertGreater(report["tiles"]["kept"], 0, kind)

    def test_a_broken_threshold_table_is_named(self):
        self.path("t.safetensors").write_bytes(b"no table")
        self.refuse_input("t.safetensors", self.generate(), "--thresholds", self.path("t.safetensors"))

    def calibrated(self, **shape):
        qkv = self.generate(name="other.safetensors", **shape)
        self.bsfa("calibrate", "--qkv", qkv, "--k", "2,4", "--out", self.path("t.safetensors"),
                  *(["--gate", shape["gate"]] if "gate" in shape else []))
        return self.path("t.safetensors")

    def test_a_table_with_several_k_asks_for_k(self):
        result = self.refuse_input("--k", self.generate(), "--thresholds", self.calibrated(), code=2)
        self.assertIn("2, 4", result.err)

    def test_a_k_that_is_not_in_the_table_is_refused(self):
        self.refuse_input("k = 3", self.generate(), "--thresholds", self.calibrated(), "--k", 3)

    def test_a_table_for_other_heads_is_refused(self):
        self.refuse_input("heads", self.generate(), "--thresholds", self.calibrated(H=4), "--k", 2)

    def test_a_table_for_another_gate_is_refused(self):
        self.refuse_input("64x64", self.generate(), "--thresholds", self.calibrated(gate="64x64"), "--k", 2)

    def test_a_table_without_the_layer_is_refused(self):
        self.refuse_input("layer 7", self.layers(7), "--thresholds", self.calibrated(), "--k", 2)

    def test_info_refuses_what_it_does_not_know(self):
        self.path("text").write_text("neither a trace nor a tensor file")
        self.refused(3, "text", "info", self.path("text"))
        self.refused(3, "absent", "info", self.path("absent"))

    def test_a_broken_trace_is_refused(self):
        self.path("t.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"x" * 500)
        for arguments in (["info"], ["export"], ["diff", self.path("t.h5")]):
            self.refused(3, "t.h5", *arguments, self.path("t.h5"))


if __name__ == "__main__":
    support.main()
