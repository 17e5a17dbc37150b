// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/library/capability.h"

#include <array>
#include <string_view>

namespace bsfa::kernels::cuda {
namespace {

/// Compute capabilities that a kernel has code for.
struct Capabilities {
  std::string_view kernel;
  int first, last;
};

constexpr int kAnyLater = 1000;
constexpr std::array kRunsOn = {Capabilities{"portable", 80, kAnyLater}};

bool runs_on(std::string_view kernel, int capability) noexcept {
  for (const Capabilities& known : kRunsOn) {
    if (known.kernel == kernel) return known.first <= capability && capability <= known.last;
  }
  return false;
}

}  // namespace

const bsfa_kernel* best_kernel(std::span<const bsfa_kernel* const> kernels,
                               int capability) noexcept {
  for (const bsfa_kernel* kernel : kernels) {
    if (runs_on(kernel->name, capability)) return kernel;
  }
  return nullptr;
}

}  // namespace bsfa::kernels::cuda
