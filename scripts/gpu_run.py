# SPDX-License-Identifier: Apache-2.0
"""What scripts/gpu-test and scripts/record-traces share: running programs within a limit, and finding ours."""

import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
#: Of a program that fails, so many lines say why.
TOLD_LINES = 5


def run_limited(command, limit_s, **options):
    """(exit code, output, seconds). A command past its limit is ended with all that it started; its code is None."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               start_new_session=True, **options)
    try:
        output, _ = process.communicate(timeout=limit_s)
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, code = process.communicate()[0], None
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return code, output, time.monotonic() - began


def why_it_failed(code, output):
    """The last lines that a program wrote, else how it ended."""
    ended = "ended after its limit" if code is None else f"exit code {code}"
    return output.strip().splitlines()[-TOLD_LINES:] or [ended]


def program_folders(given):
    """Where the programs may lie: in a bundle, or in a build."""
    return [given] if given else [ROOT / "bin", ROOT / "build" / "release" / "bin"]


def samples():
    """Inputs of a real model, in a bundle or a checkout."""
    return sorted((ROOT / "examples" / "data").glob("*.safetensors"))
