// SPDX-License-Identifier: Apache-2.0
#include "reference/accumulator.h"

#include <limits>
#include <utility>

namespace bsfa::reference {
namespace {

void rescale_and_add(std::int64_t rows, std::int64_t channels, const double* __restrict product,
                     const double* __restrict old_factor, const double* __restrict new_factor,
                     double* __restrict o) {
  for (std::int64_t d = 0; d < channels; ++d, o += rows, product += rows) {
    for (std::int64_t r = 0; r < rows; ++r) {
      o[r] = o[r] * old_factor[r] + product[r] * new_factor[r];
    }
  }
}

}  // namespace

Accumulator::Accumulator(std::vector<core::TileCode> mask, std::int64_t rows, std::int64_t head_dim)
    : mask_(std::move(mask)),
      rows_(rows),
      head_dim_(head_dim),
      weights_(rows),
      o_(static_cast<std::size_t>(rows * head_dim)),
      exempt_(static_cast<std::size_t>(head_dim)) {}

void Accumulator::add(const TileTerm& term) {
  if (!core::takes_part(mask_[static_cast<std::size_t>(term.k_block)])) return;
  weights_.add(term.row_max, term.row_sum);
  rescale_and_add(rows_, head_dim_, term.product, weights_.old_factor().data(),
                  weights_.new_factor().data(), o_.data());
  if (term.bad_channels == nullptr) return;
  for (std::size_t d = 0; d < exempt_.size(); ++d) exempt_[d] |= (*term.bad_channels)[d];
}

core::BlockOutput Accumulator::finish() {
  core::BlockOutput output;
  output.mask = std::move(mask_);
  output.lse = weights_.log_sum();
  output.exempt_channel = std::move(exempt_);
  output.o.resize(o_.size());
  for (std::int64_t r = 0; r < rows_; ++r) {
    const auto row = static_cast<std::size_t>(r);
    const bool empty = output.lse[row] == -std::numeric_limits<double>::infinity();
    const double inverse = empty ? 0.0 : 1.0 / weights_.sum()[row];
    for (std::int64_t d = 0; d < head_dim_; ++d) {
      output.o[static_cast<std::size_t>(r * head_dim_ + d)] =
          o_[static_cast<std::size_t>(d * rows_ + r)] * inverse;
    }
  }
  return output;
}

}  // namespace bsfa::reference
