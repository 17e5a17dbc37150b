# SPDX-License-Identifier: Apache-2.0
"""The matrix ceiling that profiles are measured against: bench/ceiling.py run once for all of them."""

import json
import os
import pathlib
import struct
import sys
import tempfile

from gpu_run import ROOT, run_limited, why_it_failed

#: Exit codes of bench/ceiling.py where PyTorch or a device is missing.
NO_TORCH, NO_DEVICE = 2, 4
#: What bsfa makes of inputs that do not say.
DEFAULT_DTYPE = "fp16"
DTYPES = {"F16": "fp16", "BF16": "bf16"}


class Refused(Exception):
    """The machine lacks what measuring needs."""


def torch_python():
    """An interpreter that has torch: this one, or the one that BSFA_TORCH_PYTHON names."""
    return os.environ.get("BSFA_TORCH_PYTHON", sys.executable)


def command_for(dtypes, result):
    return [torch_python(), str(ROOT / "bench" / "ceiling.py"), "--dtypes", ",".join(dtypes), "--json", str(result)]


def measure(dtypes, limit_s):
    """What bench/ceiling.py writes: `gpu`, and `ceilings` {dtype: {tflops, median_ms, mad_ms, rounds}}.

    Raises Refused, or RuntimeError where measuring fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder, "ceiling.json")
        code, output, _ = run_limited(command_for(dtypes, result), limit_s)
        if code in (NO_TORCH, NO_DEVICE):
            raise Refused(why_it_failed(code, output)[-1])
        if code != 0:
            raise RuntimeError("\n".join(why_it_failed(code, output)))
        return json.loads(result.read_text(encoding="utf-8"))


def dtype_of(qkv):
    """In what a safetensors file's first q is multiplied; fp32 is rounded to the default."""
    with open(qkv, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    kinds = [entry["dtype"] for name, entry in sorted(header.items()) if name.split(".")[-1] == "q"]
    return DTYPES.get(kinds[0], DEFAULT_DTYPE)


def ceiling_arguments(ceilings, arguments):
    """--ceiling for a profile with these arguments; nothing where none was measured for its dtype."""
    named = dict(zip(arguments, arguments[1:]))
    dtype = named.get("--dtype") or (dtype_of(named["--qkv"]) if "--qkv" in named else DEFAULT_DTYPE)
    return ["--ceiling", f"{ceilings[dtype]['tflops']:.1f}"] if dtype in ceilings else []
