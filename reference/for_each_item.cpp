// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>

#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "core/tile_geometry.h"
#include "reference/attention.h"

namespace bsfa::reference {
namespace {

std::vector<std::size_t> costliest_first(const core::Problem& problem,
                                         std::span<const core::WorkItem> items) {
  const core::TileGeometry geometry(problem);
  const auto cost = [&](std::size_t i) {
    const std::int64_t m = items[i].q_block;
    return geometry.visible_k_blocks(m) * geometry.q_rows(m).size();
  };
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return cost(a) > cost(b); });
  return order;
}

/// Workers take items from one counter, so that the order is kept whatever the scheduler does.
class ItemQueue {
 public:
  using Visit = std::function<void(std::size_t, const core::WorkItem&)>;

  ItemQueue(std::vector<std::size_t> order, std::span<const core::WorkItem> items,
            const core::RunControl& control, const Visit& visit)
      : order_(std::move(order)), items_(items), control_(control), visit_(visit) {}

  void work() noexcept {
    try {
      while (!stopped_.load(std::memory_order_relaxed)) {
        const std::size_t next = next_.fetch_add(1, std::memory_order_relaxed);
        if (next >= order_.size()) return;
        control_.throw_if_cancelled();
        visit_(order_[next], items_[order_[next]]);
        report_one();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      stopped_.store(true, std::memory_order_relaxed);
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void report_one() {
    const std::lock_guard lock(mutex_);
    ++done_;
    if (control_.on_progress && !stopped_.load(std::memory_order_relaxed)) {
      control_.on_progress(done_, static_cast<std::int64_t>(order_.size()));
    }
  }

  std::vector<std::size_t> order_;
  std::span<const core::WorkItem> items_;
  const core::RunControl& control_;
  const Visit& visit_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::int64_t done_ = 0;
  std::exception_ptr error_;
};

}  // namespace

void for_each_item(const core::Problem& problem, std::span<const core::WorkItem> items,
                   const core::RunControl& control,
                   const std::function<void(std::size_t, const core::WorkItem&)>& visit) {
  ItemQueue queue(costliest_first(problem, items), items, control, visit);
  const int threads = control.threads > 0 ? control.threads : tbb::info::default_concurrency();
  // By default TBB refuses, with a warning, to start more workers than there are cores.
  const auto limit = tbb::global_control::max_allowed_parallelism;
  const tbb::global_control allow(
      limit, std::max(static_cast<std::size_t>(threads), tbb::global_control::active_value(limit)));
  tbb::task_arena arena(threads);
  arena.execute([&] { tbb::parallel_for(0, threads, [&](int) { queue.work(); }); });
  queue.rethrow();
}

}  // namespace bsfa::reference
