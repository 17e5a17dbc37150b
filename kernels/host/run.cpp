// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/run.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <utility>

#include "core/error.h"
#include "kernels/host/call.h"
#include "kernels/host/cancel_bridge.h"
#include "kernels/host/outputs.h"

namespace bsfa::kernels {
namespace {

constexpr std::uint64_t kLargestAlignment = std::uint64_t{1} << 21;

std::string who(const Kernel& kernel) {
  const std::string& origin = kernel.library->origin();
  return origin == "built-in" ? "kernel " + kernel.name() : origin + ":" + kernel.name();
}

void check_inputs(const core::Problem& p, const core::AttentionInputs& inputs) {
  const std::array<std::int64_t, 4> q{p.batch, p.heads, p.q_len, p.head_dim};
  const std::array<std::int64_t, 4> kv{p.batch, p.kv_heads, p.kv_len, p.head_dim};
  const auto check = [&](const core::TensorView& tensor, const auto& shape, const char* name) {
    if (tensor.data == nullptr || tensor.dtype != p.dtype || tensor.shape != shape ||
        tensor.stride[3] != 1) {
      throw core::InvalidProblem(std::string(name) +
                                 " does not have the problem's dtype and shape, D contiguous");
    }
  };
  check(inputs.q, q, "q");
  check(inputs.k, kv, "k");
  check(inputs.v, kv, "v");
}

bsfa_tensor tensor_of(const core::TensorView& view) {
  const auto& s = view.stride;
  // The interface has one type for inputs and outputs; no kernel writes to an input.
  return {const_cast<void*>(view.data), {s[0], s[1], s[2], s[3]}};
}

bsfa_problem describe_problem(const RunRequest& request, const core::RunControl& control,
                              bool with_items) {
  const core::Problem& from = request.problem;
  const auto dtype = static_cast<std::uint32_t>(
      from.dtype == core::Dtype::kFloat16 ? BSFA_FLOAT16 : BSFA_BFLOAT16);
  bsfa_problem p{};
  p.size = sizeof(p);
  p.version = BSFA_ABI_VERSION;
  p.operation = BSFA_FORWARD;
  p.causal = from.causal ? 1 : 0;
  p.batch = from.batch;
  p.heads = from.heads;
  p.kv_heads = from.kv_heads;
  p.q_len = from.q_len;
  p.kv_len = from.kv_len;
  p.head_dim = from.head_dim;
  p.dtype_q = p.dtype_k = p.dtype_v = p.dtype_o = dtype;
  p.scale = from.scale;
  p.gate_kind = request.thresholds != nullptr ? BSFA_GATE_ABSOLUTE : BSFA_GATE_OFF;
  p.gate_q_block = static_cast<std::int32_t>(from.gate.q_block);
  p.gate_k_block = static_cast<std::int32_t>(from.gate.k_block);
  p.max_workers = std::max(control.threads, 0);
  p.max_work_items = with_items ? static_cast<std::int64_t>(request.items.size()) : 0;
  return p;
}

/// The problem in the fullest form that the kernel takes: with records, mask and work list as far
/// as they are wanted, then with less of them. Throws what the kernel says to the plainest form.
bsfa_problem negotiate(const Kernel& kernel, const RunRequest& request,
                       const core::RunControl& control) {
  std::uint32_t wanted = request.want_records ? BSFA_INSTRUMENT_WORK
                         : request.want_mask  ? BSFA_INSTRUMENT_MASK
                                              : BSFA_INSTRUMENT_NONE;
  wanted = std::min(wanted, kernel.table->instrumentation);
  ErrorText text;
  bsfa_status status = BSFA_OK;
  for (const bool with_items : {true, false}) {
    if (with_items && request.items.empty()) continue;
    bsfa_problem problem = describe_problem(request, control, with_items);
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

/// A plan that is destroyed with it.
class Plan {
 public:
  Plan(const Kernel& kernel, const bsfa_problem& problem) : kernel_(kernel) {
    ErrorText text;
    const bsfa_status status = guarded(who(kernel_), "plan", [&] {
      return kernel_.table->plan(kernel_.table, &problem, &plan_, text.data(), text.size());
    });
    throw_unless_ok(status, who(kernel_), "plan", text);
    if (plan_ == nullptr) throw core::PluginError(who(kernel_), "plan gave no plan");
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    try {
      kernel_.table->destroy(plan_);
    } catch (...) {
      // The results are there; a kernel that fails to clean up has nobody left to tell.
    }
  }

  bsfa_plan_info describe() const {
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
      throw core::PluginError(who(kernel_), "asks for a workspace alignment of " +
                                                std::to_string(alignment) + " bytes");
    }
    return info;
  }

  bsfa_status enqueue(const bsfa_arguments& arguments, ErrorText& text) const {
    return guarded(who(kernel_), "enqueue", [&] {
      return kernel_.table->enqueue(plan_, &arguments, text.data(), text.size());
    });
  }

 private:
  const Kernel& kernel_;
  bsfa_plan* plan_ = nullptr;
};

/// Scratch memory of a kernel, at the alignment it asked for and full of NaN.
class Workspace {
 public:
  explicit Workspace(const bsfa_plan_info& info)
      : alignment_(std::max<std::uint64_t>(info.workspace_alignment, kSmallest)),
        bytes_(info.workspace_bytes) {
    if (bytes_ == 0) return;
    memory_ =
        static_cast<unsigned char*>(::operator new(bytes_ + kBand, std::align_val_t(alignment_)));
    std::fill_n(memory_, bytes_ + kBand, kPoison);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace() { ::operator delete(memory_, std::align_val_t(alignment_)); }

  void* data() const noexcept { return memory_; }
  bool overrun() const noexcept {
    return memory_ != nullptr && std::any_of(memory_ + bytes_, memory_ + bytes_ + kBand,
                                             [](unsigned char byte) { return byte != kPoison; });
  }

 private:
  static constexpr std::uint64_t kSmallest = 64;
  static constexpr std::uint64_t kBand = 4096;
  static constexpr unsigned char kPoison = 0xFF;

  std::uint64_t alignment_, bytes_;
  unsigned char* memory_ = nullptr;
};

std::vector<bsfa_work_item> item_list(std::span<const core::WorkItem> items) {
  std::vector<bsfa_work_item> list;
  list.reserve(items.size());
  for (const core::WorkItem& item : items) {
    list.push_back({static_cast<std::int32_t>(item.batch), static_cast<std::int32_t>(item.head),
                    static_cast<std::int32_t>(item.q_block), 0, 0});
  }
  return list;
}

bsfa_arguments bind_inputs(const RunRequest& request, const std::vector<bsfa_work_item>& items) {
  bsfa_arguments a{};
  a.size = sizeof(a);
  a.version = BSFA_ABI_VERSION;
  a.q = tensor_of(request.inputs.q);
  a.k = tensor_of(request.inputs.k);
  a.v = tensor_of(request.inputs.v);
  if (const core::Thresholds* table = request.thresholds) {
    a.thresholds = {const_cast<float*>(table->tau.data()), {0, table->blocks, 1, 0}};
    a.threshold_blocks = table->blocks;
  }
  if (!items.empty()) {
    a.work_items = items.data();
    a.work_item_count = static_cast<std::int64_t>(items.size());
    a.work_item_size = sizeof(bsfa_work_item);
  }
  return a;
}

void check_request(const Kernel& kernel, const RunRequest& request) {
  core::validate(request.problem);
  check_inputs(request.problem, request.inputs);
  if (request.thresholds != nullptr) core::validate(*request.thresholds, request.problem);
  if (kernel.table->memory_space != BSFA_HOST) {
    throw core::UsageError(who(kernel) +
                           ": it computes in a device's memory, which this harness cannot fill");
  }
}

RunResult run_once(const Kernel& kernel, const RunRequest& request, const core::RunControl& control,
                   const bsfa_problem& problem) {
  const Plan plan(kernel, problem);
  const bsfa_plan_info info = plan.describe();
  const Workspace workspace(info);
  const bool with_mask = problem.instrumentation >= BSFA_INSTRUMENT_MASK;
  const bool with_records = request.want_records && problem.instrumentation >= BSFA_INSTRUMENT_WORK;
  const std::size_t records = with_records ? info.max_records : 0;
  const auto items =
      problem.max_work_items > 0 ? item_list(request.items) : std::vector<bsfa_work_item>{};
  const CancelBridge cancel(control);
  RunResult result;
  result.whole_problem = items.empty();
  for (const bool with_lse : {request.want_lse, false}) {
    Outputs outputs(request.problem, {with_lse, with_mask, records});
    bsfa_arguments arguments = bind_inputs(request, items);
    outputs.bind(arguments);
    arguments.workspace = workspace.data();
    arguments.workspace_bytes = info.workspace_bytes;
    arguments.cancel = cancel.flag();
    ErrorText text;
    const auto start = std::chrono::steady_clock::now();
    const bsfa_status status = plan.enqueue(arguments, text);
    const auto end = std::chrono::steady_clock::now();
    if (status == BSFA_UNSUPPORTED && with_lse) continue;
    throw_unless_ok(status, who(kernel), "enqueue", text);
    if (outputs.record_count() > records) {
      throw core::PluginError(who(kernel), "planned at most " + std::to_string(records) +
                                               " work records and reports " +
                                               std::to_string(outputs.record_count()));
    }
    result.elapsed_ms = std::chrono::duration<double, std::milli>(end - start).count();
    const auto everything = request.items.empty() ? core::all_work_items(request.problem)
                                                  : std::vector<core::WorkItem>{};
    result.faults = outputs.faults(request.items.empty() ? everything : request.items);
    if (workspace.overrun()) {
      result.faults.push_back({ContractFault::Kind::kWroteOutside,
                               "workspace: written past the size that the kernel asked for"});
    }
    const std::uint64_t written = outputs.record_count();
    std::move(outputs).release_into(result, written);
    break;
  }
  return result;
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

RunResult run(const Kernel& kernel, const RunRequest& request, const core::RunControl& control) {
  check_request(kernel, request);
  control.throw_if_cancelled();
  const bsfa_problem problem = negotiate(kernel, request, control);
  try {
    return run_once(kernel, request, control, problem);
  } catch (const std::bad_alloc&) {
    throw core::DeviceError(who(kernel) + ": out of memory for its outputs or workspace");
  }
}

}  // namespace bsfa::kernels
