// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bsfa::cli {

/// The few counters that say most of a kernel, as one line: "tensor pipe 63.1 %, issue slots ...".
/// `value` gives a metric's value where it was counted; what was not is left out.
std::string headline_counters(
    const std::function<std::optional<double>(std::string_view metric)>& value);

}  // namespace bsfa::cli
