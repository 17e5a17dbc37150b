# SPDX-License-Identifier: Apache-2.0
"""Configurations, result rows, targets and the result file of bench/peers.py. No GPU, no torch."""

import dataclasses
import datetime
import json
import os
import pathlib
import re
import tempfile

from spread import mad, median, relative_spread

GATE_Q_BLOCK, GATE_K_BLOCK = 128, 64
UNIT_ROUNDOFF = {"fp16": 2.0**-11, "bf16": 2.0**-8}


@dataclasses.dataclass(frozen=True)
class Configuration:
    """One attention problem: batch 1, as many queries as keys."""

    n: int
    heads: int
    kv_heads: int
    dim: int
    dtype: str
    causal: bool = True

    @property
    def scale(self):
        return self.dim**-0.5

    @property
    def dense_operations(self):
        """Multiplications and additions of QK and PV; causality halves them, by convention."""
        return 4 * self.n**2 * self.dim * self.heads / (2 if self.causal else 1)

    def __str__(self):
        return (f"N={self.n} H={self.heads} Hkv={self.kv_heads} D={self.dim} {self.dtype} "
                f"{'causal' if self.causal else 'full'}")


@dataclasses.dataclass(frozen=True)
class Label:
    """What one timed variant is. `series` names the list of the result that it belongs to."""

    kernel: str
    gate: str = "off"
    kept: float = 1
    series: str = "rows"
    level: str = "none"

    def __str__(self):
        what = {"rows": f"gate {self.gate} {self.kept:.1%}", "gate_compiled_out": "gate compiled out",
                "instrumentation": f"gate {self.gate} {self.kept:.1%}, level {self.level}",
                "tile_statistics": "tile_max", "ceilings": "matmul 8192"}[self.series]
        return f"{self.kernel} {what}"


SERIES = ("rows", "gate_compiled_out", "instrumentation", "tile_statistics", "ceilings")
MATMUL_SIZE = 8192


def operations(configuration, label):
    if label.series == "ceilings":
        return 2 * MATMUL_SIZE**3
    return configuration.dense_operations / (2 if label.series == "tile_statistics" else 1)


def as_share(kept):
    """1 and 0 as integers, so that the file holds exactly 1, 0.5, 0.25, 0.125 or 0."""
    return int(kept) if kept in (0, 1) else kept


def build_row(configuration, label, samples_ms, kept_measured, reference_ms):
    """One row of a result. reference_ms: median times by Label, from which the ratios are made."""
    time = median(samples_ms)
    row = {"kernel": label.kernel, **dataclasses.asdict(configuration), "gate": label.gate,
           "kept": as_share(label.kept), "kept_measured": kept_measured, "level": label.level,
           "median_ms": time, "mad_ms": mad(samples_ms), "rounds": len(samples_ms)}
    rate = operations(configuration, label) / time * 1e-9
    cudnn = reference_ms.get(Label("cudnn"))
    if label.series == "ceilings":
        return {"kernel": label.kernel, "n": MATMUL_SIZE, "dtype": "fp16", "beside": str(configuration),
                "median_ms": time, "mad_ms": row["mad_ms"], "tflops": rate, "rounds": row["rounds"]}
    if label.series == "tile_statistics":
        ceiling = reference_ms.get(Label("cublas", series="ceilings"))
        share = rate / (2 * MATMUL_SIZE**3 / ceiling * 1e-9) if ceiling else None
        for key in ("gate", "kept", "kept_measured", "level"):
            del row[key]
        return {**row, "tflops": rate, "share_of_cublas": share}
    row["dense_equivalent_tflops"] = rate
    row["ratio_to_cudnn"] = cudnn / time if cudnn else None
    if label.series == "gate_compiled_out":
        infinite = reference_ms.get(Label(label.kernel))
        row["cost_of_minus_infinity"] = infinite / time - 1 if infinite else None
    if label.series == "instrumentation":
        plain = reference_ms.get(dataclasses.replace(label, series="rows", level="none"))
        row["cost_of_level"] = time / plain - 1 if plain else None
    return row


def build_rows(configuration, samples, kept_measured):
    """{series: rows} of one configuration from {Label: milliseconds} and {Label: measured share}."""
    times = {label: median(values) for label, values in samples.items()}
    result = {series: [] for series in SERIES}
    for label, values in samples.items():
        result[label.series].append(build_row(configuration, label, values, kept_measured.get(label), times))
    return result


def find(rows, **wanted):
    """The first row with these values, None where there is none."""
    return next((row for row in rows if all(row.get(key) == value for key, value in wanted.items())), None)


