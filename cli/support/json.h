// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "analysis/verdict.h"
#include "core/problem.h"
#include "core/work.h"

namespace bsfa::cli {

using Json = nlohmann::ordered_json;

/// JSON knows no NaN and no infinity: they become the strings "nan", "inf" and "-inf", which
/// Python's float() and C's strtod read.
Json number(double value);
/// null where there is none.
Json number(std::optional<double> value);

Json to_json(const core::Problem& problem);
Json to_json(const analysis::TileCounts& tiles);

/// Indented text with a final newline. Bytes that are no UTF-8 (in file names) are replaced.
std::string dump(const Json& json);

}  // namespace bsfa::cli
