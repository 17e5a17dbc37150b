// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/thresholds.h"

namespace bsfa::cli {

/// What a table is: k values, layers, shape, aggregation, samples.
std::string describe_table(const core::ThresholdTable& table);

/// One line for each k, layer and head: least, median and greatest τ, and how many are infinite.
std::string summarise_table(const core::ThresholdTable& table);

}  // namespace bsfa::cli
