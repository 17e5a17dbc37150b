// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/problem.h"

namespace CLI {
class App;
}

namespace bsfa::cli {

/// The shape of a generated input.
struct ShapeOptions {
  std::int64_t batch = 1, heads = 4, kv_heads = 0, q_len = 0, kv_len = 0, head_dim = 64;
  std::uint64_t seed = 0;
};

/// Adds -B, -H, --kv-heads, -M, -N, -D and --seed; `group` names them together in the help.
void add_shape_options(CLI::App& command, ShapeOptions& options, const char* group = "Options");

/// `base`, which says all else, in this shape. Absent lengths equal the other, or are 2048.
///
/// Errors  throws core::InvalidProblem.
core::Problem shaped(core::Problem base, const ShapeOptions& options);

}  // namespace bsfa::cli
