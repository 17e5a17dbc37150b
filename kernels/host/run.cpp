// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/run.h"

#include <algorithm>
#include <new>
#include <utility>

#include "core/error.h"
#include "kernels/host/call.h"
#include "kernels/host/cancel_bridge.h"
#include "kernels/host/devices.h"
#include "kernels/host/outputs.h"
#include "kernels/host/plan.h"
#include "kernels/host/request.h"
#include "kernels/host/with_name.h"
#include "kernels/host/work_records.h"
#include "kernels/host/workspace.h"

namespace bsfa::kernels {
namespace {

/// The problem in the fullest form that the kernel takes: with records, mask and work list as far
/// as they are wanted, then with less of them. Throws what the kernel says to the plainest form.
bsfa_problem negotiate(const Kernel& kernel, const RunRequest& request,
                       const core::RunControl& control, int device) {
  std::uint32_t wanted = request.want_warps     ? BSFA_INSTRUMENT_WARPS
                         : request.want_records ? BSFA_INSTRUMENT_WORK
                         : request.want_mask    ? BSFA_INSTRUMENT_MASK
                                                : BSFA_INSTRUMENT_NONE;
  wanted = std::min(wanted, kernel.table->instrumentation);
  ErrorText text;
  bsfa_status status = BSFA_OK;
  for (const bool with_items : {true, false}) {
    if (with_items && request.items.empty()) continue;
    bsfa_problem problem = describe_problem(request, control, device, with_items);
    for (std::uint32_t level = wanted + 1; level-- > 0;) {
      problem.instrumentation = level;
      status = guarded(who(kernel), "supports", [&] {
        return kernel.table->supports(kernel.table, &problem, text.data(), text.size());
      });
      if (status == BSFA_OK) return problem;
      if (status != BSFA_UNSUPPORTED) break;
    }
  }
  throw_status(status, who(kernel), "supports", text);
}

/// What a run of one kernel is made of, besides its outputs.
struct Prepared {
  const Kernel& kernel;
  const RunRequest& request;
  const Plan& plan;
  const Workspace& workspace;
  Memory& memory;
  bsfa_arguments arguments;
  std::uint64_t most_records;
};

/// Runs into `outputs` and brings them over. False where the kernel does not give one of them.
bool enqueue(const Prepared& run, Outputs& outputs, RunResult& result) {
  bsfa_arguments arguments = run.arguments;
  outputs.bind(arguments);
  ErrorText text;
  bsfa_status status = BSFA_OK;
  result.elapsed_ms = run.memory.time([&] {
    status = run.plan.enqueue(arguments, text);
    return status == BSFA_OK;
  });
  if (status == BSFA_UNSUPPORTED && arguments.lse.data != nullptr) return false;
  throw_unless_ok(status, who(run.kernel), "enqueue", text);
  outputs.fetch();
  require_planned(run.kernel, run.most_records, outputs.record_count());
  const auto everything = run.request.items.empty() ? core::all_work_items(run.request.problem)
                                                    : std::vector<core::WorkItem>{};
  result.faults = outputs.faults(run.request.items.empty() ? everything : run.request.items);
  if (run.workspace.overrun()) {
    result.faults.push_back({ContractFault::Kind::kWroteOutside,
                             "workspace: written past the size that the kernel asked for"});
  }
  return true;
}

}  // namespace

core::KernelOutput RunResult::view(const core::Problem& problem) const {
  core::KernelOutput output;
  output.o = core::TensorView::contiguous(
      o.data(), problem.dtype, {problem.batch, problem.heads, problem.q_len, problem.head_dim});
  output.lse = lse.empty() ? nullptr : lse.data();
  output.mask = mask.empty() ? nullptr : mask.data();
  output.tile_max = tile_max.empty() ? nullptr : tile_max.data();
  return output;
}

Runner::Runner(Kernel kernel) : kernel_(std::move(kernel)), memory_(memory_for(kernel_)) {}

Runner::Runner(Kernel kernel, std::unique_ptr<Memory> memory)
    : kernel_(std::move(kernel)), memory_(std::move(memory)) {}

RunResult Runner::run_once(const RunRequest& request, const core::RunControl& control) {
  const bsfa_problem problem = negotiate(kernel_, request, control, memory_->device());
  const Plan plan(kernel_, problem);
  const bsfa_plan_info info = plan.describe();
  const Workspace workspace(info, *memory_);
  const auto items =
      problem.max_work_items > 0 ? item_list(request.items) : std::vector<bsfa_work_item>{};
  const Settings settings(request.thresholds, items, *memory_);
  const CancelBridge cancel(control);
  const bool with_mask = request.want_mask && problem.instrumentation >= BSFA_INSTRUMENT_MASK;
  const bool with_records = (request.want_records || request.want_warps) &&
                            problem.instrumentation >= BSFA_INSTRUMENT_WORK;
  if (with_records && info.max_records > kMostRecords) throw std::bad_alloc();
  Prepared prepared{
      kernel_, request, plan, workspace, *memory_, {}, with_records ? info.max_records : 0};
  bsfa_arguments& a = prepared.arguments;
  a.size = sizeof(a);
  a.version = BSFA_ABI_VERSION;
  a.q = inputs_.q.place(*memory_, request.inputs.q);
  a.k = inputs_.k.place(*memory_, request.inputs.k);
  a.v = inputs_.v.place(*memory_, request.inputs.v);
  settings.bind(a);
  a.workspace = workspace.data();
  a.workspace_bytes = info.workspace_bytes;
  a.stream = memory_->stream();
  a.cancel = cancel.flag();
  RunResult result;
  result.whole_problem = items.empty();
  result.gpu = memory_->gpu();
  result.driver = memory_->driver();
  for (const bool with_lse : {request.want_lse, false}) {
    Outputs outputs(request.problem, {with_lse, with_mask, prepared.most_records}, *memory_);
    if (!enqueue(prepared, outputs, result)) continue;
    const std::uint64_t written = outputs.record_count();
    std::move(outputs).release_into(result, written);
    break;
  }
  return result;
}

RunResult Runner::run(const RunRequest& request, const core::RunControl& control) {
  check_request(request);
  control.throw_if_cancelled();
  return with_name(kernel_, [&] { return run_once(request, control); });
}

std::unique_ptr<Memory> memory_for(const Kernel& kernel) {
  if (kernel.table->memory_space == BSFA_HOST) return host_memory();
  if (kernel.table->memory_space == BSFA_CUDA_DEVICE) return device_memory(who(kernel));
  throw core::PluginError(who(kernel), "names memory space " +
                                           std::to_string(kernel.table->memory_space) +
                                           ", which the interface does not have");
}

void require_runnable(const Kernel& kernel) {
  static_cast<void>(memory_for(kernel));
}

RunResult run(const Kernel& kernel, const RunRequest& request, const core::RunControl& control) {
  check_request(request);
  return Runner(kernel).run(request, control);
}

}  // namespace bsfa::kernels
