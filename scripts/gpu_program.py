# SPDX-License-Identifier: Apache-2.0
"""A program that was not built with bsfa: PyTorch's attention, whose kernels `bsfa profile -- PROGRAM` must list, time
and count."""

LAUNCHES = 5
#: Fresh inputs; both backends that PyTorch has for this problem, each in kernels of its own.
PROGRAM = f"""
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
q, k, v = (torch.randn(1, 8, 4096, 128, device="cuda", dtype=torch.float16) for _ in range(3))
for backend in (SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION):
    with sdpa_kernel(backend):
        for _ in range({LAUNCHES}):
            torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
torch.cuda.synchronize()
"""
#: What no attention kernel of this size can do without.
TENSOR = "sm__inst_executed_pipe_tensor_op_hmma.sum"


def command_for(bsfa, python, report):
    return [bsfa, "profile", "--only", "time,counters", "--json", report, "--", python, "-c", PROGRAM]


def kernel_faults(kernel):
    """What is wrong with one attention kernel's line."""
    name = kernel["name"][:40]
    if not 0 < kernel["least_ns"] <= kernel["median_ns"] <= kernel["most_ns"]:
        return [f"{name}: times are out of order"]
    # The launch that is counted is not among the times.
    if kernel["launches"] not in (LAUNCHES - 1, LAUNCHES):
        return [f"{name}: {kernel['launches']} launches"]
    return []


def judge_program(report):
    """(figures, faults) of a report of `bsfa profile --json` on PROGRAM."""
    if report["exit_code"] != 0 or len(report["processes"]) != 1:
        return {}, [f"exit code {report['exit_code']}, {len(report['processes'])} processes"]
    process, = report["processes"]
    faults = [f"{each['facility']}: refused: {each['words']}" for each in process["refusals"]]
    if process["dropped"]:
        faults.append(f"{process['dropped']} launches lost")
    attention = [each for each in process["kernels"] if each["attention_like"]]
    if len(attention) < 2:
        faults.append(f"attention kernels of two backends expected: {[each['name'] for each in process['kernels']]}")
    counted = {each["kernel"]: {value["metric"]: value["value"] for value in each["values"]}
               for each in process["counters"]}
    figures = {}
    for kernel in attention:
        tensor = counted.get(kernel["name"], {}).get(TENSOR)
        figures[kernel["name"]] = {"launches": kernel["launches"], "median_ns": kernel["median_ns"],
                                   "tensor_instructions": tensor}
        faults += kernel_faults(kernel)
        if not tensor:
            faults.append(f"{kernel['name'][:40]}: no tensor instructions were counted")
    return figures, faults
