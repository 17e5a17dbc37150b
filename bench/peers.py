#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times our kernels beside cuDNN and FlashAttention-2 (torch's back ends), interleaved in one process.

Before a configuration is timed, its outputs are checked; docs/benchmarks.md explains every column. Exit codes: 0
done, 1 a check failed, 2 usage, 3 the library cannot be used, 4 no device or a device error, 5 the result could
not be written.
"""

import argparse
import contextlib
import datetime
import itertools
import pathlib
import random
import re
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import bsfa_abi as abi
import peer_rows
from gpu_state import GpuState
from peer_rows import Configuration
from spread import StoppingRule

try:
    import torch
    from peer_bench import Bench
    from peer_checks import CheckFailed
except ImportError as missing:
    print(f"peers: needs PyTorch and numpy: {missing}", file=sys.stderr)
    sys.exit(2)

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ("cudnn", "flash2")


class Failure(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def list_of(convert, choices=None):
    def parse(text):
        values = [convert(part) for part in text.split(",") if part]
        wrong = [value for value in values if choices and value not in choices]
        if not values or wrong:
            raise argparse.ArgumentTypeError(f"{text!r}: choose from {', '.join(map(str, choices or ['numbers']))}")
        return values
    return parse


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--library", default=None, help="kernel library [lib/libbsfa.so of a bundle, or of build/release]")
    add("--kernels", type=list_of(str), default=["cudnn", "flash2", "portable"],
        help="of cudnn, flash2 and what the library offers, or all [cudnn,flash2,portable]")
    add("--n", type=list_of(int), default=[16384, 32768, 65536, 131072], help="lengths")
    add("--heads", type=int, default=32)
    add("--kv-heads", type=list_of(int), default=[32, 8])
    add("--dims", type=list_of(int, (64, 128)), default=[128])
    add("--dtypes", type=list_of(str, ("fp16", "bf16")), default=["fp16", "bf16"])
    add("--densities", type=list_of(float), default=[100, 50, 25, 12.5, 0], help="kept shares in percent")
    add("--full", action="store_true", help="without causality")
    add("--levels", action="store_true", help="also time instrumentation level work")
    add("--min-rounds", type=int, default=StoppingRule.min_rounds)
    add("--max-rounds", type=int, default=StoppingRule.max_rounds)
    add("--min-seconds", type=float, default=StoppingRule.min_seconds, help="a configuration")
    add("--max-seconds", type=float, default=StoppingRule.max_seconds, help="a configuration")
    add("--spread", type=float, default=StoppingRule.spread, help="MAD/median at which to stop")
    add("--seed", type=int, default=None, help="[drawn, printed]")
    add("--out", default=str(ROOT / "bench" / "results"), help="folder or .json file")
    add("--commit", default=None, help="[the bundle's or git's, else the library's build]")
    add("--check", action="store_true", help="only check, time nothing")
    add("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: host kernels against torch's CPU attention")
    options = parser.parse_args(arguments)
    if any(not 0 <= density <= 100 for density in options.densities):
        parser.error("--densities are percentages from 0 to 100")
    if any(kv < 1 or options.heads % kv for kv in options.kv_heads):
        parser.error("--heads must be a multiple of every --kv-heads")
    if options.min_rounds > options.max_rounds or options.min_seconds > options.max_seconds:
        parser.error("the least number of rounds or seconds is more than the most")
    if min(options.n) < 1:
        parser.error("--n must be positive")
    return options


def default_library():
    for folder in (ROOT / "lib", ROOT / "build" / "release" / "lib"):
        if (folder / "libbsfa.so").is_file():
            return folder / "libbsfa.so"
    raise Failure(2, "no libbsfa.so beside this script's folder; name it with --library")


def open_library(options):
    try:
        return abi.Library(options.library or default_library())
    except abi.LibraryError as error:
        raise Failure(3, str(error)) from error


def choose_kernels(options, library):
    """(names of peers, our kernels)."""
    space = abi.CUDA_DEVICE if options.device == "cuda" else abi.HOST
    ours = {name: kernel for name, kernel in library.kernels.items() if kernel.memory_space == space}
    wanted = [*PEERS, *ours] if options.kernels == ["all"] else options.kernels
    unknown = [name for name in wanted if name not in PEERS and name not in ours]
    if unknown:
        raise Failure(2, f"no kernel {unknown[0]}: there are {', '.join([*PEERS, *ours])}")
    return [name for name in wanted if name in PEERS], [ours[name] for name in wanted if name in ours]


def say(text):
    print(text, flush=True)


def version_of(program):
    """The commit in 'bsfa 0.1.0 (651649af66c9)'."""
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=60)
    match = re.search(r"\(([0-9a-z-]+)\)", done.stdout)
    return match.group(1) if match else None


def commit_of(options, library):
    """Of a bundle, what its program says: git would find whatever repository the bundle lies in."""
    if options.commit:
        return options.commit
    try:
        if (ROOT / "bin" / "bsfa").is_file():
            return version_of(ROOT / "bin" / "bsfa") or library.build
        return subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
                              check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return library.build


def describe(bench, options, started, seed):
    """The head of the result file: where, with what, and how."""
    cuda = bench.device.type == "cuda"
    state = GpuState(bench.uuid()) if cuda else None
    return {
        "program": "bench/peers.py", "complete": False, "created_utc": started.isoformat(timespec="seconds"),
        "commit": commit_of(options, bench.library),
        "library": {"name": bench.library.name, "build": bench.library.build,
                    "kernels": {name: kernel.description for name, kernel in bench.library.kernels.items()}},
        "gpu": torch.cuda.get_device_name(0) if cuda else "cpu",
        "driver": state.driver() if state else None,
        "clocks_before": state.read_once() if state else None,
        "cuda": torch.version.cuda, "torch": torch.__version__,
        "cudnn": torch.backends.cudnn.version() if cuda else None,
        "command_line": shlex.join(sys.argv), "seed": seed,
        "configurations": [], **{series: [] for series in peer_rows.SERIES},
    }


def configurations(options):
    for n, dim, dtype, kv_heads in itertools.product(options.n, options.dims, options.dtypes, options.kv_heads):
        yield Configuration(n, options.heads, kv_heads, dim, dtype, not options.full)


def open_bench(options):
    if options.device == "cuda" and not torch.cuda.is_available():
        raise Failure(4, "torch sees no CUDA device")
    library = open_library(options)
    peer_names, kernels = choose_kernels(options, library)
    rule = StoppingRule(options.min_rounds, options.max_rounds, options.min_seconds, options.max_seconds, options.spread)
    device = torch.device("cuda", 0) if options.device == "cuda" else torch.device("cpu")
    return Bench(device, library, peer_names, kernels, rule=rule, levels=options.levels, check_only=options.check,
                 shares=[density / 100 for density in options.densities])


def report(notes, samples, kept, configuration):
    for kernel, errors in notes["checks"].items():
        say(f"  {kernel} checked: " + ", ".join(f"{name} {error:.2e}" for name, error in errors.items()))
    for name, reason in notes["unsupported"].items():
        say(f"  {name} left out: {reason}")
    if samples:
        say(peer_rows.table(configuration, samples, kept))


def require_work(kernels, result):
    """A run that left one of our kernels out altogether has not done what it was asked for."""
    for kernel in kernels:
        reasons = [notes["unsupported"].get(kernel.name) for notes in result["configurations"]]
        if all(reasons):
            raise Failure(2, f"took none of the configurations: {reasons[0]}")


def run_all(options):
    bench = open_bench(options)
    started = datetime.datetime.now(datetime.timezone.utc)
    first_seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**31)
    result = describe(bench, options, started, first_seed)
    path = peer_rows.result_path(options.out, result["gpu"], started)
    say(f"{result['gpu']}, driver {result['driver']}, torch {result['torch']}, cuDNN {result['cudnn']}, "
        f"{bench.library.name} {result['commit']}")
    for index, configuration in enumerate(configurations(options)):
        say(f"{configuration}: seed {first_seed + index}")
        notes, samples, kept = bench.run(configuration, first_seed + index)
        report(notes, samples, kept, configuration)
        result["configurations"].append(notes)
        for series, rows in peer_rows.build_rows(configuration, samples, kept).items():
            result[series] += rows
        # After every configuration, so that a run that is cut short keeps what it has.
        if not options.check:
            write(path, result)
    require_work(bench.kernels, result)
    result["complete"] = True
    if options.check:
        say("all checks passed")
        return
    write(path, result)
    for kernel in bench.kernels:
        say(peer_rows.target_table(result, kernel.name))
    say(f"written: {path}")


def write(path, result):
    try:
        peer_rows.write_json(path, result)
    except OSError as error:
        raise Failure(5, f"{path}: {error.strerror}") from error


def main():
    options = parse_arguments(sys.argv[1:])
    try:
        with torch.inference_mode():
            run_all(options)
    except Failure as failure:
        code, text = failure.code, str(failure)
    except CheckFailed as failure:
        code, text = 1, f"check failed: {failure}"
    except abi.KernelError as error:
        code, text = 2 if error.status == abi.UNSUPPORTED else 4, str(error)
    except (torch.OutOfMemoryError, torch.AcceleratorError) as error:
        code, text = 4, str(error).split("\n")[0]
    except KeyboardInterrupt:
        code, text = 130, "interrupted"
    else:
        return 0
    print(f"peers: {text}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
