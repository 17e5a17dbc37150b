# SPDX-License-Identifier: Apache-2.0
"""Full profiles in a row, each with all that bsfa profile collects: what the device, the folder for temporary files and
the shared memory hold afterwards must not have grown."""

import json
import pathlib
import subprocess
import sys

import gpu_profile
from gpu_run import ROOT

PROFILES = 20
#: Small, so that what is fixed in a profile is all that it costs.
PROBLEM = ("--generate", "structured", "-N", "2048", "-H", "2", "-D", "128", "--topk", "4", "--loads", "--check", "all",
           "--max-time", "0.2")
SHARED = pathlib.Path("/dev/shm")
#: Device memory is handed out in pages of 2 MiB.
PAGE_MIB = 2


def device_memory_mib():
    """What is in use on the first card, by NVML or nvidia-smi; None where neither tells."""
    if str(ROOT / "bench") not in sys.path:
        sys.path.append(str(ROOT / "bench"))
    from gpu_state import open_nvml
    nvml = open_nvml()
    if nvml:
        try:
            return nvml.nvmlDeviceGetMemoryInfo(nvml.nvmlDeviceGetHandleByIndex(0)).used / 2**20
        except nvml.NVMLError:
            return None
        finally:
            nvml.nvmlShutdown()
    try:
        done = subprocess.run(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"],
                              capture_output=True, text=True, timeout=60, check=True)
        return float(done.stdout.splitlines()[0])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return None


def names_in(folder):
    """Everything below a folder, as paths; empty where it is not there."""
    return {str(path) for path in folder.rglob("*")} if folder.is_dir() else set()


def growth_faults(memory_mib, left):
    """What has grown. memory_mib: in use after each profile; left: files that were not there before."""
    faults = [f"left behind: {path}" for path in sorted(left)]
    half = len(memory_mib) // 2
    if any(value is None for value in memory_mib):
        return [*faults, "neither NVML nor nvidia-smi tells how much device memory is in use"]
    grown = max(memory_mib[half:]) - max(memory_mib[:half])
    if grown > PAGE_MIB:
        faults.append(f"device memory in use grew by {grown:.1f} MiB between the first and the last {half} profiles")
    return faults


def run_profiles(bsfa, run, scratch, temporary):
    """(figures, faults). `run` runs one command with TMPDIR at `temporary`, and raises where it fails; `scratch` holds
    what a profile writes."""
    before, memory = names_in(SHARED), []
    report = scratch / "profile.json"
    for _ in range(PROFILES):
        run([bsfa, "profile", "--kernel", "portable", *PROBLEM, "--out", str(scratch / "p.h5"), "--json", str(report)])
        faults = gpu_profile.facility_faults(json.loads(report.read_text()))
        if faults:
            return {"profiles": len(memory) + 1}, faults
        memory.append(device_memory_mib())
    left = (names_in(SHARED) - before) | names_in(temporary)
    return {"profiles": PROFILES, "device_memory_mib": memory}, growth_faults(memory, left)
