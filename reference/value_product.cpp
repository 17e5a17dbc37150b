// SPDX-License-Identifier: Apache-2.0
#include "reference/value_product.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/convert.h"
#include "reference/product.h"

namespace bsfa::reference {
namespace {

bool all_finite(const double* values, std::int64_t count) {
  std::int64_t finite = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    finite += std::abs(values[i]) <= std::numeric_limits<double>::max() ? 1 : 0;
  }
  return finite == count;
}

}  // namespace

ValueProduct::ValueProduct(const core::Problem& problem, const core::AttentionInputs& inputs,
                           const core::WorkItem& item, std::int64_t rows)
    : view_(inputs.v),
      batch_(item.batch),
      kv_head_(problem.kv_head_of(item.head)),
      values_(static_cast<std::size_t>(problem.gate.k_block * problem.head_dim)),
      product_(static_cast<std::size_t>(rows * problem.head_dim)),
      bad_channels_(static_cast<std::size_t>(problem.head_dim)) {}

TileTerm ValueProduct::operator()(const ScoreTile& tile, const double* row_sum) {
  const std::int64_t columns = tile.columns.size();
  const auto width = static_cast<std::int64_t>(bad_channels_.size());
  load_rows(view_, batch_, kv_head_, tile.columns, values_.data());
  multiply({tile.rows, columns, width}, tile.scores, values_.data(), product_.data());
  TileTerm term{tile.k_block, tile.row_max, row_sum, product_.data(), nullptr};
  if (!all_finite(values_.data(), columns * width)) {
    find_bad_channels(columns);
    term.bad_channels = &bad_channels_;
  }
  return term;
}

void ValueProduct::find_bad_channels(std::int64_t columns) {
  std::fill(bad_channels_.begin(), bad_channels_.end(), std::uint8_t{0});
  const double* value = values_.data();
  for (std::int64_t c = 0; c < columns; ++c) {
    for (auto& bad : bad_channels_) {
      if (!std::isfinite(*value++)) bad = 1;
    }
  }
}

}  // namespace bsfa::reference
