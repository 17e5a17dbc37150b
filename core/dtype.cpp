// SPDX-License-Identifier: Apache-2.0
#include "core/dtype.h"

namespace bsfa::core {

std::size_t size_of(Dtype dtype) noexcept {
  switch (dtype) {
    case Dtype::kBool:
    case Dtype::kUint8:
    case Dtype::kInt8:
      return 1;
    case Dtype::kFloat16:
    case Dtype::kBfloat16:
    case Dtype::kUint16:
    case Dtype::kInt16:
      return 2;
    case Dtype::kFloat32:
    case Dtype::kUint32:
    case Dtype::kInt32:
      return 4;
    case Dtype::kFloat64:
    case Dtype::kUint64:
    case Dtype::kInt64:
      return 8;
  }
  return 0;
}

std::string_view name_of(Dtype dtype) noexcept {
  switch (dtype) {
    case Dtype::kFloat16:
      return "fp16";
    case Dtype::kBfloat16:
      return "bf16";
    case Dtype::kFloat32:
      return "fp32";
    case Dtype::kFloat64:
      return "fp64";
    case Dtype::kBool:
      return "bool";
    case Dtype::kUint8:
      return "u8";
    case Dtype::kInt8:
      return "i8";
    case Dtype::kUint16:
      return "u16";
    case Dtype::kInt16:
      return "i16";
    case Dtype::kUint32:
      return "u32";
    case Dtype::kInt32:
      return "i32";
    case Dtype::kUint64:
      return "u64";
    case Dtype::kInt64:
      return "i64";
  }
  return "?";
}

double unit_roundoff(Dtype dtype) noexcept {
  switch (dtype) {
    case Dtype::kFloat16:
      return 0x1p-11;
    case Dtype::kBfloat16:
      return 0x1p-8;
    case Dtype::kFloat32:
      return 0x1p-24;
    case Dtype::kFloat64:
      return 0x1p-53;
    default:
      return 0.0;
  }
}

}  // namespace bsfa::core