# Shares of cuDNN's dense speed to be reached at N=65536, H=Hkv=32, D=128, fp16, by gate and kept share.
TARGETS = {("off", 1): 0.58, ("on", 1): 0.54, ("on", 0.5): 0.76, ("on", 0.25): 0.92, ("on", 0.125): 1.02,
           ("on", 0): 1.18}
TARGET_CONFIGURATION = Configuration(65536, 32, 32, 128, "fp16")


def speed_lines(rows):
    return [(f"gate {gate}, {kept:.1%} kept: speed over cuDNN dense", rows[gate, kept]["ratio_to_cudnn"], ">=", target)
            for (gate, kept), target in TARGETS.items()
            if (gate, kept) in rows and rows[gate, kept]["ratio_to_cudnn"] is not None]


def cost_lines(result, here, rows):
    """What thresholds, instrumentation and bf16 cost in time."""
    lines = []
    out = find(result["gate_compiled_out"], **here)
    for key, name, limit in ((("off", 1), "all thresholds -inf", 0.02),
                             (("on", 1), "finite thresholds that keep all", 0.08)):
        if out and key in rows:
            cost = rows[key]["median_ms"] / out["median_ms"] - 1
            lines.append((f"{name}: time over gating compiled out, less 1", cost, "<=", limit))
    for (gate, kept), row in rows.items():
        what = f"at gate {gate}, {kept:.1%} kept"
        work = find(result["instrumentation"], **here, gate=gate, kept=kept, level="work")
        if work and work["cost_of_level"] is not None:
            lines.append((f"work level {what}: cost", work["cost_of_level"], "<=", 0.02))
        bf16 = find(result["rows"], **{**here, "dtype": "bf16"}, gate=gate, kept=kept)
        if bf16:
            lines.append((f"bf16 over fp16 {what}: time, less 1", bf16["median_ms"] / row["median_ms"] - 1, "<=", 0.03))
    return lines


def target_lines(result, kernel):
    """(name, measured, comparison, target) for every target that the result has figures for."""
    problem = dataclasses.asdict(TARGET_CONFIGURATION)
    here = {**problem, "kernel": kernel}
    found = {key: find(result["rows"], **here, gate=key[0], kept=key[1]) for key in TARGETS}
    rows = {key: row for key, row in found.items() if row}
    lines = speed_lines(rows) + cost_lines(result, here, rows)
    statistics = find(result["tile_statistics"], **problem)
    if statistics and statistics["share_of_cublas"] is not None:
        lines.append(("tile_max of the layer: rate over cuBLAS", statistics["share_of_cublas"], ">=", 0.45))
    return lines


def target_table(result, kernel):
    """Text: every target beside what was measured."""
    lines = target_lines(result, kernel)
    if not lines:
        return ""
    text = [f"targets of {kernel} at {TARGET_CONFIGURATION}"]
    for name, measured, comparison, target in lines:
        met = measured >= target if comparison == ">=" else measured <= target
        text.append(f"  {name:<62} {measured:>8.3f}  {comparison} {target:<5} {'met' if met else 'MISSED'}")
    return "\n".join(text)


def table(configuration, samples, kept_measured):
    """Text: the variants of one configuration."""
    times = {label: median(values) for label, values in samples.items()}
    cudnn = times.get(Label("cudnn"))
    text = [str(configuration),
            f"  {'variant':<44} {'measured':>9} {'median ms':>10} {'spread':>7} {'TFLOP/s':>8} {'/cuDNN':>7}"]
    for label in sorted(samples, key=lambda each: SERIES.index(each.series)):
        kept = kept_measured.get(label)
        attention = label.series not in ("tile_statistics", "ceilings")
        ratio = f"{cudnn / times[label]:.3f}" if cudnn and attention else ""
        text.append(f"  {str(label):<44} {'' if kept is None else f'{kept:.3%}':>9} {times[label]:>10.3f} "
                    f"{relative_spread(samples[label]):>7.2%} "
                    f"{operations(configuration, label) / times[label] * 1e-9:>8.1f} {ratio:>7}")
    return "\n".join(text)


def slug(name):
    """'NVIDIA H100 80GB HBM3' as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unknown"


def result_path(out, gpu, started):
    """Where a result goes: `out` itself if it names a .json file, else <gpu>-<UTC time>.json in that folder."""
    out = pathlib.Path(out)
    if out.suffix == ".json":
        return out
    return out / f"{slug(gpu)}-{started.astimezone(datetime.timezone.utc):%Y%m%dT%H%M%S}.json"


def write_json(path, value):
    """Writes a file whole or not at all."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1, allow_nan=False)
            file.write("\n")
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
