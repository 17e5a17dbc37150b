// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/problem.h"
#include "core/work.h"

namespace bsfa::cli {

/// "12.34 %", "-" where there is none, "nan".
std::string percent(std::optional<double> share, int digits = 2);
/// "+12.3 %", "-" where there is none or it is infinite.
std::string relative_change(std::optional<double> share);
/// A line of source without the blanks it starts with, cut to 60 bytes.
std::string excerpt(const std::string& line);
/// A share of mass so close to one that "100.00 %" would hide what is missing keeps its digits.
std::string mass(double share);
/// Three significant digits: "0.213", "1.20e-04", "inf", "nan".
std::string figure(double value);
/// "812 ms", "12.3 s", "4 min 10 s".
std::string duration(double seconds);
/// "9.0 MiB".
std::string bytes(std::uint64_t count);
/// Digits in groups of three: "1 234 567".
std::string count(std::int64_t value);
/// A whole number as count() has it as far as a double tells one from the next, else as figure().
std::string quantity(double value);

/// "B 1  H 8  Hkv 8  M 4096  N 4096  D 64  fp16  causal  gate 128x64  scale 0.125".
std::string describe(const core::Problem& problem);
std::string describe(const core::GateShape& gate);
/// "batch 0, head 3, Q block 17"; the batch is left out where there is one only.
std::string describe(const core::WorkItem& item, const core::Problem& problem);

/// Now, as "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace bsfa::cli
