// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/profile/conclusions.h"
#include "traces/reader.h"

namespace bsfa::cli {

/// A layer's profile as a trace holds it: its tables, its work records, and of what has no place in
/// them what the stored report says. That is enough to conclude again what was concluded then.
struct StoredProfile {
  core::Problem problem;
  Collection collection;
  std::optional<double> ceiling_tflops;
  std::optional<std::int64_t> compared, compared_of;  ///< Q blocks held to the reference first
};

/// None where nothing was measured of the layer. A report that is not there or not what bsfa
/// profile writes leaves out what it would have said.
///
/// Errors  throws core::InputError.
std::optional<StoredProfile> stored_profile(const traces::TraceReader& reader, std::int64_t layer);

/// For people: all that the report of bsfa profile showed, concluded again, and every counter.
/// Findings are those that were drawn then.
std::string text_of(const StoredProfile& profile);

}  // namespace bsfa::cli
