// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/support.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/tile_geometry.h"
#include "kernels/host/plan.h"
#include "tests/kernels/tested.h"
#include "tests/support/half_bits.h"

namespace bsfa::test {
namespace {

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

std::string at(const core::WorkItem& item, const char* what, std::int64_t index, double got,
               double expected) {
  return std::string(what) + " of batch " + std::to_string(item.batch) + ", head " +
         std::to_string(item.head) + ", Q block " + std::to_string(item.q_block) + " at " +
         std::to_string(index) + " is " + std::to_string(got) + ", expected " +
         std::to_string(expected);
}

/// Equal within a bound, both NaN, or both the same infinity.
bool close(double got, double expected, double bound) {
  if (std::isnan(expected)) return std::isnan(got);
  return got == expected || std::fabs(got - expected) <= bound;
}

/// Index of an item's first tile.
std::int64_t first_tile(const core::Problem& p, const core::WorkItem& item) {
  const core::TileGeometry geometry(p);
  return ((item.batch * p.heads + item.head) * geometry.q_blocks() + item.q_block) *
         geometry.k_blocks();
}

/// Whether rounding may decide a tile either way.
bool is_tie(const core::Problem& p, const core::Thresholds* thresholds, const core::WorkItem& item,
            const Gating& own, std::int64_t n) {
  const core::TileGeometry geometry(p);
  if (thresholds == nullptr || geometry.place(item.q_block, n) != core::TilePlace::kOffDiagonal) {
    return false;
  }
  const std::int64_t i = geometry.threshold_index(item.q_block, thresholds->blocks);
  const auto tau = static_cast<double>(thresholds->at(item.head, i));
  const std::size_t tile = size(first_tile(p, item) + n);
  return std::fabs(own.tile_max[tile] - tau) <= own.bound[tile];
}

bool has_tie(const core::Problem& p, const core::Thresholds* thresholds, const core::WorkItem& item,
             const Gating& own) {
  for (std::int64_t n = 0; n < core::TileGeometry(p).k_blocks(); ++n) {
    if (is_tie(p, thresholds, item, own, n)) return true;
  }
  return false;
}

std::string gating_deviation(const core::Problem& p, const core::Thresholds* thresholds,
                             const core::WorkItem& item, const Gating& own,
                             const kernels::RunResult& result) {
  const core::TileGeometry geometry(p);
  const std::int64_t first = first_tile(p, item);
  for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
    const std::size_t tile = size(first + n);
    const double bound = own.bound[tile];
    const auto got = static_cast<double>(result.tile_max[tile]);
    if (!close(got, own.tile_max[tile], bound)) {
      return at(item, "tile_max", n, got, own.tile_max[tile]);
    }
    if (is_tie(p, thresholds, item, own, n)) continue;
    if (result.mask[tile] != own.mask[tile]) {
      return at(item, "mask", n, result.mask[tile], own.mask[tile]);
    }
  }
  return {};
}

std::string arithmetic_deviation(const core::Problem& p, const core::WorkItem& item,
                                 const Exact& exact, const kernels::RunResult& result) {
  const core::TileGeometry geometry(p);
  const core::Range rows = geometry.q_rows(item.q_block);
  const std::int64_t head = item.batch * p.heads + item.head;
  const double o_bound = exact.o_bound[size(head * geometry.q_blocks() + item.q_block)];
  for (std::int64_t r = rows.begin; r < rows.end; ++r) {
    const std::size_t row = size(head * p.q_len + r);
    const auto lse = static_cast<double>(result.lse[row]);
    if (!close(lse, exact.lse[row], exact.lse_bound[row])) {
      return at(item, "lse", r, lse, exact.lse[row]);
    }
    for (std::int64_t d = 0; d < p.head_dim; ++d) {
      const std::size_t i = row * size(p.head_dim) + size(d);
      const double o = half_value(result.o[i], p.dtype);
      if (!close(o, exact.o[i], o_bound)) return at(item, "o", r * p.head_dim + d, o, exact.o[i]);
    }
  }
  return {};
}

}  // namespace

