// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bsfa::profiler {

/// How a kernel is launched; launches alike are counted together.
struct LaunchShape {
  std::array<std::int32_t, 3> grid{}, block{};
  std::int32_t static_shared_bytes = 0, dynamic_shared_bytes = 0;
  std::uint32_t registers = 0;  ///< of a thread
  auto operator<=>(const LaunchShape&) const = default;
};

/// All launches of one kernel in one shape.
struct InjectedKernel {
  std::string name;             ///< demangled
  bool attention_like = false;  ///< by its name
  LaunchShape shape;
  std::uint64_t launches = 0;
  std::uint64_t total_ns = 0, median_ns = 0, least_ns = 0, most_ns = 0;
};

/// One launch of an attention-like kernel.
struct InjectedLaunch {
  std::uint32_t kernel = 0;                ///< index into the report's kernels
  std::uint64_t start_ns = 0, end_ns = 0;  ///< CLOCK_REALTIME
  std::uint32_t device = 0, stream = 0;
};

/// Hardware counters of one launch of an attention-like kernel. Launches that were counted are not
/// among those whose time is told.
struct InjectedCounters {
  std::string kernel;  ///< demangled
  std::array<std::int32_t, 3> grid{}, block{};
  std::uint64_t passes = 0;                            ///< how often the hardware ran it
  std::vector<std::pair<std::string, double>> values;  ///< by metric
  std::vector<std::string> unknown;                    ///< metrics that the GPU does not have
};

struct InjectedRefusal {
  std::string facility;  ///< "activity", "counters"
  std::string words, advice;
};

/// What was seen of one process that was not built with us.
struct InjectionReport {
  std::int64_t process = 0;
  std::string command;                  ///< its arguments, a blank between them
  std::string cupti;                    ///< the library's file; empty where none was found
  std::vector<InjectedKernel> kernels;  ///< the most time first
  std::vector<InjectedLaunch> timeline;
  std::vector<InjectedCounters> counters;
  std::uint64_t timeline_omitted = 0;  ///< attention-like launches beyond what the timeline holds
  std::uint64_t dropped = 0;           ///< launches that were lost
  std::vector<InjectedRefusal> refusals;
};

/// Whether a kernel's name says that it computes attention.
bool is_attention_like(std::string_view name);

std::string to_json(const InjectionReport& report);
/// Errors  throws core::InputError naming `file`: it is no such report.
InjectionReport parse_injection_report(std::string_view text, const std::string& file);

}  // namespace bsfa::profiler
