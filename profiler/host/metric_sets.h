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
struct MetricFile {
  std::vector<MetricSet> counters, samples;
};

/// Errors  throws core::InputError naming the line: an unknown word, a set without metrics, a set
/// or
///         metric named twice.
MetricFile parse_metric_file(std::string_view text, const std::string& name);
MetricFile read_metric_file(const std::filesystem::path& path);
/// Those of this build, for a chip as the driver's compute capability names it: 90 is GH100.
const MetricFile& built_in_metrics();

}  // namespace bsfa::profiler
