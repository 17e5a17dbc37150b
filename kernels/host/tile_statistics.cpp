// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/tile_statistics.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/tile_geometry.h"
#include "kernels/host/cancel_bridge.h"
#include "kernels/host/head_slices.h"
#include "kernels/host/placed_inputs.h"
#include "kernels/host/plan.h"
#include "kernels/host/request.h"
#include "kernels/host/run.h"
#include "kernels/host/with_name.h"
#include "kernels/host/workspace.h"

namespace bsfa::kernels {
namespace {

// A NaN that no arithmetic gives.
constexpr unsigned char kPoisonByte = 0xFF;
constexpr std::uint32_t kPoison = 0xFFFFFFFF;

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

/// One output of a slice, [heads,Qb,Kb], in the kernel's memory and here.
class TileOutput {
 public:
  TileOutput(const char* name, bool wanted, const core::Problem& p, Memory& memory)
      : name_(name),
        geometry_(p),
        memory_(memory),
        values_(wanted ? size(p.heads * geometry_.q_blocks() * geometry_.k_blocks()) : 0),
        buffer_(memory, values_.size() * sizeof(float)) {
    if (wanted) memory.fill(buffer_.data(), kPoisonByte, values_.size() * sizeof(float));
  }

  void bind(bsfa_tensor& tensor) const {
    const std::int64_t row = geometry_.k_blocks(), head = row * geometry_.q_blocks();
    tensor = {buffer_.data(), {0, head, row, 1}};
  }
  /// Brings over everything, or only the rows of `items`.
  void fetch(bool everything, std::span<const core::WorkItem> items) {
    if (values_.empty()) return;
    if (everything) return fetch(0, values_.size());
    for (const core::WorkItem& item : items) fetch(first_of(item), size(geometry_.k_blocks()));
  }
  std::span<const float> row(const core::WorkItem& item) const {
    if (values_.empty()) return {};
    return std::span(values_).subspan(first_of(item), size(geometry_.k_blocks()));
  }
  /// Throws where the kernel did not write a tile of the item, which is the caller's `original`.
  void require_written(const Kernel& kernel, const core::WorkItem& item,
                       const core::WorkItem& original) const {
    const auto written = row(item);
    const bool all = std::none_of(written.begin(), written.end(), [](float x) {
      return std::bit_cast<std::uint32_t>(x) == kPoison;
    });
    if (all) return;
    throw core::PluginError(who(kernel), std::string(name_) + " was not written: batch " +
                                             std::to_string(original.batch) + ", head " +
                                             std::to_string(original.head) + ", Q block " +
                                             std::to_string(original.q_block));
  }

 private:
  std::size_t first_of(const core::WorkItem& item) const {
    return size((item.head * geometry_.q_blocks() + item.q_block) * geometry_.k_blocks());
  }
  void fetch(std::size_t first, std::size_t count) {
    memory_.copy_out(values_.data() + first, static_cast<const float*>(buffer_.data()) + first,
                     count * sizeof(float));
  }

  const char* name_;
  core::TileGeometry geometry_;
  Memory& memory_;
  std::vector<float> values_;
  Buffer buffer_;
};

struct TileOutputs {
  TileOutputs(const core::Problem& p, bool with_mass, Memory& memory)
      : tile_max("tile_max", true, p, memory),
        tile_mass("tile_mass", with_mass, p, memory),
        tile_mass_max("tile_mass_max", with_mass, p, memory) {}

  std::array<TileOutput*, 3> all() { return {&tile_max, &tile_mass, &tile_mass_max}; }

