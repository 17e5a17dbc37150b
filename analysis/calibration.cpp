// SPDX-License-Identifier: Apache-2.0
#include "analysis/calibration.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "core/error.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

float midpoint(double a, double b) {
  return static_cast<float>(a + (b - a) / 2.0);
}

void require_distinct(std::vector<std::int64_t> values, const char* name) {
  if (values.empty()) throw core::InvalidProblem(fmt::format("calibration without {}", name));
  std::sort(values.begin(), values.end());
  if (values.front() < 0) {
    throw core::InvalidProblem(fmt::format("{} of calibration: {} is negative", name, values[0]));
  }
  const auto twice = std::adjacent_find(values.begin(), values.end());
  if (twice != values.end()) {
    throw core::InvalidProblem(fmt::format("{} of calibration: {} is there twice", name, *twice));
  }
}

/// Exact sum: `sum` is what a + b rounds to, the error that this leaves goes to `rest`.
/// Source: Knuth, The Art of Computer Programming, volume 2, 4.2.2, theorem B.
void add_exactly(double& sum, double& rest, double term) {
  const double a = sum;
  sum = a + term;
  if (std::isinf(sum)) return;
  const double part = sum - a;
  rest += (a - (sum - part)) + (term - part);
}

}  // namespace

std::vector<float> thresholds_for(std::span<const double> off_diagonal,
                                  std::span<const std::int64_t> k_values) {
  std::vector<double> sorted(off_diagonal.begin(), off_diagonal.end());
  for (const double value : sorted) {
    if (std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max())) continue;
    throw core::InvalidProblem(fmt::format("a tile_max is {}, which cannot calibrate", value));
  }
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  std::vector<float> tau;
  tau.reserve(k_values.size());
  for (const std::int64_t k : k_values) {
    if (k < 0) throw core::InvalidProblem(fmt::format("k = {} is negative", k));
    if (k == 0) {
      tau.push_back(kInf);
    } else if (k >= static_cast<std::int64_t>(sorted.size())) {
      tau.push_back(-kInf);
    } else {
      const auto at = static_cast<std::size_t>(k);
      tau.push_back(midpoint(sorted[at - 1], sorted[at]));
    }
  }
  return tau;
}

Calibration::Calibration(std::vector<std::int64_t> k_values, std::vector<std::int64_t> layers,
                         std::int64_t heads, core::GateShape gate, core::Aggregation aggregation)
    : k_values_(std::move(k_values)),
      layers_(std::move(layers)),
      heads_(heads),
      gate_(gate),
      aggregation_(aggregation) {
  require_distinct(k_values_, "k values");
  require_distinct(layers_, "layers");
  if (heads < 1) throw core::InvalidProblem("calibration without heads");
}

std::size_t Calibration::index(std::size_t k, std::size_t layer, std::int64_t head,
                               std::int64_t block) const {
  const auto h = static_cast<std::size_t>(heads_);
  const std::size_t row = static_cast<std::size_t>(block) * k_values_.size() + k;
  return (row * layers_.size() + layer) * h + static_cast<std::size_t>(head);
}

const Calibration::Cell& Calibration::cell(std::size_t k, std::size_t layer, std::int64_t head,
                                           std::int64_t block) const {
  static const Cell kEmpty;
  return block < blocks_ ? cells_[index(k, layer, head, block)] : kEmpty;
}

Calibration::Cell& Calibration::cell_for_update(std::size_t k, std::size_t layer, std::int64_t head,
                                                std::int64_t block) {
  if (block >= blocks_) {
    cells_.resize(index(0, 0, 0, block + 1));
    blocks_ = block + 1;
  }
  return cells_[index(k, layer, head, block)];
}

void Calibration::add_value(Cell& cell, float tau) const {
  ++cell.count;
  if (aggregation_ == core::Aggregation::kMedian) {
    cell.values.push_back(tau);
  } else {
    add_exactly(cell.sum, cell.rest, static_cast<double>(tau));
  }
}

void Calibration::add(std::size_t layer, std::int64_t head, std::int64_t block,
                      std::span<const double> off_diagonal, const std::string& sample) {
  std::vector<float> tau;
  try {
    tau = thresholds_for(off_diagonal, k_values_);
  } catch (const core::InvalidProblem& error) {
    throw core::InvalidProblem(fmt::format("sample {}, layer {}, head {}, block {}: {}", sample,
                                           layers_[layer], head, block, error.what()));
  }
  for (std::size_t k = 0; k < tau.size(); ++k) {
    add_value(cell_for_update(k, layer, head, block), tau[k]);
  }
}