kernels::RunResult run(const kernels::Kernel& kernel, const Inputs& inputs,
                       const core::Thresholds* thresholds, std::span<const core::WorkItem> items,
                       int threads) {
  kernels::RunRequest request;
  request.problem = inputs.problem;
  request.inputs = inputs.views();
  request.thresholds = thresholds;
  request.items = items;
  request.want_records = true;
  core::RunControl control;
  control.threads = threads;
  return kernels::run(kernel, request, control);
}

kernels::RunResult run_cpu(const Inputs& inputs, const core::Thresholds* thresholds,
                           std::span<const core::WorkItem> items, int threads) {
  return run(kernels::find_kernel("cpu"), inputs, thresholds, items, threads);
}

std::string deviation(const Inputs& inputs, const core::Thresholds* thresholds,
                      const kernels::RunResult& result, std::span<const core::WorkItem> items) {
  if (!result.faults.empty()) return result.faults.front().text;
  const auto everything = core::all_work_items(inputs.problem);
  const Gating own = gating(inputs, thresholds);
  const bool reported = !result.mask.empty();
  const Exact judged = attention(inputs, reported ? result.mask : own.mask);
  for (const core::WorkItem& item : items.empty() ? std::span(everything) : items) {
    if (!reported && has_tie(inputs.problem, thresholds, item, own)) continue;
    std::string found;
    if (reported) found = gating_deviation(inputs.problem, thresholds, item, own, result);
    if (found.empty()) found = arithmetic_deviation(inputs.problem, item, judged, result);
    if (!found.empty()) return found;
  }
  return {};
}

core::Thresholds skipping(const Inputs& inputs, double share) {
  const core::Problem& p = inputs.problem;
  const core::TileGeometry geometry(p);
  const Gating exact = gating(inputs, nullptr);
  core::Thresholds thresholds = core::Thresholds::constant(p.heads, p.gate, 0.0F);
  for (std::int64_t h = 0; h < p.heads; ++h) {
    std::vector<double> maxima;
    for (std::int64_t m = 0; m < geometry.q_blocks(); ++m) {
      for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
        const std::int64_t tile = (h * geometry.q_blocks() + m) * geometry.k_blocks() + n;
        if (geometry.place(m, n) == core::TilePlace::kOffDiagonal) {
          maxima.push_back(exact.tile_max[size(tile)]);
        }
      }
    }
    std::sort(maxima.begin(), maxima.end());
    const auto index = static_cast<std::size_t>(share * static_cast<double>(maxima.size()));
    thresholds.tau[size(h)] = index < maxima.size() ? static_cast<float>(maxima[index])
                                                    : std::numeric_limits<float>::infinity();
  }
  return thresholds;
}

std::int64_t count(const std::vector<std::uint8_t>& mask, std::uint8_t code) {
  return std::count(mask.begin(), mask.end(), code);
}

bsfa_problem gated(const core::Problem& problem) {
  bsfa_problem p{};
  p.size = sizeof(p);
  p.version = BSFA_ABI_VERSION;
  p.causal = problem.causal ? 1 : 0;
  p.batch = problem.batch;
  p.heads = problem.heads;
  p.kv_heads = problem.kv_heads;
  p.q_len = problem.q_len;
  p.kv_len = problem.kv_len;
  p.head_dim = problem.head_dim;
  p.dtype_q = p.dtype_k = p.dtype_v = p.dtype_o =
      problem.dtype == core::Dtype::kFloat16 ? BSFA_FLOAT16 : BSFA_BFLOAT16;
  p.scale = problem.scale;
  p.gate_kind = BSFA_GATE_ABSOLUTE;
  p.gate_q_block = static_cast<std::int32_t>(problem.gate.q_block);
  p.gate_k_block = static_cast<std::int32_t>(problem.gate.k_block);
  return p;
}

bsfa_plan_info plan_of(const kernels::Kernel& kernel, const core::Problem& problem,
                       bsfa_instrumentation level) {
  bsfa_problem asked = gated(problem);
  asked.instrumentation = level;
  return kernels::Plan(kernel, asked).describe();
}

core::Problem problem(std::int64_t q_len, std::int64_t kv_len, std::int64_t head_dim) {
  core::Problem p;
  p.q_len = q_len;
  p.kv_len = kv_len;
  p.head_dim = head_dim;
  return core::with_default_scale(p);
}

}  // namespace bsfa::test
