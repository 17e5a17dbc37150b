# SPDX-License-Identifier: Apache-2.0
"""Reads a trace as any program would, by docs/trace-format.md, and checks what it finds:
check_trace.py formula TRACE | profile TRACE | layout TRACE | chunks TRACE DATASET HEAD."""
import sys

import h5py
import numpy as np

SEQ = "layers/0/seq/0"
TILES = {"tile_max": "<f4", "tile_mass": "<f4", "tile_mass_max": "<f4",
         "mask_reference": "u1", "mask_kernel": "u1"}
BLOCKS = ["threshold", "error_arithmetic", "error_method", "retained_mass", "retained_mass_min",
          "certificate"]


def check_formula(f):
    """The values of formula_sequence() in support.cpp."""
    seq = f[SEQ]
    i = np.arange(24, dtype="f4").reshape(2, 2, 6)
    expected = i / 4 - 3
    expected[0, 0, 1], expected[0, 0, 2] = np.nan, -np.inf
    np.testing.assert_array_equal(seq["tile_max"], expected)
    np.testing.assert_array_equal(seq["tile_mass"], i / 32)
    np.testing.assert_array_equal(seq["tile_mass_max"], i / 16)
    np.testing.assert_array_equal(seq["mask_reference"], i % 4)
    np.testing.assert_array_equal(seq["mask_kernel"], np.where(i < 18, i % 4, 255))
    np.testing.assert_array_equal(seq["q_blocks"], [0, 2])
    np.testing.assert_array_equal(seq["held"], [[1, 1], [1, 0]])
    np.testing.assert_array_equal(seq["gating_ties"], [[0, 1], [2, 4000000000]])
    np.testing.assert_array_equal(seq["gating_violations"], [[4, 5], [6, 7]])
    for n, name in enumerate(BLOCKS):
        np.testing.assert_array_equal(seq[name], 2 * n + np.arange(1, 5).reshape(2, 2) / 2)
    curve = np.arange(256).reshape(2, 2, 64)
    np.testing.assert_array_equal(seq["curve_threshold"], -curve)
    np.testing.assert_array_equal(seq["curve_mass"], curve / 256)
    work = seq["work"]
    np.testing.assert_array_equal(work["head"], [0, 1, 2])
    np.testing.assert_array_equal(work["start_ns"][()] - np.uint64(10**18), [1, 11, 21])
    np.testing.assert_array_equal(work["end_ns"][()] - work["start_ns"][()], 5)
    np.testing.assert_array_equal(work["clock"], 1)
    np.testing.assert_array_equal(work["warp"], -1)
    problem = dict(seq.attrs)
    assert problem.pop("dtype").decode() == "bf16"
    assert problem.pop("scale") == np.float32(0.1)
    assert problem == {"batch": 2, "heads": 2, "kv_heads": 2, "q_len": 379, "kv_len": 381,
                       "head_dim": 64, "causal": 1, "q_block_size": 128, "k_block_size": 64}
    root = f.attrs
    assert root["schema_major"] == 1
    assert root["kernel"].decode() == "cpu" and root["verdict"].decode() == "pass"
    assert root["input_file"].decode() == "Größe 長い.safetensors"
    assert root["problem"].decode() == "B2 H2 Hkv2 M379 N381 D64 bf16 causal, tiles 128x64"
    assert root["driver"] == b"" and root["note"].decode() == "first\nsecond line"
    assert f["report"].shape == (1,) and f["report"][0].decode() == '{"verdict":"pass"}'


def text_of(column):
    """A column of text as docs/trace-format.md stores it."""
    return [text.decode() for text in column.parent[column.name.split("/")[-1] + "_text"][()][column[()]]]


