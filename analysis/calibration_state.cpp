// SPDX-License-Identifier: Apache-2.0
#include "analysis/calibration_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/error.h"

namespace bsfa::analysis {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw core::InvalidProblem("partial calibration: " + what);
}

void require_size(const char* name, std::size_t size, std::size_t wanted) {
  if (size != wanted) refuse(fmt::format("{} has {} entries, not {}", name, size, wanted));
}

/// Calls visit(i, k, layer, head, block) for every cell, i its place in the vectors.
template <typename Visit>
void for_each_cell(const CalibrationState& state, Visit visit) {
  std::size_t i = 0;
  for (std::int64_t block = 0; block < state.blocks; ++block) {
    for (std::size_t k = 0; k < state.k_values.size(); ++k) {
      for (std::size_t layer = 0; layer < state.layers.size(); ++layer) {
        for (std::int64_t head = 0; head < state.heads; ++head) visit(i++, k, layer, head, block);
      }
    }
  }
}

/// Divides instead of multiplying, so that no made-up size can overflow.
void check_sizes(const CalibrationState& state) {
  const std::array<std::int64_t, 4> sizes{
      state.blocks, static_cast<std::int64_t>(state.k_values.size()),
      static_cast<std::int64_t>(state.layers.size()), state.heads};
  if (state.blocks < 0) refuse(fmt::format("{} blocks", state.blocks));
  auto left = static_cast<std::int64_t>(state.counts.size());
  if (state.blocks == 0) require_size("counts", state.counts.size(), 0);
  for (const std::int64_t size : sizes) {
    if (left == 0) break;
    if (left % size != 0) left = -1;
    left /= size;
  }
  if (state.blocks > 0 && left != 1) {
    refuse(fmt::format("{} counts for blocks x k x layers x heads = {} x {} x {} x {}",
                       state.counts.size(), sizes[0], sizes[1], sizes[2], sizes[3]));
  }
  const bool mean = state.aggregation == core::Aggregation::kMean;
  require_size("sums", state.sums.size(), mean ? state.counts.size() : 0);
  require_size("rests", state.rests.size(), mean ? state.counts.size() : 0);
  if (mean) require_size("values", state.values.size(), 0);
}

void check_counts(const CalibrationState& state) {
  const std::size_t per_k = state.layers.size() * static_cast<std::size_t>(state.heads);
  auto left = static_cast<std::int64_t>(state.values.size());
  const bool median = state.aggregation == core::Aggregation::kMedian;
  for_each_cell(state, [&](std::size_t i, std::size_t k, std::size_t, std::int64_t, std::int64_t) {
    const std::int64_t count = state.counts[i];
    if (count < 0) refuse(fmt::format("a count is {}", count));
    if (k > 0 && count != state.counts[i - per_k]) refuse("counts differ between k values");
    if (!median) return;
    if (count > left) refuse("fewer values than its counts say");
    left -= count;
  });
  if (left != 0) refuse("more values than its counts say");
}

/// What a τ, or a sum of them, can be: k = 0 gives +inf and nothing else, other k anything below.
void check_number(double value, std::int64_t k) {
  const bool infinite = value == std::numeric_limits<double>::infinity();
  if (std::isnan(value) || infinite != (k == 0)) {
    refuse(fmt::format("k = {} cannot give {}", k, value));
  }
}

void check_mean_cell(const CalibrationState& state, std::size_t i, std::int64_t k) {
  if (!std::isfinite(state.rests[i])) refuse("a rest is not finite");
  if (state.counts[i] > 0) {
    check_number(state.sums[i], k);
  } else if (state.sums[i] != 0.0 || state.rests[i] != 0.0) {
    refuse("a cell without samples has a sum");
  }
}

}  // namespace

CalibrationState flatten(const Calibration& calibration) {
  CalibrationState state;
  state.k_values = calibration.k_values();
  state.layers = calibration.layers();
  state.heads = calibration.heads();
  state.gate = calibration.gate();
  state.aggregation = calibration.aggregation();
  state.samples = calibration.samples();
  state.blocks = calibration.blocks();
  for_each_cell(state, [&](std::size_t, std::size_t k, std::size_t layer, std::int64_t head,
                           std::int64_t block) {
    const Calibration::Cell& cell = calibration.cell(k, layer, head, block);
    state.counts.push_back(cell.count);
    if (state.aggregation == core::Aggregation::kMean) {
      state.sums.push_back(cell.sum);
      state.rests.push_back(cell.rest);
      return;
    }
    state.values.insert(state.values.end(), cell.values.begin(), cell.values.end());
    std::sort(state.values.end() - static_cast<std::ptrdiff_t>(cell.values.size()),
              state.values.end());
  });
  return state;
}

Calibration restore(const CalibrationState& state) {
  Calibration calibration(state.k_values, state.layers, state.heads, state.gate, state.aggregation);
  for (const std::string& sample : state.samples) calibration.add_sample_name(sample);
  check_sizes(state);
  check_counts(state);
  auto value = state.values.begin();
  for_each_cell(state, [&](std::size_t i, std::size_t k, std::size_t layer, std::int64_t head,
                           std::int64_t block) {
    Calibration::Cell& cell = calibration.cell_for_update(k, layer, head, block);
    cell.count = state.counts[i];
    if (state.aggregation == core::Aggregation::kMean) {
      check_mean_cell(state, i, state.k_values[k]);
      cell.sum = state.sums[i];
      cell.rest = state.rests[i];
      return;
    }
    cell.values.assign(value, value + cell.count);
    value += cell.count;
    for (const float tau : cell.values) {
      check_number(static_cast<double>(tau), state.k_values[k]);
    }
  });
  return calibration;
}

}  // namespace bsfa::analysis
