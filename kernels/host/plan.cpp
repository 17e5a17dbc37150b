// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/plan.h"

#include <cstdint>

#include "core/error.h"

namespace bsfa::kernels {
namespace {

constexpr std::uint64_t kLargestAlignment = std::uint64_t{1} << 21;

}  // namespace

std::string who(const Kernel& kernel) {
  const std::string& origin = kernel.library->origin();
  return origin == "built-in" ? "kernel " + kernel.name() : origin + ":" + kernel.name();
}

Plan::Plan(const Kernel& kernel, const bsfa_problem& problem) : kernel_(kernel) {
  ErrorText text;
  const bsfa_status status = guarded(who(kernel_), "plan", [&] {
    return kernel_.table->plan(kernel_.table, &problem, &plan_, text.data(), text.size());
  });
  throw_unless_ok(status, who(kernel_), "plan", text);
  if (plan_ == nullptr) throw core::PluginError(who(kernel_), "plan gave no plan");
}

Plan::~Plan() {
  try {
    kernel_.table->destroy(plan_);
  } catch (...) {
    // The results are there; a kernel that fails to clean up has nobody left to tell.
  }
}

bsfa_plan_info Plan::describe() const {
  ErrorText text;
  bsfa_plan_info info{};
  info.size = sizeof(info);
  info.version = BSFA_ABI_VERSION;
  const bsfa_status status = guarded(who(kernel_), "describe", [&] {
    return kernel_.table->describe(plan_, &info, text.data(), text.size());
  });
  throw_unless_ok(status, who(kernel_), "describe", text);
  const std::uint64_t alignment = info.workspace_alignment;
  if (alignment > kLargestAlignment || (alignment & (alignment - 1)) != 0) {
    throw core::PluginError(
        who(kernel_), "asks for a workspace alignment of " + std::to_string(alignment) + " bytes");
  }
  return info;
}

bsfa_status Plan::enqueue(const bsfa_arguments& arguments, ErrorText& text) const {
  return guarded(who(kernel_), "enqueue", [&] {
    return kernel_.table->enqueue(plan_, &arguments, text.data(), text.size());
  });
}

}  // namespace bsfa::kernels