def check_profile(f):
    """The values of formula_profile() in profiles.cpp."""
    assert (f.attrs["schema_major"], f.attrs["schema_minor"]) == (1, 1)
    profile = f["layers/0/profile"]
    assert dict(profile.attrs) == {"multiprocessors": 132, "compute_q_block": 128, "compute_k_block": 64,
                                   "tensor_per_qk": 512, "tensor_per_pv": 256}
    facilities = profile["facilities"]
    assert text_of(facilities["name"]) == ["time", "work", "counters", "samples", "stalls"]
    assert text_of(facilities["refusal"]) == ["", "", "", "", "cuptiX: größer"]
    assert text_of(facilities["advice"])[4] == "ask root"
    np.testing.assert_array_equal(facilities["status"], [0, 0, 0, 0, 1])
    np.testing.assert_array_equal(facilities["wall_ms"], [812.5, 64, 96, 32, 1.5])
    np.testing.assert_array_equal(facilities["slowdown"], [np.nan, 0.25, 0.5, 0, np.nan])
    np.testing.assert_array_equal(facilities["dropped"], [0, 0, 0, 3, 0])
    times = profile["times"]
    assert [text.decode() for text in times["variant_text"]] == ["none", "work", "dense"]
    assert text_of(times["variant"]) == ["none", "none", "none", "work"]
    np.testing.assert_array_equal(times["time_ns"], [1000, 1002, 1001, 1010])
    spans = profile["spans"]
    assert text_of(spans["name"]) == ["profile", "time", "copy to the device", "forward", "forward"]
    np.testing.assert_array_equal(spans["kind"], [0, 0, 2, 1, 1])
    np.testing.assert_array_equal(spans["start_ns"][()] - np.uint64(17 * 10**17), [0, 100, 100, 200, 300])
    np.testing.assert_array_equal(spans["end_ns"][()] - np.uint64(17 * 10**17), [500, 400, 150, 300, 400])
    np.testing.assert_array_equal(spans["depth"], [0, 1, 0, 0, 0])
    np.testing.assert_array_equal(spans["track"], [77, 77, 7, 7, 7])
    np.testing.assert_array_equal(spans["bytes"], [0, 0, 4096, 0, 0])
    counters = profile["counters"]
    assert text_of(counters["set"]) == ["tensor", "memory", "memory"]
    assert text_of(counters["metric"]) == ["inst_executed.sum", "dram__bytes.sum", "hit_rate.pct"]
    np.testing.assert_array_equal(counters["value"], [4096, 1e9, np.nan])
    samples = profile["samples"]
    assert samples.attrs["interval_ns"] == 20
    assert [text.decode() for text in samples["metric"]] == ["tensor.avg", "dram.avg"]
    np.testing.assert_array_equal(samples["start_ns"], [0, 20, 40, 60])
    np.testing.assert_array_equal(samples["values"], [[0, 0.5, 1, 0.5], [0, 0.25, 0.5, 0.75]])
    stalls = profile["stalls"]
    assert text_of(stalls["function"]) == ["forward"] * 3
    assert text_of(stalls["file"]) == ["a.cu", "a.cu", ""]
    assert text_of(stalls["text"]) == ["  wait(barrier);", "  mma(a, b);", ""]
    assert text_of(stalls["reason"]) == ["long_scoreboard", "math_pipe", "selected"]
    np.testing.assert_array_equal(stalls["line"], [12, 13, 0])
    np.testing.assert_array_equal(stalls["samples"], [900, 100, 5])
    assert profile["findings"][0].decode() == '[{"rule":"late-unit"}]'
    check_dataset(samples["values"], "<f4", (1, 4))
    check_dataset(times["time_ns"], "<f8", (4,))
    check_dataset(spans["start_ns"], "<u8", (5,))
    check_dataset(spans["name"], "<u4", (5,))
    assert spans["name_text"].compression == "gzip"


def check_dataset(data, dtype, chunks):
    assert data.dtype == np.dtype(dtype), (data.name, data.dtype)
    assert data.chunks == chunks, (data.name, data.chunks)
    assert data.compression == "gzip" and data.compression_opts == 1 and data.shuffle, data.name


def check_layout(f):
    """Shapes, chunks and filters of two heads of 300 by 601 tiles, and the pyramid's values."""
    seq = f[SEQ]
    for name, dtype in TILES.items():
        assert seq[name].shape == (2, 300, 601)
        check_dataset(seq[name], dtype, (1, 256, 256))
        check_dataset(seq["pyramid/1"][name], dtype, (1, 150, 256))
        check_dataset(seq["pyramid/2"][name], dtype, (1, 75, 151))
        assert "pyramid/3" not in seq
    for name in BLOCKS:
        check_dataset(seq[name], "<f4", (2, 300))
    for name in ("curve_threshold", "curve_mass"):
        assert seq[name].shape == (2, 300, 64)
        check_dataset(seq[name], "<f4", (1, 256, 64))
    check_dataset(seq["held"], "u1", (2, 300))
    check_dataset(seq["gating_ties"], "<u4", (2, 300))
    check_dataset(seq["q_blocks"], "<i8", (300,))
    check_dataset(seq["work/start_ns"], "<u8", (1000,))
    assert np.all(np.diff(seq["work/start_ns"][()].astype("i8")) >= 0)

    # Level 1 of a mask, by definition: of each two by two codes in rows that were checked.
    codes = np.where(seq["held"][()][:, :, None] == 1, seq["mask_kernel"][()].astype(int), -1)
    codes = np.pad(codes, ((0, 0), (0, 0), (0, 1)), constant_values=-1)
    pooled = codes.reshape(2, 150, 2, 301, 2).max(axis=(2, 4))
    np.testing.assert_array_equal(seq["pyramid/1/mask_kernel"], np.where(pooled < 0, 255, pooled))


def print_chunk_bytes(f, name, head):
    """Bytes on disk of the chunks of one head."""
    data = f[SEQ][name]
    chunks = [data.id.get_chunk_info(i) for i in range(data.id.get_num_chunks())]
    print(sum(c.size for c in chunks if c.chunk_offset[0] == int(head)))


def main():
    what, path, *rest = sys.argv[1:]
    with h5py.File(path, "r") as f:
        {"formula": check_formula, "profile": check_profile, "layout": check_layout, "chunks": print_chunk_bytes}[what](f, *rest)


main()
