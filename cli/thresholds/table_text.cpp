// SPDX-License-Identifier: Apache-2.0
#include "cli/thresholds/table_text.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/support/format.h"
#include "cli/support/table.h"

namespace bsfa::cli {
namespace {

std::vector<std::string> cells(const core::ThresholdTable& table, std::size_t k, std::size_t layer,
                               std::int64_t head) {
  const auto first =
      table.values.begin() + static_cast<std::ptrdiff_t>(table.index(k, layer, head, 0));
  std::vector<float> taus(first, first + table.blocks);
  std::sort(taus.begin(), taus.end());
  const auto keeping = std::count(taus.begin(), taus.end(), -INFINITY);
  const auto skipping = std::count(taus.begin(), taus.end(), INFINITY);
  const auto finite = taus.begin() + keeping;
  const auto last = taus.end() - skipping;
  const auto size = last - finite;
  const auto shown = [&](std::ptrdiff_t i) {
    return size > 0 ? figure(*(finite + i)) : std::string("-");
  };
  return {std::to_string(table.k_values[k]),
          std::to_string(table.layers[layer]),
          std::to_string(head),
          shown(0),
          shown(size / 2),
          shown(size - 1),
          std::to_string(keeping),
          std::to_string(skipping)};
}

}  // namespace

std::string describe_table(const core::ThresholdTable& table) {
  const std::string samples = table.samples.empty() ? "unknown"
                                                    : fmt::format("{}: {}", table.samples.size(),
                                                                  fmt::join(table.samples, ", "));
  return fields({{"k", fmt::format("{}", fmt::join(table.k_values, ", "))},
                 {"layers", fmt::format("{}", fmt::join(table.layers, ", "))},
                 {"shape", fmt::format("{} heads, {} Q blocks of {} rows ({} positions)",
                                       table.heads, table.blocks, table.gate.q_block,
                                       count(table.blocks * table.gate.q_block))},
                 {"gate", describe(table.gate)},
                 {"aggregation", table.aggregation == core::Aggregation::kMean ? "mean" : "median"},
                 {"samples", samples}},
                "");
}

std::string summarise_table(const core::ThresholdTable& table) {
  Table text({"k", "layer", "head", "least\nfinite", "median\nfinite", "greatest\nfinite",
              "-inf\n(keep)", "+inf\n(skip)"});
  for (std::size_t k = 0; k < table.k_values.size(); ++k) {
    for (std::size_t layer = 0; layer < table.layers.size(); ++layer) {
      for (std::int64_t head = 0; head < table.heads; ++head)
        text.add(cells(table, k, layer, head));
    }
  }
  return text.text("");
}

}  // namespace bsfa::cli
