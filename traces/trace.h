// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/work.h"

namespace bsfa::traces {

inline constexpr int kSchemaMajor = 1;
inline constexpr int kSchemaMinor = 1;

/// Where a trace came from: root attributes.
struct Provenance {
  std::string tool_version, commit, gpu, driver, kernel, command_line;
  std::string input_file, input_sha256, thresholds, created_utc;
  std::string verdict;                      ///< "pass", "fail" or "inconclusive"
  std::map<std::string, std::string> more;  ///< further text attributes, kept as they are
};

/// Shape of per-tile arrays: [heads, q_blocks held, k_blocks], row-major.
struct TileShape {
  std::int64_t heads = 0;
  std::int64_t rows = 0;  ///< Q blocks held, which may be a sample of the problem's
  std::int64_t k_blocks = 0;
  std::int64_t tiles() const noexcept { return heads * rows * k_blocks; }
  friend bool operator==(const TileShape&, const TileShape&) = default;
};

/// One layer and batch entry. Vectors are either absent (nullopt) or of the full shape; absent
/// differs from empty. Rows of a head that were not checked hold NaN and 255. mask_kernel may hold
/// any byte, as a faulty kernel wrote it.
struct Sequence {
  core::Problem problem;
  TileShape shape;
  std::vector<std::int64_t> q_blocks;  ///< [rows] index of the Q blocks held, ascending
  std::optional<std::vector<std::uint8_t>>
      held;  ///< [heads, rows] 1 where checked; absent: all are

  std::optional<std::vector<float>> tile_max, tile_mass, tile_mass_max;      ///< [H,Qb,Kb]
  std::optional<std::vector<std::uint8_t>> mask_reference, mask_kernel;      ///< [H,Qb,Kb]
  std::optional<std::vector<float>> threshold;                               ///< [H,Qb] τ applied
  std::optional<std::vector<float>> error_arithmetic, error_method;          ///< [H,Qb]
  std::optional<std::vector<std::uint32_t>> gating_ties, gating_violations;  ///< [H,Qb]
  std::optional<std::vector<float>> retained_mass, retained_mass_min, certificate;  ///< [H,Qb]
  std::optional<std::vector<float>> curve_threshold, curve_mass;                    ///< [H,Qb,64]
  std::optional<std::vector<core::WorkRecord>> work;  ///< sorted by start
};

/// A text document stored beside the numbers: the JSON report of `compare`.
struct Report {
  std::string json;
};

}  // namespace bsfa::traces
