# SPDX-License-Identifier: Apache-2.0
"""Thresholds that keep an exact share of each Q block's off-diagonal tiles, from their tile_max.

docs/method.md section 1: a tile is kept iff tile_max >= threshold; diagonal tiles are always kept.
"""

import numpy as np


def tile_grid(q_len, kv_len, q_block, k_block):
    """(Q blocks, K blocks)."""
    return -(-q_len // q_block), -(-kv_len // k_block)


def off_diagonal(q_len, kv_len, q_block, k_block, causal):
    """bool [Qb,Kb]: the tiles that the gate decides."""
    q_blocks, k_blocks = tile_grid(q_len, kv_len, q_block, k_block)
    first = kv_len - q_len + np.arange(q_blocks)[:, None] * q_block
    begin = np.arange(k_blocks)[None, :] * k_block
    before = begin + k_block <= first
    after = begin >= first + q_block
    return before if causal else before | after


def kept_counts(counts, kept):
    """How many of `counts` tiles a share keeps, a half rounded up."""
    return np.floor(np.asarray(counts) * kept + 0.5).astype(np.int64)


def order_rows(tile_max, chosen):
    """float32 [rows, Kb]: each row's chosen values in descending order, then -inf."""
    values = np.where(chosen, tile_max, -np.inf).astype(np.float32)
    return -np.sort(-values, axis=-1)


def thresholds(ordered, counts, kept):
    """float32 [rows]: between the k-th and (k+1)-th largest of each row, k = kept_counts(counts, kept).

    ordered: [rows, Kb], each row's first counts[row] values are its off-diagonal tile_max in descending
    order. All are kept by a finite threshold below the least, none by a finite one above the largest.
    Where the k-th and (k+1)-th are equal no threshold separates them, and all that are equal are kept.
    Raises ValueError where an off-diagonal tile_max is not finite.
    """
    ordered = np.asarray(ordered, dtype=np.float32)
    counts = np.asarray(counts, dtype=np.int64)
    rows = np.arange(len(ordered))
    used = np.arange(ordered.shape[1])[None, :] < counts[:, None]
    if not np.isfinite(ordered[used]).all():
        raise ValueError("an off-diagonal tile_max is not finite")
    keep = kept_counts(counts, kept)
    last = np.maximum(counts - 1, 0)
    least_kept = ordered[rows, np.minimum(np.maximum(keep - 1, 0), last)]
    largest_skipped = ordered[rows, np.minimum(keep, last)]
    middle = ((least_kept.astype(np.float64) + largest_skipped) / 2).astype(np.float32)
    # Neighbours in fp32 have no value between them; the kept one itself separates them.
    chosen = np.where(middle > largest_skipped, middle, least_kept)
    highest, lowest = ordered[:, 0], ordered[rows, last]
    above = np.maximum(highest + np.float32(1), np.nextafter(highest, np.float32(np.inf)))
    below = np.minimum(lowest - np.float32(1), np.nextafter(lowest, np.float32(-np.inf)))
    chosen = np.where(keep == 0, above, chosen)
    chosen = np.where(keep == counts, below, chosen)
    chosen = np.where(counts == 0, np.float32(0), chosen)
    return chosen.astype(np.float32)
