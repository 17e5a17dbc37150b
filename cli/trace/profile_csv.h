// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "traces/reader.h"

namespace bsfa::cli {

/// Parts of a profile that have a table of their own: "times", "counters", "samples", "stalls",
/// "spans".
const std::vector<std::string>& profile_tables();

/// One of them as CSV, all layers that have it one after another.
///
/// Errors  throws core::InputError naming `file` where no layer has it.
std::string profile_csv(const traces::TraceReader& reader, const std::string& file,
                        const std::string& table);

}  // namespace bsfa::cli
