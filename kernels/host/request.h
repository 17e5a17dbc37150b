// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/run_control.h"
#include "kernels/host/memory.h"
#include "kernels/host/run.h"
#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels {

/// Errors  throws core::InvalidProblem where problem, tensors and thresholds do not fit.
void check_request(const RunRequest& request);

/// The request as the C interface has it, without instrumentation.
bsfa_problem describe_problem(const RunRequest& request, const core::RunControl& control,
                              int device, bool with_items);

std::vector<bsfa_work_item> item_list(std::span<const core::WorkItem> items);

/// Thresholds (nullptr: none) and work list of a run where the kernel can read them. A host kernel
/// reads the caller's own, which must outlive this.
class Settings {
 public:
  Settings(const core::Thresholds* table, std::span<const bsfa_work_item> list, Memory& memory);

  void bind(bsfa_arguments& arguments) const;

 private:
  Readable thresholds_;
  std::int64_t blocks_ = 0;
  Readable items_;
  std::size_t count_;
};

}  // namespace bsfa::kernels
