// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/placed_inputs.h"

#include <array>
#include <cstring>
#include <vector>

namespace bsfa::kernels {
namespace {

bool same(const core::TensorView& a, const core::TensorView& b) {
  return a.data == b.data && a.dtype == b.dtype && a.shape == b.shape && a.stride == b.stride;
}

std::int64_t elements_of(const core::TensorView& view) {
  return view.shape[0] * view.shape[1] * view.shape[2] * view.shape[3];
}

/// Elements from the first to the last; 0 where a stride points backwards.
std::int64_t span_of(const core::TensorView& view) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < view.shape.size(); ++i) {
    if (view.shape[i] > 1 && view.stride[i] < 0) return 0;
    last += (view.shape[i] - 1) * view.stride[i];
  }
  return last + 1;
}

bsfa_tensor tensor_at(void* data, const std::array<std::int64_t, 4>& stride) {
  return {data, {stride[0], stride[1], stride[2], stride[3]}};
}

std::size_t bytes_of(std::int64_t elements, core::Dtype dtype) {
  return static_cast<std::size_t>(elements) * core::size_of(dtype);
}

std::vector<unsigned char> packed_values(const core::TensorView& view) {
  const std::size_t row_bytes = bytes_of(view.shape[3], view.dtype);
  const auto width = static_cast<std::int64_t>(core::size_of(view.dtype));
  std::vector<unsigned char> packed(bytes_of(elements_of(view), view.dtype));
  unsigned char* to = packed.data();
  for (std::int64_t i = 0; i < view.shape[0]; ++i) {
    for (std::int64_t j = 0; j < view.shape[1]; ++j) {
      for (std::int64_t r = 0; r < view.shape[2]; ++r) {
        const std::int64_t at = i * view.stride[0] + j * view.stride[1] + r * view.stride[2];
        std::memcpy(to, static_cast<const unsigned char*>(view.data) + at * width, row_bytes);
        to += row_bytes;
      }
    }
  }
  return packed;
}

}  // namespace

bsfa_tensor PlacedTensor::place(Memory& memory, const core::TensorView& view) {
  // The interface has one type for inputs and outputs; no kernel writes to an input.
  if (memory.is_host()) return tensor_at(const_cast<void*>(view.data), view.stride);
  if (source_.data != nullptr && same(source_, view)) return placed_;
  source_ = {};
  copy_ = {};
  make_room(memory, view);
  source_ = view;
  try {
    copy_again(memory);
  } catch (...) {
    source_ = {};
    throw;
  }
  return placed_;
}

void PlacedTensor::make_room(Memory& memory, const core::TensorView& view) {
  const std::int64_t span = span_of(view);
  packed_ = span <= 0 || span > 2 * elements_of(view);
  copy_ = Buffer(memory, bytes_of(packed_ ? elements_of(view) : span, view.dtype));
  const auto packed = core::TensorView::contiguous(nullptr, view.dtype, view.shape);
  placed_ = tensor_at(copy_.data(), packed_ ? packed.stride : view.stride);
}

void PlacedTensor::copy_again(Memory& memory) {
  if (source_.data == nullptr) return;
  if (packed_) {
    const auto packed = packed_values(source_);
    memory.copy_in(copy_.data(), packed.data(), packed.size());
  } else {
    memory.copy_in(copy_.data(), source_.data, bytes_of(span_of(source_), source_.dtype));
  }
}

}  // namespace bsfa::kernels
