// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "core/random.h"
#include "kernels/cpu/strip.h"

using namespace bsfa;

namespace {

float exponential_of(float x) {
  float lanes[kernels::cpu::kPacketSize];
  const auto packet = Eigen::internal::pset1<kernels::cpu::Packet>(x);
  Eigen::internal::pstoreu(lanes, kernels::cpu::exponential(packet));
  return lanes[0];
}

}  // namespace

TEST_CASE("the cpu kernel's exponential keeps its bound") {
  core::SplitMix64 random(17);
  double worst = 0.0;
  for (int i = 0; i < 200000; ++i) {
    const double range = i % 2 == 0 ? 1.0 : 87.0;
    const auto x = static_cast<float>(-range * random.uniform());
    const double exact = std::exp(static_cast<double>(x));
    const double error = std::abs(static_cast<double>(exponential_of(x)) - exact) / exact;
    worst = std::max(worst, error / ((1.0 + std::abs(static_cast<double>(x))) * 0x1p-23));
  }
  CHECK(worst < 1.0);
}

TEST_CASE("the cpu kernel's exponential is exact where the softmax relies on it") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  CHECK(exponential_of(0.0F) == 1.0F);
  CHECK(exponential_of(-kInfinity) == 0.0F);
  CHECK(exponential_of(-1000.0F) == 0.0F);
  CHECK(exponential_of(-std::numeric_limits<float>::max()) == 0.0F);
  CHECK(std::isnan(exponential_of(std::numeric_limits<float>::quiet_NaN())));
}