void Calibration::add_sample_name(const std::string& sample) {
  if (std::find(samples_.begin(), samples_.end(), sample) != samples_.end()) {
    throw core::InvalidProblem(fmt::format("sample {} is there twice", sample));
  }
  samples_.push_back(sample);
}

void Calibration::require_same_table(const Calibration& other) const {
  const char* differs = other.k_values_ != k_values_         ? "k values"
                        : other.layers_ != layers_           ? "layers"
                        : other.heads_ != heads_             ? "heads"
                        : !(other.gate_ == gate_)            ? "block sizes"
                        : other.aggregation_ != aggregation_ ? "aggregation"
                                                             : nullptr;
  if (differs == nullptr) return;
  throw core::InvalidProblem(fmt::format("partial calibrations differ in {}", differs));
}

void Calibration::merge(const Calibration& other) {
  require_same_table(other);
  for (const std::string& sample : other.samples_) {
    if (std::find(samples_.begin(), samples_.end(), sample) == samples_.end()) continue;
    throw core::InvalidProblem(fmt::format("sample {} is in both partial calibrations", sample));
  }
  if (other.blocks_ > blocks_) {
    cells_.resize(other.cells_.size());
    blocks_ = other.blocks_;
  }
  for (std::size_t i = 0; i < other.cells_.size(); ++i) {
    Cell& to = cells_[i];
    const Cell& from = other.cells_[i];
    add_exactly(to.sum, to.rest, from.sum);
    to.rest += from.rest;
    to.count += from.count;
    to.values.insert(to.values.end(), from.values.begin(), from.values.end());
  }
  samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
}

float Calibration::aggregate(const Cell& cell) const {
  if (aggregation_ == core::Aggregation::kMean) {
    return static_cast<float>((cell.sum + cell.rest) / static_cast<double>(cell.count));
  }
  std::vector<float> values = cell.values;
  std::sort(values.begin(), values.end());
  const float high = values[values.size() / 2];
  const float low = values[(values.size() - 1) / 2];
  // Also right for infinities, whose difference would be NaN.
  return low == high ? low : static_cast<float>((static_cast<double>(low) + high) / 2.0);
}

core::ThresholdTable Calibration::finish() const {
  core::ThresholdTable table{k_values_, layers_,      heads_,   blocks_,
                             gate_,     aggregation_, samples_, {}};
  std::sort(table.samples.begin(), table.samples.end());
  table.values.reserve(cells_.size());
  for (std::size_t k = 0; k < k_values_.size(); ++k) {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
      for (std::int64_t head = 0; head < heads_; ++head) {
        float tau = -kInf;
        bool reached = false;
        for (std::int64_t block = 0; block < blocks_; ++block) {
          const Cell& here = cell(k, layer, head, block);
          if (here.count > 0) tau = aggregate(here);
          reached |= here.count > 0;
          table.values.push_back(tau);
        }
        if (reached) continue;
        throw core::InvalidProblem(
            fmt::format("no full Q block calibrates layer {}, head {}", layers_[layer], head));
      }
    }
  }
  return table;
}

bool calibrate(Calibration& calibration, std::size_t layer, const core::Problem& problem,
               const core::BlockStatistics& statistics, const std::string& sample) {
  if (statistics.rows < problem.gate.q_block) return false;
  const core::TileGeometry geometry(problem);
  const std::int64_t m = statistics.item.q_block;
  std::vector<double> off_diagonal;
  off_diagonal.reserve(static_cast<std::size_t>(geometry.off_diagonal_count(m)));
  for (std::int64_t n = 0; n < geometry.visible_k_blocks(m); ++n) {
    if (geometry.place(m, n) != core::TilePlace::kOffDiagonal) continue;
    off_diagonal.push_back(statistics.tile_max[static_cast<std::size_t>(n)]);
  }
  calibration.add(layer, statistics.item.head, geometry.position(m) / problem.gate.q_block,
                  off_diagonal, sample);
  return true;
}

}  // namespace bsfa::analysis
