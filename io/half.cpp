// SPDX-License-Identifier: Apache-2.0
#include "io/half.h"

#include <bit>
#include <stdexcept>

#include <Eigen/Core>

namespace bsfa::io {
namespace {

static_assert(sizeof(Eigen::half) == 2 && sizeof(Eigen::bfloat16) == 2);

template <typename Half>
void narrow(std::span<const float> from, std::span<std::uint16_t> to) {
  const auto count = static_cast<Eigen::Index>(from.size());
  Eigen::Map<Eigen::Array<Half, Eigen::Dynamic, 1>>(reinterpret_cast<Half*>(to.data()), count) =
      Eigen::Map<const Eigen::ArrayXf>(from.data(), count).cast<Half>();
}

template <typename Half>
void widen(std::span<const std::uint16_t> from, std::span<float> to) {
  const auto count = static_cast<Eigen::Index>(from.size());
  using Source = Eigen::Array<Half, Eigen::Dynamic, 1>;
  Eigen::Map<Eigen::ArrayXf>(to.data(), count) =
      Eigen::Map<const Source>(reinterpret_cast<const Half*>(from.data()), count)
          .template cast<float>();
}

bool is_bfloat16(core::Dtype dtype) {
  if (dtype != core::Dtype::kFloat16 && dtype != core::Dtype::kBfloat16) {
    throw std::invalid_argument("half conversion needs fp16 or bf16");
  }
  return dtype == core::Dtype::kBfloat16;
}

void require_equal(std::size_t from, std::size_t to) {
  if (from != to) throw std::invalid_argument("half conversion needs arrays of equal length");
}

}  // namespace

std::uint16_t to_half_bits(float value, core::Dtype dtype) {
  if (is_bfloat16(dtype)) {
    return Eigen::numext::bit_cast<std::uint16_t>(Eigen::bfloat16(value));
  }
  return Eigen::numext::bit_cast<std::uint16_t>(Eigen::half(value));
}

float from_half_bits(std::uint16_t bits, core::Dtype dtype) {
  if (is_bfloat16(dtype)) {
    return static_cast<float>(Eigen::numext::bit_cast<Eigen::bfloat16>(bits));
  }
  return static_cast<float>(Eigen::numext::bit_cast<Eigen::half>(bits));
}

void to_half_bits(std::span<const float> from, std::span<std::uint16_t> to, core::Dtype dtype) {
  require_equal(from.size(), to.size());
  if (is_bfloat16(dtype)) {
    narrow<Eigen::bfloat16>(from, to);
  } else {
    narrow<Eigen::half>(from, to);
  }
}

void from_half_bits(std::span<const std::uint16_t> from, std::span<float> to, core::Dtype dtype) {
  require_equal(from.size(), to.size());
  if (is_bfloat16(dtype)) {
    widen<Eigen::bfloat16>(from, to);
  } else {
    widen<Eigen::half>(from, to);
  }
}

}  // namespace bsfa::io
