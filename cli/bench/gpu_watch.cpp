// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/gpu_watch.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bsfa::cli {
namespace {

using kernels::GpuReading;

constexpr std::chrono::milliseconds kPeriod{100};

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json names_or_null(const std::optional<std::uint64_t>& reasons) {
  return reasons ? Json(kernels::throttle_names(*reasons)) : Json(nullptr);
}

Json reading_json(const GpuReading& r) {
  return {{"sm_clock_mhz", or_null(r.sm_clock_mhz)},
          {"memory_clock_mhz", or_null(r.memory_clock_mhz)},
          {"power_w", or_null(r.power_w)},
          {"power_limit_w", or_null(r.power_limit_w)},
          {"temperature_c", or_null(r.temperature_c)},
          {"throttle_reasons", names_or_null(r.throttle)}};
}

/// Values of one quantity that were read, ascending.
template <typename Value>
std::vector<Value> values_of(const std::vector<GpuReading>& readings,
                             std::optional<Value> GpuReading::*quantity) {
  std::vector<Value> values;
  for (const GpuReading& reading : readings) {
    if (reading.*quantity) values.push_back(*(reading.*quantity));
  }
  std::sort(values.begin(), values.end());
  return values;
}

template <typename Value>
Json range_json(const std::vector<GpuReading>& readings,
                std::optional<Value> GpuReading::*quantity) {
  const auto values = values_of(readings, quantity);
  if (values.empty()) return nullptr;
  return {{"min", values.front()}, {"median", values[values.size() / 2]}, {"max", values.back()}};
}

/// All reasons that were seen while kernels were timed; none where none were read.
std::optional<std::uint64_t> reasons_of(const std::vector<GpuReading>& readings) {
  std::optional<std::uint64_t> all;
  for (const GpuReading& reading : readings) {
    if (reading.throttle) all = all.value_or(0) | *reading.throttle;
  }
  return all;
}

template <typename Value>
std::string range_text(const std::vector<GpuReading>& readings,
                       std::optional<Value> GpuReading::*quantity, const char* unit) {
  const auto values = values_of(readings, quantity);
  if (values.empty()) return "not read";
  if (values.front() == values.back()) return fmt::format("{:g} {}", values.front() * 1.0, unit);
  return fmt::format("{:g} to {:g} {}", values.front() * 1.0, values.back() * 1.0, unit);
}

}  // namespace

GpuWatch::GpuWatch(const std::string& pci_bus_id, const std::string& library)
    : nvml_(pci_bus_id, library), last_(Clock::now()) {
  state_.refusal = nvml_.refusal();
  state_.before = nvml_.read();
}

void GpuWatch::between_rounds() {
  const auto now = Clock::now();
  if (!state_.refusal.empty() || (!state_.during.empty() && now - last_ < kPeriod)) return;
  state_.during.push_back(nvml_.read());
  last_ = Clock::now();
}

GpuState GpuWatch::finish() {
  state_.after = nvml_.read();
  return state_;
}

Json to_json(const GpuState& state) {
  if (!state.refusal.empty()) return {{"refused", state.refusal}};
  return {{"before", reading_json(state.before)},
          {"during",
           {{"readings", state.during.size()},
            {"sm_clock_mhz", range_json(state.during, &GpuReading::sm_clock_mhz)},
            {"memory_clock_mhz", range_json(state.during, &GpuReading::memory_clock_mhz)},
            {"power_w", range_json(state.during, &GpuReading::power_w)},
            {"temperature_c", range_json(state.during, &GpuReading::temperature_c)},
            {"throttle_reasons", names_or_null(reasons_of(state.during))}}},
          {"after", reading_json(state.after)}};
}

std::vector<std::pair<std::string, std::string>> gpu_fields(const GpuState& state) {
  if (!state.refusal.empty()) return {{"GPU state", "not read: " + state.refusal}};
  const auto& readings = state.during;
  std::string power = range_text(readings, &GpuReading::power_w, "W");
  if (state.before.power_limit_w) power += fmt::format(" of {:g} W", *state.before.power_limit_w);
  const auto reasons = reasons_of(readings);
  const auto names = kernels::throttle_names(reasons.value_or(0) & ~kernels::kGpuIdle);
  return {{"clocks",
           fmt::format("SM {}, memory {}", range_text(readings, &GpuReading::sm_clock_mhz, "MHz"),
                       range_text(readings, &GpuReading::memory_clock_mhz, "MHz"))},
          {"power", power + ", " + range_text(readings, &GpuReading::temperature_c, "°C")},
          {"throttled", !reasons        ? std::string("not read")
                        : names.empty() ? std::string("no")
                                        : fmt::format("{}", fmt::join(names, ", "))}};
}

}  // namespace bsfa::cli
