// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/run.h"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "kernels/host/call.h"
#include "kernels/host/cancel_bridge.h"
#include "kernels/host/devices.h"
#include "kernels/host/outputs.h"
#include "kernels/host/plan.h"

namespace bsfa::kernels {
namespace {

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

bsfa_problem describe_problem(const RunRequest& request, const core::RunControl& control,
                              int device, bool with_items) {
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
  p.device = device;
  p.max_workers = std::max(control.threads, 0);
  p.max_work_items = with_items ? static_cast<std::int64_t>(request.items.size()) : 0;
  return p;
}

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

/// Scratch memory of a kernel, at the alignment it asked for and full of NaN.
class Workspace {
 public:
  Workspace(const bsfa_plan_info& info, Memory& memory)
      : memory_(memory), bytes_(info.workspace_bytes) {
    if (bytes_ == 0) return;
    if (bytes_ > kMost) throw std::bad_alloc();
    const auto alignment = static_cast<std::size_t>(info.workspace_alignment);
    buffer_ = Buffer(memory_, bytes_ + kBand, alignment);
    memory_.fill(buffer_.data(), kPoison, bytes_ + kBand);
  }

  void* data() const noexcept { return buffer_.data(); }
  bool overrun() const {
    if (bytes_ == 0) return false;
    std::array<unsigned char, kBand> band{};
    memory_.copy_out(band.data(), static_cast<unsigned char*>(buffer_.data()) + bytes_, kBand);
    return std::any_of(band.begin(), band.end(),
                       [](unsigned char byte) { return byte != kPoison; });
  }

 private:
  static constexpr std::size_t kBand = 4096;
  static constexpr std::size_t kMost = std::size_t{1} << 62;
  static constexpr unsigned char kPoison = 0xFF;

  Memory& memory_;
  std::size_t bytes_;
  Buffer buffer_;
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

/// Thresholds and work list of one run where the kernel can read them.
struct Settings {
  Settings(const RunRequest& request, const std::vector<bsfa_work_item>& list, Memory& memory)
      : items(memory, list.data(), list.size() * sizeof(bsfa_work_item)), count(list.size()) {
    if (const core::Thresholds* table = request.thresholds) {
      thresholds = Readable(memory, table->tau.data(), table->tau.size() * sizeof(float));
      blocks = table->blocks;
    }
  }

  void bind(bsfa_arguments& a) const {
    if (blocks > 0) a.thresholds = {thresholds.data(), {0, blocks, 1, 0}};
    a.threshold_blocks = blocks;
    if (count == 0) return;
    a.work_items = static_cast<const bsfa_work_item*>(items.data());
    a.work_item_count = static_cast<std::int64_t>(count);
    a.work_item_size = sizeof(bsfa_work_item);
  }

  Readable thresholds;
  std::int64_t blocks = 0;
  Readable items;
  std::size_t count = 0;
};

void check_request(const RunRequest& request) {
  core::validate(request.problem);
  check_inputs(request.problem, request.inputs);
  if (request.thresholds != nullptr) core::validate(*request.thresholds, request.problem);
}

std::unique_ptr<Memory> memory_for(const Kernel& kernel) {
  if (kernel.table->memory_space == BSFA_HOST) return host_memory();
  if (kernel.table->memory_space == BSFA_CUDA_DEVICE) return device_memory(who(kernel));
  throw core::PluginError(who(kernel), "names memory space " +
                                           std::to_string(kernel.table->memory_space) +
                                           ", which the interface does not have");
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
  if (outputs.record_count() > run.most_records) {
    throw core::PluginError(who(run.kernel), "planned at most " + std::to_string(run.most_records) +
                                                 " work records and reports " +
                                                 std::to_string(outputs.record_count()));
  }
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
  const Settings settings(request, items, *memory_);
  const CancelBridge cancel(control);
  const bool with_mask = request.want_mask && problem.instrumentation >= BSFA_INSTRUMENT_MASK;
  const bool with_records = (request.want_records || request.want_warps) &&
                            problem.instrumentation >= BSFA_INSTRUMENT_WORK;
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
  try {
    return run_once(request, control);
  } catch (const std::bad_alloc&) {
    throw core::DeviceError(who(kernel_) + ": out of memory for its outputs or workspace");
  } catch (const std::system_error& error) {
    // Of the thread that watches for an interruption.
    throw core::DeviceError(who(kernel_) + ": out of memory or threads: " + error.what());
  } catch (const core::DeviceError& error) {
    const std::string_view text = error.what();
    if (text.starts_with(who(kernel_))) throw;
    throw core::DeviceError(who(kernel_) + ": " + std::string(text));
  }
}

void require_runnable(const Kernel& kernel) {
  static_cast<void>(memory_for(kernel));
}

RunResult run(const Kernel& kernel, const RunRequest& request, const core::RunControl& control) {
  check_request(request);
  return Runner(kernel).run(request, control);
}

}  // namespace bsfa::kernels
