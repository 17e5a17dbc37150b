# SPDX-License-Identifier: Apache-2.0
"""Two profilers at once: the hardware counts for one of them. The other must say so, what to do, and go on."""

import subprocess

#: They meet in most tries, not in all: which one is ahead differs.
TRIES = 5
BUSY, ADVICE = "CUPTI_ERROR_HARDWARE_BUSY", "another profiler holds the hardware"


def command_for(bsfa):
    return [bsfa, "profile", "--kernel", "portable", "--only", "time,counters", "--max-time", "0.5",
            "--generate", "gaussian", "-N", "8192", "-H", "16", "-D", "128", "--topk", "16"]


def judge_pair(codes, texts):
    """(whether one was refused, faults) of two profiles that ran at once."""
    faults = [f"exit code {code}" for code in codes if code != 0]
    faults += ["a profile without times" for text in texts if "launch" not in text]
    refused = [text for text in texts if "counters refused" in text]
    faults += [f"refused for another reason: {text.split('counters refused: ')[-1].splitlines()[0]}" for text in refused
               if BUSY not in text]
    faults += ["a refusal without advice" for text in refused if ADVICE not in text]
    if len(refused) > 1:
        faults.append("neither got the hardware")
    return bool(refused), faults


def run_both(command, limit_s):
    """Faults of TRIES pairs; that none was ever refused is one."""
    for _ in range(TRIES):
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in "ab"]
        try:
            texts = [each.communicate(timeout=limit_s)[0] for each in both]
        except subprocess.TimeoutExpired:
            return [f"ended after its limit of {limit_s} s"]
        finally:
            for each in both:
                each.kill()
                each.wait()
        refused, faults = judge_pair([each.returncode for each in both], texts)
        if faults or refused:
            return faults
    return [f"in {TRIES} tries both counted at once"]
