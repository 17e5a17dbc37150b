// SPDX-License-Identifier: Apache-2.0
#include "cli/support/tile_scores.h"

#include <mutex>

#include "core/error.h"
#include "core/tile_geometry.h"
#include "kernels/host/devices.h"
#include "reference/attention.h"

namespace bsfa::cli {
namespace {

void visit_reference(const core::Problem& problem, const core::AttentionInputs& inputs,
                     std::span<const core::WorkItem> items, const core::RunControl& control,
                     const std::function<void(const core::BlockStatistics&)>& visit) {
  const reference::Attention attention(problem, inputs);
  std::mutex mutex;
  reference::for_each_item(problem, items, control, [&](std::size_t, const core::WorkItem& item) {
    const auto statistics = attention.statistics(item, false);
    const std::scoped_lock lock(mutex);
    visit(statistics);
  });
}

}  // namespace

ScoreDevice score_device() {
  const kernels::Kernel best{kernels::Library::built_in(), &kernels::best_device_kernel()};
  return std::make_shared<kernels::TileStatistics>(best);
}

ScoreDevice score_device_beside(const kernels::Kernel& kernel) {
  if (kernel.table->memory_space != BSFA_CUDA_DEVICE) return nullptr;
  try {
    return score_device();
  } catch (const core::UsageError&) {
    return nullptr;  // a device that runs that kernel but none of ours
  }
}

void for_each_tile_row(const core::Problem& problem, const core::AttentionInputs& inputs,
                       std::span<const core::WorkItem> items, const ScoreDevice& device,
                       const core::RunControl& control,
                       const std::function<void(const core::BlockStatistics&)>& visit) {
  if (device == nullptr) return visit_reference(problem, inputs, items, control, visit);
  const core::TileGeometry geometry(problem);
  kernels::TileStatisticsRequest request;
  request.problem = problem;
  request.inputs = inputs;
  request.items = items;
  core::BlockStatistics statistics;
  device->run(request, control, [&](const kernels::TileRow& row) {
    statistics.item = row.item;
    statistics.rows = geometry.q_rows(row.item.q_block).size();
    statistics.tile_max.assign(row.tile_max.begin(), row.tile_max.end());
    visit(statistics);
  });
}

}  // namespace bsfa::cli
