// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/traces/support.h"
#include "traces/profile.h"

namespace bsfa::traces::test {

/// Every part present, with values that check_trace.py knows too.
Profile formula_profile();

/// As large as real ones come, with odd texts, NaN and numbers at the ends of their types.
Profile large_profile(std::uint64_t seed);

/// Writes a trace with formula_sequence() and this profile in layer 0.
void write_profiled(const std::filesystem::path& path, const Profile& profile);

/// Names of what differs, "" if nothing does.
std::string difference(const Profile& a, const Profile& b);

}  // namespace bsfa::traces::test
