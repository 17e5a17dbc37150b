// SPDX-License-Identifier: Apache-2.0
#include "analysis/decode.h"

#include <string>

#include "core/error.h"

namespace bsfa::analysis {
namespace {

template <typename Stored, typename Decode>
void read_row(const Stored* from, std::int64_t stride, std::span<double> row, Decode decode) {
  for (double& value : row) {
    value = static_cast<double>(decode(*from));
    from += stride;
  }
}

}  // namespace

RowReader::RowReader(const core::TensorView& tensor) : tensor_(tensor) {
  if (tensor.data == nullptr) throw core::InvalidProblem("there is no O to judge");
  if (tensor.dtype != core::Dtype::kFloat16 && tensor.dtype != core::Dtype::kBfloat16 &&
      tensor.dtype != core::Dtype::kFloat32) {
    throw core::InvalidProblem("O is " + std::string(core::name_of(tensor.dtype)) +
                               ", which is none of fp16, bf16 and fp32");
  }
}

void RowReader::read(std::int64_t batch, std::int64_t head, std::int64_t i,
                     std::span<double> row) const {
  if (tensor_.dtype == core::Dtype::kFloat32) {
    read_row(tensor_.row<float>(batch, head, i), tensor_.stride[3], row,
             [](float value) { return value; });
    return;
  }
  const auto* from = tensor_.row<std::uint16_t>(batch, head, i);
  if (tensor_.dtype == core::Dtype::kFloat16) {
    read_row(from, tensor_.stride[3], row, decode_fp16);
  } else {
    read_row(from, tensor_.stride[3], row, decode_bf16);
  }
}

}  // namespace bsfa::analysis
