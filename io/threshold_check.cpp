// SPDX-License-Identifier: Apache-2.0
#include "io/threshold_check.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "core/error.h"
#include "io/bytes.h"

namespace bsfa::io {
namespace {

void check_numbers(const std::vector<std::int64_t>& numbers, std::int64_t expected,
                   std::string_view what, const std::string& file) {
  if (numbers.size() != static_cast<std::size_t>(expected)) {
    throw core::InputError(file, "has " + std::to_string(numbers.size()) + " " + std::string(what) +
                                     " for thresholds of " + std::to_string(expected));
  }
  std::set<std::int64_t> seen;
  for (const std::int64_t number : numbers) {
    if (number < 0 || !seen.insert(number).second) {
      throw core::InputError(file, std::string(what) + " " + std::to_string(number) +
                                       (number < 0 ? " is negative" : " occurs twice"));
    }
  }
}

/// The place of the index-th value.
std::string place_of(const core::ThresholdTable& table, std::size_t index) {
  const auto blocks = static_cast<std::size_t>(table.blocks);
  const auto heads = static_cast<std::size_t>(table.heads);
  const std::size_t row = index / blocks / heads;
  return "k = " + std::to_string(table.k_values[row / table.layers.size()]) + ", layer " +
         std::to_string(table.layers[row % table.layers.size()]) + ", head " +
         std::to_string(index / blocks % heads) + ", block " + std::to_string(index % blocks);
}

}  // namespace

void check_shape(const core::ThresholdTable& table, const std::vector<std::int64_t>& shape,
                 const std::string& file) {
  const bool empty = std::any_of(shape.begin(), shape.end(), [](auto size) { return size < 1; });
  if (shape.size() != 4 || empty) {
    throw core::InputError(
        file, "thresholds of shape " + text_of(shape) + " are no table [K,L,H,blocks]");
  }
  check_numbers(table.k_values, shape[0], "k_values", file);
  check_numbers(table.layers, shape[1], "layers", file);
  if (table.gate.q_block < 1 || table.gate.k_block < 1) {
    throw core::InputError(file, "has block sizes " + std::to_string(table.gate.q_block) + "x" +
                                     std::to_string(table.gate.k_block) +
                                     ", which must be positive");
  }
  const auto nan = std::find_if(table.values.begin(), table.values.end(),
                                [](float value) { return std::isnan(value); });
  if (nan != table.values.end()) {
    throw core::InputError(file, "has a threshold that is NaN",
                           place_of(table, static_cast<std::size_t>(nan - table.values.begin())));
  }
}

std::string aggregation_text(core::Aggregation aggregation) {
  return aggregation == core::Aggregation::kMean ? "mean" : "median";
}

core::Aggregation aggregation_named(const std::string& text, const std::string& file) {
  if (text == "mean") return core::Aggregation::kMean;
  if (text == "median") return core::Aggregation::kMedian;
  throw core::InputError(file,
                         "has the aggregation " + quote(text) + ", only mean and median are known");
}

}  // namespace bsfa::io
