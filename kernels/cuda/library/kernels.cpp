// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/library/kernels.h"

#include <array>
#include <cstddef>

#include "kernels/cuda/portable/portable_kernel.h"

namespace bsfa::kernels::cuda {
namespace {

/// Compute capabilities that a kernel has code for.
struct Capabilities {
  int first, last;
  bool contain(int capability) const noexcept { return first <= capability && capability <= last; }
};

constexpr int kAnyLater = 1000;

// In the order of kernels().
constexpr std::array kRunsOn = {Capabilities{80, kAnyLater}};

}  // namespace

std::span<const bsfa_kernel* const> kernels() noexcept {
  static const std::array<const bsfa_kernel*, kRunsOn.size()> all = {&portable_kernel()};
  return all;
}

const bsfa_kernel* best_kernel(int capability) noexcept {
  for (std::size_t i = 0; i < kRunsOn.size(); ++i) {
    if (kRunsOn[i].contain(capability)) return kernels()[i];
  }
  return nullptr;
}

}  // namespace bsfa::kernels::cuda
