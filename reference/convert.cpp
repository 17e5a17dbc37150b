// SPDX-License-Identifier: Apache-2.0
#include "reference/convert.h"

#include <bit>

#include <Eigen/Core>

namespace bsfa::reference {
namespace {

void row_to_float(const core::TensorView& view, std::int64_t batch, std::int64_t head,
                  std::int64_t row, float* to) {
  const std::int64_t width = view.shape[3];
  if (view.dtype == core::Dtype::kFloat16) {
    const Eigen::Map<const Eigen::Array<Eigen::half, Eigen::Dynamic, 1>> halves(
        view.row<Eigen::half>(batch, head, row), width);
    Eigen::Map<Eigen::ArrayXf>(to, width) = halves.cast<float>();
  } else {
    // A bf16 is the upper half of a float; Eigen would convert one at a time.
    const auto* bits = view.row<std::uint16_t>(batch, head, row);
    for (std::int64_t d = 0; d < width; ++d) {
      to[d] = std::bit_cast<float>(static_cast<std::uint32_t>(bits[d]) << 16);
    }
  }
}

template <typename Half>
void round_through(std::span<float> values) {
  Eigen::Map<Eigen::ArrayXf> all(values.data(), static_cast<Eigen::Index>(values.size()));
  all = all.cast<Half>().template cast<float>();
}

}  // namespace

void load_rows(const core::TensorView& view, std::int64_t batch, std::int64_t head,
               core::Range rows, float* out) {
  for (std::int64_t r = rows.begin; r < rows.end; ++r, out += view.shape[3]) {
    row_to_float(view, batch, head, r, out);
  }
}

void load_rows(const core::TensorView& view, std::int64_t batch, std::int64_t head,
               core::Range rows, double* out) {
  const std::int64_t width = view.shape[3];
  Eigen::ArrayXf narrow(width);  // vectorised conversions exist from half to float only
  for (std::int64_t r = rows.begin; r < rows.end; ++r, out += width) {
    row_to_float(view, batch, head, r, narrow.data());
    Eigen::Map<Eigen::ArrayXd>(out, width) = narrow.cast<double>();
  }
}

void round_to(core::Dtype dtype, std::span<float> values) {
  if (dtype == core::Dtype::kFloat16) {
    round_through<Eigen::half>(values);
  } else {
    round_through<Eigen::bfloat16>(values);
  }
}

}  // namespace bsfa::reference
