# SPDX-License-Identifier: Apache-2.0
"""What has to hold before a time is worth anything: our output is right, complete, and gated as said.

Errors are ‖a−b‖/‖b‖ for every head and 128 rows, the worst of them counting: early rows are large
under causality and would hide the rest in one norm. On independent random numbers each side is off by
its rounding of P and of O, at most u each in relative terms (2⁻¹¹ for fp16, 2⁻⁸ for bf16), so 2u
against float64 and 4u against another kernel. A sign, a scale or a tile that is wrong is off by far
more. `bsfa compare` judges by derived bounds instead.
"""

import dataclasses

import torch

import bsfa_abi as abi
from bsfa_torch import Buffers, Launch, closing, constant_thresholds, kept_share, random_inputs, thresholds_for
from peer_rows import GATE_K_BLOCK, GATE_Q_BLOCK, UNIT_ROUNDOFF

# One length in whole tiles, one that ends inside a tile in both directions.
SMALL_LENGTHS = (2048, 1111)
SMALL_HEADS = 8
SMALL_SHARES = (1, 0.5, 0.125, 0)


class CheckFailed(Exception):
    """A result is wrong; the text says which and where."""


def worst_error(result, reference):
    """(error, head, first row) of the 128 rows of a head that are furthest off. NaN counts as infinite."""
    worst = (-1.0, 0, 0)
    for head, (a, b) in enumerate(zip(result[0], reference[0])):
        wide = torch.promote_types(b.dtype, torch.float32)
        difference, norm = ((a.to(wide) - b.to(wide)) ** 2).sum(-1), (b.to(wide) ** 2).sum(-1)
        short = -len(norm) % GATE_Q_BLOCK
        difference, norm = (torch.nn.functional.pad(x, (0, short)).view(-1, GATE_Q_BLOCK).sum(-1)
                            for x in (difference, norm))
        error = torch.sqrt(difference / norm).nan_to_num(nan=float("inf"))
        value, block = error.max(0)
        worst = max(worst, (float(value), head, int(block) * GATE_Q_BLOCK))
    return worst


def require_close(what, result, reference, limit):
    """Returns the error; raises CheckFailed above the limit."""
    error, head, row = worst_error(result, reference)
    if not error <= limit:
        raise CheckFailed(f"{what}: relative error {error:.3g} is above {limit:.3g} in head {head}, "
                          f"rows {row} to {row + GATE_Q_BLOCK - 1}")
    return error


def run_checked(launch, buffers, outputs, what):
    """Runs a launch on poisoned buffers; every element of every output has to be written."""
    for name in outputs:
        buffers[name]
    buffers.poison()
    launch()
    found = buffers.unwritten(outputs)
    if found:
        raise CheckFailed(f"{what}: {found}")


def check_mask(what, mask, tile_max, thresholds):
    """The mask is the gate applied to the kernel's own tile_max."""
    for head in range(mask.shape[1]):
        codes = mask[0, head]
        decided = (codes == abi.TILE_KEPT) | (codes == abi.TILE_SKIPPED)
        expected = tile_max[0, head] >= thresholds[0, head][:, None]
        wrong = decided & (expected != (codes == abi.TILE_KEPT))
        if wrong.any():
            q_block, k_block = torch.nonzero(wrong)[0].tolist()
            raise CheckFailed(f"{what}: the mask contradicts tile_max at head {head}, Q block {q_block}, "
                              f"K block {k_block} and {int(wrong.sum()) - 1} more tiles")


def score_bound(q, k, configuration):
    """How far fp32 may be off in any score (docs/method.md, section 2), from the largest rows."""
    norms = float(q.float().norm(dim=-1).max()) * float(k.float().norm(dim=-1).max())
    return (configuration.dim + 16) * 2.0**-23 * configuration.scale * norms


def check_statistics(what, found, expected, inputs, configuration):
    """tile_max of the statistics operation against a kernel's own: each is within the bound of the exact one."""
    bound = score_bound(*inputs[:2], configuration)
    for head in range(found.shape[1]):
        a, b = found[0, head], expected[0, head]
        wrong = (a != b) & ~((a - b).abs() <= 2 * (bound + 2.0**-22 * b.abs()))
        if wrong.any():
            q_block, k_block = torch.nonzero(wrong)[0].tolist()
            raise CheckFailed(f"{what}: tile_max {float(a[q_block, k_block]):.6g} against the kernel's own "
                              f"{float(b[q_block, k_block]):.6g} at head {head}, Q block {q_block}, K block {k_block} "
                              f"and {int(wrong.sum()) - 1} more tiles")


