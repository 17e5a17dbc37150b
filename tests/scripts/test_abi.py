# SPDX-License-Identifier: Apache-2.0
"""bench/bsfa_abi.py against the C header, and its calls against a kernel on the host."""

import ctypes
import pathlib
import re
import subprocess

import numpy as np

import support
import bsfa_abi as abi

HEADER = support.ROOT / "kernels/include/bsfa/kernel.h"


def mirrored_enumerators():
    """{C name: value} of the constants that the mirror repeats."""
    constants = {name: value for name, value in vars(abi).items() if isinstance(value, int) and name.isupper()}
    del constants["ERROR_SIZE"]
    renamed = {"CUDA_DEVICE": "BSFA_CUDA_DEVICE"}
    return {renamed.get(name, f"BSFA_{name}"): value for name, value in constants.items()}


def bf16(values):
    return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)


def widened(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


class Tests(support.Case):
    def run_c(self, lines):
        """The numbers that a C program prints."""
        source = self.folder / "print.c"
        source.write_text("#include <bsfa/kernel.h>\n#include <stdio.h>\nint main(void) {\n" + "\n".join(lines) +
                          "\nreturn 0;\n}\n")
        program = self.compile(source, self.folder / "print")
        done = subprocess.run([program], check=True, capture_output=True, text=True)
        return [int(word) for word in done.stdout.split()]

    def test_every_field_lies_where_the_c_compiler_puts_it(self):
        lines, expected, names = [], [], []
        for name, struct in abi.STRUCTS.items():
            lines.append(f'printf("%zu\\n", sizeof({name}));')
            expected.append(ctypes.sizeof(struct))
            names.append(name)
            for field, _ in struct._fields_:
                lines.append(f'printf("%zu %zu\\n", offsetof({name}, {field}), sizeof((({name}*)0)->{field}));')
                expected += [getattr(struct, field).offset, getattr(struct, field).size]
                names += [f"offset of {name}.{field}", f"size of {name}.{field}"]
        self.assertEqual(dict(zip(names, self.run_c(lines))), dict(zip(names, expected)))

    def test_no_field_of_the_header_is_missing(self):
        text = re.sub(r"/\*.*?\*/|///[^\n]*", "", HEADER.read_text(), flags=re.DOTALL)
        for name, struct in abi.STRUCTS.items():
            body = re.search(r"struct %s \{(.*?)\n\}" % name, text, re.DOTALL).group(1)
            fields = set()
            for declaration in body.split(";"):
                pointer = re.search(r"\(\*(\w+)\)", declaration)
                if pointer:
                    fields.add(pointer.group(1))
                elif declaration.strip():
                    declared = re.sub(r"\[\d+\]", "", declaration)
                    declared = re.sub(r"^\s*(const\s+)?(volatile\s+)?\w+", "", declared, count=1)
                    fields.update(re.findall(r"(\w+)\s*(?:,|$)", declared.strip()))
            self.assertEqual({field for field, _ in struct._fields_}, fields, name)

    def test_every_constant_has_the_value_of_the_header(self):
        constants = mirrored_enumerators()
        self.assertGreater(len(constants), 25)
        values = self.run_c([f'printf("%d\\n", (int){name});' for name in constants])
        self.assertEqual(dict(zip(constants, values)), constants)

    def open_example(self):
        return abi.Library(self.compile(support.ROOT / "examples/plugin/naive.c", self.folder / "naive.so", "-O2",
                                        "-shared", "-fPIC"))

    def run_example(self, threshold):
        """(o, mask, expected o) of a small gated problem; expected under the mask that the kernel reports."""
        library = self.open_example()
        kernel = next(iter(library.kernels.values()))
        n, dim, scale = 256, 64, 0.125
        generator = np.random.default_rng(3)
        q, k, v = (bf16(generator.standard_normal((1, 1, n, dim))) for _ in range(3))
        o, mask = np.zeros((1, 1, n, dim), np.uint16), np.zeros((1, 1, 2, 4), np.uint8)
        tau = np.full((1, 1, 2), threshold, np.float32)
        problem = abi.versioned(
            abi.Problem, causal=1, batch=1, heads=1, kv_heads=1, q_len=n, kv_len=n, head_dim=dim, scale=scale,
            dtype_q=abi.BFLOAT16, dtype_k=abi.BFLOAT16, dtype_v=abi.BFLOAT16, dtype_o=abi.BFLOAT16,
            gate_kind=abi.GATE_ABSOLUTE, gate_q_block=128, gate_k_block=64, instrumentation=abi.INSTRUMENT_MASK)
        self.assertIsNone(kernel.why_not(problem))
        with kernel.plan(problem) as plan:
            workspace = np.zeros(plan.info.workspace_bytes + 64, np.uint8)
            address = -(-workspace.ctypes.data // 64) * 64
            arguments = abi.versioned(abi.Arguments, threshold_blocks=2, workspace=address,
                                      workspace_bytes=plan.info.workspace_bytes)
            for name, array in dict(q=q, k=k, v=v, o=o, mask=mask, thresholds=tau).items():
                setattr(arguments, name, abi.tensor(array.ctypes.data, array.shape))
            plan.enqueue(arguments)
        taken = np.isin(mask[0, 0], (abi.TILE_KEPT, abi.TILE_DIAGONAL)).repeat(128, 0).repeat(64, 1)
        taken &= np.tri(n, dtype=bool)
        scores = np.where(taken, scale * widened(q[0, 0]) @ widened(k[0, 0]).T, -np.inf)
        weights = np.exp(scores - scores.max(1, keepdims=True))
        return widened(o[0, 0]), mask[0, 0], weights / weights.sum(1, keepdims=True) @ widened(v[0, 0])

    def test_a_host_kernel_computes_gated_attention_through_the_mirror(self):
        for threshold, code in ((-np.inf, abi.TILE_KEPT), (1e30, abi.TILE_SKIPPED)):
            o, mask, expected = self.run_example(threshold)
            self.assertEqual(mask.tolist(), [[3, 3, 0, 0], [code, code, 3, 3]])
            self.assertLess(np.linalg.norm(o - expected) / np.linalg.norm(expected), 2 * 2.0**-8)

    def test_an_unsupported_problem_is_answered_in_the_kernels_own_words(self):
        kernel = next(iter(self.open_example().kernels.values()))
        problem = abi.versioned(abi.Problem, operation=abi.BACKWARD)
        self.assertIn("unsupported: only plain forward attention", kernel.why_not(problem))
        with self.assertRaises(abi.KernelError) as caught:
            kernel.plan(problem)
        self.assertEqual(caught.exception.status, abi.UNSUPPORTED)

    def test_a_file_that_is_no_kernel_library_is_refused_by_name(self):
        path = self.folder / "not.so"
        path.write_text("text")
        for library in (path, pathlib.Path("/nowhere.so"), "libm.so.6"):
            with self.assertRaises(abi.LibraryError) as caught:
                abi.Library(library)
            self.assertIn(str(library), str(caught.exception))


if __name__ == "__main__":
    support.main()
