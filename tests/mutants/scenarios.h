// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/thresholds.h"
#include "io/generate.h"

namespace bsfa::test {

/// A named problem with thresholds, made so that some mistakes show on it.
struct Scenario {
  std::string name;
  io::GeneratedAttention data;
  core::Thresholds thresholds;
};

/// Made on first use and kept.
///
/// causal          a prompt: sinks, local window, heavy hitters; 4 query heads on 2 kv heads
/// two-batches     the same with two batch entries
/// chunk           M < N, both ragged, bf16, D = 128: a later chunk of a prompt
/// short-table     chunk, with a threshold table that ends before the positions do
/// exact-ties      small integers, scale 1/8, every finite τ equal to a tile_max of the problem
/// ragged          not causal, neither M nor N a multiple of its block
/// all-negative    ragged with every score below zero
/// square-tiles    64x64 tiles, Qb = Kb
/// large-tiles     128x128 tiles
/// nan-key         causal, one NaN in K of head 0, in a tile off-diagonal for most Q blocks
/// infinite-key    causal, one +inf in K of head 0, and τ = +inf for the heads that read it
/// infinite-value  causal, one +inf in V, in a tile that some Q blocks skip and others keep
/// empty-row       causal, head 0's first key scores -inf: its row 0 has nothing else to see
/// long            N = 4096 with V around 1: long sums that fp16 cannot hold
const Scenario& scenario(std::string_view name);

}  // namespace bsfa::test
