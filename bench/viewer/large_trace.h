// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace bsfa::bench {

/// How large a trace to write.
struct LargeTrace {
  std::int64_t layers = 2, heads = 32, q_blocks = 1024, k_blocks = 2048;
  /// Of all arrays of tiles, decoded, without their levels.
  double tile_bytes() const {
    return static_cast<double>(layers * heads * q_blocks * k_blocks) * (3.0 * 4.0 + 2.0);
  }
};

/// Writes a causal trace with everything a run of `compare` stores. Scores have few distinct
/// values, so that the file is a small part of what it decodes to; all heads of a layer are alike.
/// Holds one layer in memory.
void write_large_trace(const std::filesystem::path& path, const LargeTrace& size);

}  // namespace bsfa::bench
