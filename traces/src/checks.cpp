// SPDX-License-Identifier: Apache-2.0
#include "traces/src/checks.h"

#include <algorithm>

#include "core/mask.h"
#include "core/tile_geometry.h"
#include "traces/src/fields.h"
#include "traces/src/hdf5.h"

namespace bsfa::traces {

void check_problem(const core::Problem& problem) {
  for_each_problem_integer(problem, [](const char* name, std::int64_t value) {
    constexpr std::int64_t kLargest = std::int64_t{1} << 31;
    if (value < 1 || value > kLargest) {
      throw Fault("is " + std::to_string(value) + ", must be 1 to 2^31",
                  "attribute " + std::string(name));
    }
  });
  if (problem.q_len > problem.kv_len) throw Fault("has more queries than keys");
}

void check_q_blocks(const std::vector<std::int64_t>& q_blocks, const core::Problem& problem) {
  const std::int64_t limit = core::TileGeometry(problem).q_blocks();
  std::int64_t previous = -1;
  for (const std::int64_t m : q_blocks) {
    if (m <= previous || m >= limit) {
      throw Fault("is not an ascending list of the problem's Q blocks", "q_blocks");
    }
    previous = m;
  }
}

void check_codes(const std::string& name, const std::vector<std::uint8_t>& codes) {
  if (name != "mask_reference") return;
  const auto odd = std::find_if(codes.begin(), codes.end(), [](std::uint8_t c) {
    return c > static_cast<std::uint8_t>(core::TileCode::kDiagonal) && c != 255;
  });
  if (odd != codes.end()) {
    throw Fault("holds " + std::to_string(*odd) + ", which is no tile code");
  }
}

}  // namespace bsfa::traces