  TileOutput tile_max, tile_mass, tile_mass_max;
};

/// Items of a slice, numbered within it, those with the most tiles first.
std::vector<core::WorkItem> items_of(const HeadSlice& slice,
                                     std::span<const core::WorkItem> items) {
  std::vector<core::WorkItem> found;
  for (const core::WorkItem& item : items) {
    const std::int64_t head = item.head - slice.first_head;
    if (item.batch != slice.batch || head < 0 || head >= slice.heads) continue;
    found.push_back({0, head, item.q_block});
  }
  std::sort(found.begin(), found.end(), [](const core::WorkItem& a, const core::WorkItem& b) {
    return a.q_block != b.q_block ? a.q_block > b.q_block : a.head < b.head;
  });
  return found;
}

/// Whether a list costs more than computing what it leaves out: a kernel orders a whole problem
/// better.
bool take_everything(const core::Problem& slice, std::size_t items) {
  const auto all = size(slice.heads * core::TileGeometry(slice).q_blocks());
  return items > all / 2;
}

bsfa_problem describe(const core::Problem& slice, const core::RunControl& control, int device,
                      std::size_t items) {
  RunRequest request;
  request.problem = slice;
  bsfa_problem problem = describe_problem(request, control, device, false);
  problem.operation = BSFA_TILE_STATISTICS;
  problem.max_work_items = static_cast<std::int64_t>(items);
  return problem;
}

void check(const TileStatisticsRequest& request) {
  RunRequest same;
  same.problem = request.problem;
  same.inputs = {request.inputs.q, request.inputs.k, request.inputs.k};
  check_request(same);
  const core::Problem& p = request.problem;
  const core::TileGeometry geometry(p);
  for (const core::WorkItem& item : request.items) {
    if (item.batch < 0 || item.batch >= p.batch || item.head < 0 || item.head >= p.heads ||
        item.q_block < 0 || item.q_block >= geometry.q_blocks()) {
      throw core::InvalidProblem("a work item is not the problem's");
    }
  }
}

/// Of one query head: Q, LSE and the results.
std::size_t head_bytes(const TileStatisticsRequest& request) {
  const core::Problem& p = request.problem;
  const core::TileGeometry geometry(p);
  const std::int64_t tiles = geometry.q_blocks() * geometry.k_blocks();
  const bool masses = request.lse != nullptr;
  return size(2 * p.q_len * p.head_dim + 4 * tiles * (masses ? 3 : 1) + (masses ? 4 * p.q_len : 0));
}

/// Runs `list` (empty: everything) of a slice on arguments that hold its inputs.
void enqueue(const Kernel& kernel, const bsfa_problem& problem, bsfa_arguments arguments,
             std::span<const bsfa_work_item> list, Memory& memory) {
  const Plan plan(kernel, problem);
  const bsfa_plan_info info = plan.describe();
  const Workspace workspace(info, memory);
  const Settings settings(nullptr, list, memory);
  settings.bind(arguments);
  arguments.workspace = workspace.data();
  arguments.workspace_bytes = info.workspace_bytes;
  ErrorText text;
  bsfa_status status = BSFA_OK;
  memory.time([&] {
    status = plan.enqueue(arguments, text);
    return status == BSFA_OK;
  });
  throw_unless_ok(status, who(kernel), "enqueue", text);
}

/// What does not change from one slice to the next.
struct Job {
  const Kernel& kernel;
  const TileStatisticsRequest& request;
  const core::RunControl& control;
  Memory& memory;
  PlacedTensor q, k;
};

TileOutputs compute(Job& job, const HeadSlice& slice, std::span<const core::WorkItem> items) {
  const TileStatisticsRequest& from = job.request;
  const core::Problem part = problem_of(from.problem, slice);
  const bool everything = take_everything(part, items.size());
  const auto list = everything ? std::vector<bsfa_work_item>{} : item_list(items);
  TileOutputs outputs(part, from.lse != nullptr, job.memory);
  const CancelBridge cancel(job.control);
  bsfa_arguments a{};
  a.size = sizeof(a);
  a.version = BSFA_ABI_VERSION;
  a.q = job.q.place(job.memory, queries_of(from.inputs.q, slice));
  a.k = job.k.place(job.memory, keys_of(from.inputs.k, slice));
  Readable lse;
  if (from.lse != nullptr) {
    const std::int64_t rows = from.problem.q_len;
    const std::int64_t first = (slice.batch * from.problem.heads + slice.first_head) * rows;
    lse = Readable(job.memory, from.lse + first, size(slice.heads * rows) * sizeof(float));
    a.lse_in = {lse.data(), {0, rows, 1, 0}};
  }
  outputs.tile_max.bind(a.tile_max);
  outputs.tile_mass.bind(a.tile_mass);
  outputs.tile_mass_max.bind(a.tile_mass_max);
  a.stream = job.memory.stream();
  a.cancel = cancel.flag();
  enqueue(job.kernel, describe(part, job.control, job.memory.device(), list.size()), a, list,
          job.memory);
  for (TileOutput* output : outputs.all()) output->fetch(everything, items);
  return outputs;
}

void deliver(const Job& job, const HeadSlice& slice, std::span<const core::WorkItem> items,
             TileOutputs& outputs, const std::function<void(const TileRow&)>& sink) {
  for (const core::WorkItem& item : items) {
    const core::WorkItem original = {slice.batch, slice.first_head + item.head, item.q_block};
    for (const TileOutput* output : outputs.all()) {
      output->require_written(job.kernel, item, original);
    }
    sink({original, outputs.tile_max.row(item), outputs.tile_mass.row(item),
          outputs.tile_mass_max.row(item)});
  }
}

}  // namespace

TileStatistics::TileStatistics(Kernel kernel)
    : kernel_(std::move(kernel)), memory_(memory_for(kernel_)), slice_bytes_(kSliceBytes) {}

TileStatistics::TileStatistics(Kernel kernel, std::unique_ptr<Memory> memory,
                               std::size_t slice_bytes)
    : kernel_(std::move(kernel)), memory_(std::move(memory)), slice_bytes_(slice_bytes) {}

void TileStatistics::run(const TileStatisticsRequest& request, const core::RunControl& control,
                         const std::function<void(const TileRow&)>& sink) {
  check(request);
  const core::Problem& p = request.problem;
  const auto total = static_cast<std::int64_t>(request.items.size());
  std::int64_t done = 0;
  Job job{kernel_, request, control, *memory_, {}, {}};
  for (const HeadSlice& slice :
       head_slices(p, head_bytes(request), size(2 * p.kv_len * p.head_dim), slice_bytes_)) {
    const auto items = items_of(slice, request.items);
    if (items.empty()) continue;
    control.throw_if_cancelled();
    auto outputs = with_name(kernel_, [&] { return compute(job, slice, items); });
    deliver(job, slice, items, outputs, sink);
    done += static_cast<std::int64_t>(items.size());
    if (control.on_progress) control.on_progress(done, total);
  }
}

}  // namespace bsfa::kernels
