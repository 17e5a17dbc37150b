#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the matrix ceiling of the first GPU: the rate of a large product by cuBLAS, for bsfa profile --ceiling.

    python3 bench/ceiling.py --dtypes fp16,bf16 --json ceiling.json

Products of the dtypes take turns in a new order every round, each behind an overwritten L2 cache; the rate is that of
the median. Exit codes: 0 measured, 2 usage or no PyTorch, 4 no device or a device error, 5 the JSON could not be written.
"""

import argparse
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import peer_rows
from spread import StoppingRule, mad, median

try:
    import torch
    import bsfa_torch
    from peer_bench import CudaClock, HostClock, measure
except ImportError as missing:
    print(f"ceiling: needs PyTorch and numpy: {missing}", file=sys.stderr)
    sys.exit(2)

#: Clocks under load settle within the first second.
RULE = StoppingRule(min_rounds=20, max_rounds=400, min_seconds=2.0, max_seconds=10.0, spread=0.005)


def ceiling_row(size, samples_ms):
    """What is known of one dtype's products."""
    time = median(samples_ms)
    return {"tflops": 2 * size**3 / time * 1e-9, "median_ms": time, "mad_ms": mad(samples_ms), "rounds": len(samples_ms)}


def measure_ceilings(dtypes, device, size, rule=RULE):
    """{dtype: row} and why measuring stopped."""
    clock = CudaClock() if device.type == "cuda" else HostClock()
    variants = {dtype: bsfa_torch.product(size, dtype, device) for dtype in dtypes}
    samples, stopped = measure(variants, clock, rule, random.Random(0))
    return {dtype: ceiling_row(size, times) for dtype, times in samples.items()}, stopped


def dtype_list(text):
    dtypes = text.split(",")
    if not all(dtype in bsfa_torch.DTYPES for dtype in dtypes):
        raise argparse.ArgumentTypeError(f"{text!r}: choose from {','.join(bsfa_torch.DTYPES)}")
    return dtypes


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dtypes", type=dtype_list, default=["fp16"], help="of fp16 and bf16 [fp16]")
    parser.add_argument("--size", type=int, default=peer_rows.MATMUL_SIZE, help=f"[{peer_rows.MATMUL_SIZE}]")
    parser.add_argument("--json", default=None, help="a file for the result")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu tries the program out")
    options = parser.parse_args(arguments)
    if options.size < 1:
        parser.error("--size must be positive")
    return options


def run(options):
    """The result as it is written."""
    device = torch.device(options.device)
    ceilings, stopped = measure_ceilings(options.dtypes, device, options.size)
    cuda = device.type == "cuda"
    return {"program": "bench/ceiling.py", "gpu": torch.cuda.get_device_name(0) if cuda else "cpu",
            "torch": torch.__version__, "cuda": torch.version.cuda, "size": options.size, "stopped": stopped,
            "ceilings": ceilings}


def fail(code, text):
    print(f"ceiling: {text}", file=sys.stderr)
    return code


def main():
    options = parse_arguments(sys.argv[1:])
    if options.device == "cuda" and not torch.cuda.is_available():
        return fail(4, "torch sees no CUDA device")
    try:
        with torch.inference_mode():
            result = run(options)
    except (torch.OutOfMemoryError, torch.AcceleratorError) as error:
        return fail(4, str(error).split("\n")[0])
    for dtype, row in result["ceilings"].items():
        print(f"{result['gpu']}, {dtype} {options.size}^3: {row['tflops']:.1f} TFLOP/s, "
              f"{row['median_ms']:.4f} ± {row['mad_ms']:.4f} ms over {row['rounds']} rounds")
    if options.json:
        try:
            peer_rows.write_json(options.json, result)
        except OSError as error:
            return fail(5, f"{options.json}: {error.strerror}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
