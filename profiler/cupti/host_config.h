// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <cupti_profiler_host.h>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/undo.h"

namespace bsfa::profiler {

using Image = std::vector<std::uint8_t>;

/// A parameter block of CUPTI: all zero but for its size, which tells CUPTI its version.
template <typename Params>
Params sized_params(std::size_t size) {
  Params params{};
  params.structSize = size;
  return params;
}

/// CUPTI's profiling interface, closed again by what is returned.
Undo open_profiler(const CuptiLibrary& cupti);

/// The name that CUPTI has for a device's chip, "GH100".
std::string chip_name(const CuptiLibrary& cupti, std::size_t ordinal);

/// What the metrics of one way of collecting are configured for.
struct Target {
  CUpti_ProfilerType type = CUPTI_PROFILER_TYPE_RANGE_PROFILER;
  std::string chip;
  Image availability;  ///< what this very device can count; empty: all that its chip can
};

/// Metrics of one chip, as the part of CUPTI that needs no device knows them: which there are, what
/// collecting some of them takes, and their values from what was collected.
///
/// Errors  throws Refused.
class HostConfig {
 public:
  HostConfig(const CuptiLibrary& cupti, Target target);
  HostConfig(const HostConfig&) = delete;
  HostConfig& operator=(const HostConfig&) = delete;

  /// Whether the chip has the metric and its roll-up.
  bool knows(const std::string& metric) const;

  /// What is to be collected; once.
  void add(const std::vector<std::string>& metrics);
  /// How it is collected, for the device.
  Image image() const;
  /// How many runs that takes.
  std::size_t passes(Image image) const;

  /// Values of what was added, in order, from a range or sample of a counter data image.
  std::vector<double> evaluate(const Image& counter_data, std::size_t index) const;

  /// For calls that take names.
  const std::vector<const char*>& names() const noexcept { return names_; }

 private:
  const CuptiLibrary& cupti_;
  Target target_;
  CUpti_Profiler_Host_Object* object_ = nullptr;
  Undo deinitialize_;
  std::vector<std::string> metrics_;
  std::vector<const char*> names_;
};

/// How many passes some metrics take together.
///
/// Errors  throws Refused where they cannot be configured.
std::size_t passes_of(const CuptiLibrary& cupti, const Target& target,
                      const std::vector<std::string>& metrics);

/// Those of the metrics that a device has, and the others.
struct KnownMetrics {
  std::vector<std::string> known, unknown;
};

/// Errors  throws Refused where it has none.
KnownMetrics known_metrics(const CuptiLibrary& cupti, const Target& target,
                           const std::vector<std::string>& metrics);

}  // namespace bsfa::profiler
