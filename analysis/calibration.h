// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/block.h"
#include "core/problem.h"
#include "core/thresholds.h"

namespace bsfa::analysis {

/// τ that keeps the k largest of `off_diagonal` tile maxima: the midpoint of the k-th and (k+1)-th
/// largest; -inf where there are k or fewer; +inf for k = 0. All k at once from one sort.
///
/// Errors  throws core::InvalidProblem where a value is NaN or infinite in fp32, or a k negative.
std::vector<float> thresholds_for(std::span<const double> off_diagonal,
                                  std::span<const std::int64_t> k_values);

/// Thresholds gathered over samples, mergeable across machines.
///
/// A mean keeps sums and counts, a median every sample's value. Sums carry their rounding error
/// along and are exact, hence independent of the order of samples and merges, unless the values of
/// one cell differ in magnitude by more than 2^70. Blocks that no sample reached hold nothing;
/// finish() gives them the value of the block before, and -inf before the first.
///
/// Threads  one at a time.
class Calibration {
 public:
  /// Errors  throws core::InvalidProblem where k values or layers are absent, negative or repeated,
  ///         or there are no heads.
  Calibration(std::vector<std::int64_t> k_values, std::vector<std::int64_t> layers,
              std::int64_t heads, core::GateShape gate, core::Aggregation aggregation);

  /// One Q block of one sample: its τ for every k. `layer` is a position in layers().
  ///
  /// Errors  throws core::InvalidProblem naming `sample` where a value is NaN or infinite.
  void add(std::size_t layer, std::int64_t head, std::int64_t block,
           std::span<const double> off_diagonal, const std::string& sample);
  /// Errors  throws core::InvalidProblem where the name is known already.
  void add_sample_name(const std::string& sample);

  /// Errors  throws core::InvalidProblem where k values, layers, heads, gate or aggregation differ,
  ///         or a sample is in both.
  void merge(const Calibration& other);

  /// The table; its samples are sorted by name.
  ///
  /// Errors  throws core::InvalidProblem naming a layer and head that no sample reached.
  core::ThresholdTable finish() const;

  /// State, for files of partial results; positions beyond a vector's size are unreached.
  struct Cell {
    double sum = 0.0;  ///< mean only
    std::int64_t count = 0;
    std::vector<float> values;  ///< median only
    double rest = 0.0;          ///< mean only: what rounding took from sum
  };
  const std::vector<std::int64_t>& k_values() const noexcept { return k_values_; }
  const std::vector<std::int64_t>& layers() const noexcept { return layers_; }
  std::int64_t heads() const noexcept { return heads_; }
  core::GateShape gate() const noexcept { return gate_; }
  core::Aggregation aggregation() const noexcept { return aggregation_; }
  const std::vector<std::string>& samples() const noexcept { return samples_; }
  std::int64_t blocks() const noexcept { return blocks_; }
  /// An empty cell beyond blocks().
  const Cell& cell(std::size_t k, std::size_t layer, std::int64_t head, std::int64_t block) const;
  /// Grows to `block` where needed.
  Cell& cell_for_update(std::size_t k, std::size_t layer, std::int64_t head, std::int64_t block);

 private:
  std::size_t index(std::size_t k, std::size_t layer, std::int64_t head, std::int64_t block) const;
  void add_value(Cell& cell, float tau) const;
  float aggregate(const Cell& cell) const;
  void require_same_table(const Calibration& other) const;

  std::vector<std::int64_t> k_values_, layers_;
  std::int64_t heads_;
  core::GateShape gate_;
  core::Aggregation aggregation_;
  std::vector<std::string> samples_;
  std::int64_t blocks_ = 0;
  std::vector<Cell> cells_;  ///< [block, K, L, H], so that it grows at the end
};

/// Adds one Q block of a sample from its statistics. Returns false, adding nothing, for a last Q
/// block that is not full: it does not calibrate.
///
/// Errors  as Calibration::add.
bool calibrate(Calibration& calibration, std::size_t layer, const core::Problem& problem,
               const core::BlockStatistics& statistics, const std::string& sample);

}  // namespace bsfa::analysis