def exact_attention(inputs, configuration, mask):
    """(o, lse) in float64 over the tiles that take part."""
    q, k, v = (x.double() for x in inputs)
    group = configuration.heads // configuration.kv_heads
    n = configuration.n
    o, lse = torch.empty_like(q), q.new_empty(q.shape[:3])
    visible = torch.ones(n, n, dtype=torch.bool, device=q.device)
    visible = visible.tril() if configuration.causal else visible
    for head in range(configuration.heads):
        codes = mask[0, head]
        taken = (codes == abi.TILE_KEPT) | (codes == abi.TILE_DIAGONAL)
        taken = taken.repeat_interleave(GATE_Q_BLOCK, 0).repeat_interleave(GATE_K_BLOCK, 1)[:n, :n]
        scores = configuration.scale * (q[0, head] @ k[0, head // group].T)
        scores.masked_fill_(~(taken & visible), float("-inf"))
        lse[0, head] = torch.logsumexp(scores, -1)
        o[0, head] = torch.softmax(scores, -1) @ v[0, head // group]
    return o, lse


def check_lse(what, result, reference, beta, k_blocks):
    """The bound of docs/method.md, section 2."""
    bound = beta + (GATE_K_BLOCK + k_blocks) * 2.0**-23 + 2.0**-22 * reference.abs()
    off = (result.double() - reference).abs()
    wrong = ~(off[0] <= bound[0])
    if wrong.any():
        head, row = torch.nonzero(wrong)[0].tolist()
        raise CheckFailed(f"{what}: LSE off by {float(off[0, head, row]):.3g}, above {float(bound[0, head, row]):.3g}, "
                          f"at head {head}, row {row}")


def check_against_float64(kernel, configuration, seed, device):
    """One small problem at every share, judged under the kernel's own mask. Returns the worst error."""
    inputs, buffers = random_inputs(configuration, device, seed), Buffers(configuration, device)
    outputs = ("o", "lse", "mask", "tile_max")
    infinite = constant_thresholds(configuration, float("-inf"), device)
    tables = {None: infinite}
    worst = 0.0
    for share in (None, *SMALL_SHARES):
        what = f"{kernel.name}, {configuration}, {'-inf' if share is None else f'{share:.1%}'} (seed {seed})"
        with closing(Launch(kernel, configuration, inputs, buffers, thresholds=tables[share],
                            level=abi.INSTRUMENT_MASK, outputs=outputs)) as launch:
            run_checked(launch, buffers, outputs, what)
        if share is None:
            tables.update(thresholds_for(buffers["tile_max"], configuration, SMALL_SHARES))
        check_mask(what, buffers["mask"], buffers["tile_max"], tables[share])
        measured = kept_share(buffers["mask"])
        # A check that skipped nothing, or everything, proves nothing about gating.
        if share in (0.5, 0.125) and not 0 < measured < 1 or share == 0 and measured != 0 or \
                share in (None, 1) and measured != 1:
            raise CheckFailed(f"{what}: {measured:.3%} of the tiles are kept")
        o, lse = exact_attention(inputs, configuration, buffers["mask"])
        limit = 2 * UNIT_ROUNDOFF[configuration.dtype]
        worst = max(worst, require_close(f"{what} against float64", buffers["o"], o, limit))
        check_lse(what, buffers["lse"], lse, score_bound(*inputs[:2], configuration), buffers["mask"].shape[-1])
    return worst


def check_small(kernel, configuration, seed, device):
    """The float64 checks for the dtype, head dimension and head grouping of a configuration."""
    group = configuration.heads // configuration.kv_heads
    heads = max(SMALL_HEADS // group, 1) * group
    return max(check_against_float64(
        kernel, dataclasses.replace(configuration, n=n, heads=heads, kv_heads=heads // group), seed, device)
        for n in SMALL_LENGTHS)


def check_dense(kernel, configuration, inputs, buffers, peers):
    """The whole problem at -inf: against each peer, and bit for bit against gating compiled out.

    Returns {peer: error}.
    """
    infinite = constant_thresholds(configuration, float("-inf"), inputs[0].device)
    what = f"{kernel.name}, {configuration}, all thresholds -inf"
    with closing(Launch(kernel, configuration, inputs, buffers, thresholds=infinite)) as launch:
        run_checked(launch, buffers, ("o", "lse"), what)
    errors = {name: require_close(f"{what} against {name}", buffers["o"], peer(), 4 * UNIT_ROUNDOFF[configuration.dtype])
              for name, peer in peers.items()}
    gated = buffers["o"].clone()
    with closing(Launch(kernel, configuration, inputs, buffers)) as launch:
        run_checked(launch, buffers, ("o", "lse"), what + ", gating compiled out")
    if not torch.equal(gated, buffers["o"]):
        raise CheckFailed(f"{what}: differs from gating compiled out in {int((gated != buffers['o']).sum())} elements")
    return errors
