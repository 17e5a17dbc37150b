# SPDX-License-Identifier: Apache-2.0
"""Profiles for tests that have no GPU: written into a trace as docs/trace-format.md describes them."""

import unittest

import numpy as np

REALTIME = 1_700_000_000_000_000_000


def text(group, name, rows):
    """A column of text."""
    texts = list(dict.fromkeys(rows))
    group[name] = np.array([texts.index(row) for row in rows], "<u4")
    group[name + "_text"] = np.array([one.encode() for one in texts]) if texts else np.empty(0, "S1")


def numbers(group, name, kind, rows):
    group[name] = np.array(rows, kind)


def facilities(profile, rows):
    """(name, refusal) each."""
    group = profile.create_group("facilities")
    text(group, "name", [name for name, _ in rows])
    text(group, "refusal", [refusal for _, refusal in rows])
    text(group, "advice", ["ask an administrator" if refusal else "" for _, refusal in rows])
    numbers(group, "status", "u1", [1 if refusal else 0 for _, refusal in rows])
    numbers(group, "wall_ms", "<f8", [10.0] * len(rows))
    numbers(group, "slowdown", "<f8", [np.nan if refusal else 0.05 for _, refusal in rows])
    numbers(group, "dropped", "<u8", [0] * len(rows))


def times(profile, variants):
    """{variant: times}."""
    group = profile.create_group("times")
    text(group, "variant", [name for name, list_ in variants.items() for _ in list_])
    numbers(group, "time_ns", "<f8", [time for list_ in variants.values() for time in list_])


def spans(profile, rows):
    """(kind, name, start_ns, end_ns, depth, track, bytes) each, times from REALTIME."""
    group = profile.create_group("spans")
    numbers(group, "kind", "u1", [row[0] for row in rows])
    text(group, "name", [row[1] for row in rows])
    numbers(group, "start_ns", "<u8", [REALTIME + row[2] for row in rows])
    numbers(group, "end_ns", "<u8", [REALTIME + row[3] for row in rows])
    for column, kind, name in ((4, "<u4", "depth"), (5, "<u8", "track"), (6, "<u8", "bytes")):
        numbers(group, name, kind, [row[column] for row in rows])


def counters(profile, rows):
    """(set, metric, value) each."""
    group = profile.create_group("counters")
    text(group, "set", [row[0] for row in rows])
    text(group, "metric", [row[1] for row in rows])
    numbers(group, "value", "<f8", [row[2] for row in rows])


def samples(profile, metrics, size):
    """`size` samples, 1 us apart, of values that rise from 0 to 1."""
    group = profile.create_group("samples")
    group.attrs["interval_ns"] = np.int64(1000)
    numbers(group, "start_ns", "<u8", [1000 * i for i in range(size)])
    group["metric"] = np.array([metric.encode() for metric in metrics])
    group["values"] = np.tile(np.linspace(0, 1, size, dtype="<f4"), (len(metrics), 1))


def stalls(profile, rows):
    """(file, line, text, reason, samples) each."""
    group = profile.create_group("stalls")
    text(group, "function", ["forward(Params, int)"] * len(rows))
    text(group, "file", [row[0] for row in rows])
    numbers(group, "line", "<u4", [row[1] for row in rows])
    text(group, "text", [row[2] for row in rows])
    text(group, "reason", [row[3] for row in rows])
    numbers(group, "samples", "<u8", [row[4] for row in rows])


SPANS = [(0, "recorded launches", 0, 90_000, 0, 42, 0), (0, "launch 0", 1000, 40_000, 1, 42, 0),
         (2, "copy to the device", 2000, 4000, 0, 7, 1 << 20), (1, "forward", 10_000, 30_000, 0, 7, 0),
         (0, "launch 1", 41_000, 80_000, 1, 42, 0), (1, "forward", 50_000, 70_000, 0, 7, 0)]
COUNTERS = [("tensor", "inst_tensor.sum", 4096.0), ("memory", "dram_bytes.sum", 1e9), ("memory", "hit_rate.pct", 50.0)]
STALLS = [("/src/a.cuh", 12, "  wait(barrier, 1);", "long_scoreboard", 700), ("/src/a.cuh", 12, "  wait(barrier, 1);", "barrier", 100),
          ("/src/a.cuh", 15, '  mma("a", b);', "math_pipe", 200)]
FINDINGS = '[{"severity": "warning", "rule": "late-unit", "text": "SM 17 finishes 12 % late", "size": 0.12, "numbers": {}}]'


def add(path, gpu="NVIDIA H200", **parts):
    """Gives layer 0 of a trace a profile of a device launch; `parts` replace those above."""
    try:
        import h5py
    except ImportError as error:
        raise unittest.SkipTest("python3-h5py is not installed") from error
    with h5py.File(path, "r+", libver=("v110", "v110")) as trace:
        trace.attrs["schema_minor"] = np.int64(1)
        del trace.attrs["gpu"]
        trace.attrs["gpu"] = np.bytes_(gpu)
        profile = trace.create_group("layers/0/profile")
        for name, value in (("multiprocessors", 132), ("compute_q_block", 128), ("compute_k_block", 64),
                            ("tensor_per_qk", 512), ("tensor_per_pv", 256)):
            profile.attrs[name] = np.int64(value)
        names = ["time", "activity", "work", "counters", "samples"]
        facilities(profile, parts.get("facilities", [(name, "") for name in names] + [("stalls", "")]))
        times(profile, parts.get("times", {"none": [1e6, 1.01e6, 0.99e6], "work": [1.02e6] * 3, "dense": [2e6] * 3}))
        spans(profile, parts.get("spans", SPANS))
        counters(profile, parts.get("counters", COUNTERS))
        samples(profile, parts.get("metrics", ["tensor.avg", "dram.avg"]), parts.get("samples", 20))
        stalls(profile, parts.get("stalls", STALLS))
        profile["findings"] = np.array([parts.get("findings", FINDINGS).encode()])
    return path
