// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/thresholds.h"

namespace bsfa::io {

/// Checks a table that was just read: `shape` is that of its values, [K,L,H,blocks].
///
/// Errors  throws core::InputError naming `file`: an empty dimension, as many k or layers as the
///         shape does not have, one of them twice or negative, block sizes that are not positive, a
///         NaN τ (with its place).
void check_shape(const core::ThresholdTable& table, const std::vector<std::int64_t>& shape,
                 const std::string& file);

/// "mean" or "median".
std::string aggregation_text(core::Aggregation aggregation);
/// Throws core::InputError for any other text.
core::Aggregation aggregation_named(const std::string& text, const std::string& file);

}  // namespace bsfa::io
