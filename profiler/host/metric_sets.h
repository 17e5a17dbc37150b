// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bsfa::profiler {

/// Metrics that are collected and shown together, by the profiling library's own names.
struct MetricSet {
  std::string name;     ///< "tensor", "memory", ...
  std::string purpose;  ///< one line
  std::vector<std::string> metrics;
};

/// The sets of a file, profiler/metrics/*.txt: what one launch is counted by (`counters`), and what
/// is sampled while it runs (`samples`, which must fit one pass).
///
///     # a comment
///     counters tensor Warp instructions of the matrix units
///       sm__inst_executed_pipe_tensor_op_hmma.sum
struct MetricFile {
  std::vector<MetricSet> counters, samples;
};

/// Errors  throws core::InputError naming the line: an unknown word, a set without metrics, a set
///         or metric named twice.
MetricFile parse_metric_file(std::string_view text, const std::string& name);
MetricFile read_metric_file(const std::filesystem::path& path);
/// Those of this build: profiler/metrics/gh100.txt. A GPU of another kind lacks some of them.
const MetricFile& built_in_metrics();

/// All metrics of some sets, in order.
std::vector<std::string> metrics_of(const std::vector<MetricSet>& sets);

}  // namespace bsfa::profiler
