// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/cpu_kernel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include "kernels/common/versioned_struct.h"
#include "kernels/cpu/attention.h"
#include "kernels/cpu/launch.h"
#include "kernels/cpu/limits.h"

struct bsfa_plan {
  bsfa_problem problem;
  int workers;
};

namespace bsfa::kernels::cpu {
namespace {

constexpr std::size_t kAlignment = 64;

int worker_count(const bsfa_problem& problem) {
  if (problem.max_workers > 0) return problem.max_workers;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::uint64_t now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

/// Every Q block that is asked for, in the order of the work list or of memory.
std::vector<BlockView> blocks_of(const Launch& launch) {
  std::vector<BlockView> blocks;
  if (launch.problem.max_work_items > 0) {
    const auto* item = reinterpret_cast<const unsigned char*>(launch.arguments.work_items);
    for (std::int64_t i = 0; i < launch.arguments.work_item_count; ++i) {
      bsfa_work_item given;
      std::memcpy(&given, item, sizeof(given));
      blocks.push_back(launch.view(given.batch, given.head, given.q_block));
      item += launch.arguments.work_item_size;
    }
    return blocks;
  }
  for (std::int64_t b = 0; b < launch.problem.batch; ++b) {
    for (std::int64_t h = 0; h < launch.problem.heads; ++h) {
      for (std::int64_t m = 0; m < launch.q_blocks(); ++m) blocks.push_back(launch.view(b, h, m));
    }
  }
  return blocks;
}

void write_record(const Launch& launch, std::size_t index, const BlockView& block,
                  const BlockWork& work, std::uint32_t unit, std::uint64_t start) {
  const auto& arguments = launch.arguments;
  if (arguments.records == nullptr || index >= arguments.record_capacity) return;
  bsfa_work_record record{};
  record.batch = static_cast<std::int32_t>(block.batch);
  record.head = static_cast<std::int32_t>(block.head);
  record.q_block = static_cast<std::int32_t>(block.q_block);
  record.k_block_end = static_cast<std::int32_t>(block.visible);
  record.unit = unit;
  record.cta = unit;
  record.warp = -1;
  record.clock_domain = BSFA_CLOCK_MONOTONIC_NS;
  record.start = start;
  record.end = now_ns();
  record.tiles_seen = record.qk_products = work.seen;
  record.tiles_kept = record.pv_products = work.kept;
  auto* to = reinterpret_cast<unsigned char*>(arguments.records) + index * arguments.record_size;
  std::memcpy(to, &record, std::min<std::uint64_t>(sizeof(record), arguments.record_size));
}

/// Workers take Q blocks from a common queue, those that see the most tiles first. Returns false
/// where the caller asked to stop.
bool run_blocks(const Launch& launch, const std::vector<BlockView>& blocks, int workers) {
  std::vector<std::size_t> order(blocks.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return blocks[a].visible > blocks[b].visible;
  });
  const std::size_t stride = scratch_bytes(launch.problem);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stopped{false};
  const auto work = [&](int) {
    const int worker = tbb::this_task_arena::current_thread_index();
    auto* scratch = static_cast<unsigned char*>(launch.arguments.workspace) +
                    static_cast<std::size_t>(worker) * stride;
    for (std::size_t i = next++; i < order.size(); i = next++) {
      if (launch.arguments.cancel != nullptr && *launch.arguments.cancel != 0) stopped = true;
      if (stopped) return;
      const std::uint64_t start = now_ns();
      const BlockView& block = blocks[order[i]];
      const BlockWork done = attend(launch, block, scratch);
      write_record(launch, order[i], block, done, static_cast<std::uint32_t>(worker), start);
    }
  };
  // TBB starts no more threads than there are processors unless it is told to.
  std::optional<tbb::global_control> more;
  if (workers > tbb::this_task_arena::max_concurrency()) {
    more.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(workers));
  }
  tbb::task_arena arena(workers);
  arena.execute([&] { tbb::parallel_for(0, workers, work, tbb::simple_partitioner{}); });
  return !stopped;
}

bsfa_status supports(const bsfa_kernel*, const bsfa_problem* given, char* error,
                     std::size_t size) noexcept {
  bsfa_problem problem;
  const bsfa_status status = read_struct(given, problem, error, size);
  return status == BSFA_OK ? check_problem(problem, error, size) : status;
}

bsfa_status make_plan(const bsfa_kernel* kernel, const bsfa_problem* given, bsfa_plan** plan,
                      char* error, std::size_t size) noexcept {
  const bsfa_status status = supports(kernel, given, error, size);
  if (status != BSFA_OK) return status;
  if (plan == nullptr) return answer(BSFA_INVALID_ARGUMENT, "no place for the plan", error, size);
  bsfa_problem problem;
  read_struct(given, problem, error, size);
  *plan = new (std::nothrow) bsfa_plan{problem, worker_count(problem)};
  if (*plan == nullptr) return answer(BSFA_OUT_OF_MEMORY, "no memory for a plan", error, size);
  return BSFA_OK;
}

bsfa_status describe(const bsfa_plan* plan, bsfa_plan_info* given, char* error,
                     std::size_t size) noexcept {
  const bsfa_problem& problem = plan->problem;
  bsfa_plan_info info{};
  info.size = sizeof(info);
  info.version = BSFA_ABI_VERSION;
  info.workspace_bytes = static_cast<std::uint64_t>(plan->workers) * scratch_bytes(problem);
  info.workspace_alignment = kAlignment;
  if (problem.instrumentation >= BSFA_INSTRUMENT_WORK) {
    const std::int64_t q_blocks = (problem.q_len + problem.gate_q_block - 1) / problem.gate_q_block;
    const std::int64_t items = problem.max_work_items > 0
                                   ? problem.max_work_items
                                   : problem.batch * problem.heads * q_blocks;
    info.max_records = static_cast<std::uint64_t>(items);
    info.clock_domain = BSFA_CLOCK_MONOTONIC_NS;
  }
  info.compute_q_block = problem.gate_q_block;
  info.compute_k_block = problem.gate_k_block;
  info.threads_per_cta = 1;
  info.ctas = static_cast<std::uint32_t>(plan->workers);
  return write_struct(info, given, error, size);
}

bsfa_status enqueue(bsfa_plan* plan, const bsfa_arguments* given, char* error,
                    std::size_t size) noexcept {
  try {
    Launch launch{plan->problem, {}};
    bsfa_status status = read_struct(given, launch.arguments, error, size);
    if (status == BSFA_OK) status = check_arguments(launch, error, size);
    if (status != BSFA_OK) return status;
    if (launch.arguments.workspace_bytes <
        static_cast<std::uint64_t>(plan->workers) * scratch_bytes(plan->problem)) {
      return answer(BSFA_INVALID_ARGUMENT, "the workspace is too small", error, size);
    }
    const std::vector<BlockView> blocks = blocks_of(launch);
    if (launch.arguments.record_count != nullptr) {
      *launch.arguments.record_count = blocks.size();
    }
    if (run_blocks(launch, blocks, plan->workers)) return BSFA_OK;
    return answer(BSFA_CANCELLED, "stopped on request", error, size);
  } catch (const std::bad_alloc&) {
    return answer(BSFA_OUT_OF_MEMORY, "out of memory", error, size);
  } catch (const std::exception& failure) {
    return answer(BSFA_INTERNAL_ERROR, failure.what(), error, size);
  } catch (...) {
    return answer(BSFA_INTERNAL_ERROR, "unknown failure", error, size);
  }
}

void destroy(bsfa_plan* plan) noexcept {
  delete plan;
}

}  // namespace

const bsfa_kernel& kernel() noexcept {
  static const bsfa_kernel table = {
      sizeof(bsfa_kernel),
      BSFA_ABI_VERSION,
      "cpu",
      "gated attention in float on the host, vectorised, one worker a core",
      BSFA_HOST,
      BSFA_INSTRUMENT_WORK,
      nullptr,
      supports,
      make_plan,
      describe,
      enqueue,
      destroy};
  return table;
}

}  // namespace bsfa::kernels::cpu
