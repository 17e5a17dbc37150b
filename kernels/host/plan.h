// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "kernels/host/call.h"
#include "kernels/host/library.h"

namespace bsfa::kernels {

/// More work records than any memory holds; their bytes still fit 64 bits.
inline constexpr std::uint64_t kMostRecords = std::uint64_t{1} << 40;

/// How messages name a kernel: "kernel cpu", or "PATH.so:NAME".
std::string who(const Kernel& kernel);

/// A plan that is destroyed with it.
///
/// Errors  every function throws what throw_status says of the kernel's answer, and
/// core::PluginError.
class Plan {
 public:
  Plan(const Kernel& kernel, const bsfa_problem& problem);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan();

  bsfa_plan_info describe() const;
  /// The kernel's answer, whatever it is.
  bsfa_status enqueue(const bsfa_arguments& arguments, ErrorText& text) const;

 private:
  const Kernel& kernel_;
  bsfa_plan* plan_ = nullptr;
};

}  // namespace bsfa::kernels
