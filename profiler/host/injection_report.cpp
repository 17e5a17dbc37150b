// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/injection_report.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace bsfa::profiler {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "bsfa-injection";
constexpr int kVersion = 1;

json json_of(const InjectedKernel& kernel) {
  const LaunchShape& shape = kernel.shape;
  return {{"name", kernel.name},
          {"attention_like", kernel.attention_like},
          {"grid", shape.grid},
          {"block", shape.block},
          {"static_shared_bytes", shape.static_shared_bytes},
          {"dynamic_shared_bytes", shape.dynamic_shared_bytes},
          {"registers", shape.registers},
          {"launches", kernel.launches},
          {"total_ns", kernel.total_ns},
          {"median_ns", kernel.median_ns},
          {"least_ns", kernel.least_ns},
          {"most_ns", kernel.most_ns}};
}

InjectedKernel kernel_of(const json& from) {
  InjectedKernel kernel;
  from.at("name").get_to(kernel.name);
  from.at("attention_like").get_to(kernel.attention_like);
  from.at("grid").get_to(kernel.shape.grid);
  from.at("block").get_to(kernel.shape.block);
  from.at("static_shared_bytes").get_to(kernel.shape.static_shared_bytes);
  from.at("dynamic_shared_bytes").get_to(kernel.shape.dynamic_shared_bytes);
  from.at("registers").get_to(kernel.shape.registers);
  from.at("launches").get_to(kernel.launches);
  from.at("total_ns").get_to(kernel.total_ns);
  from.at("median_ns").get_to(kernel.median_ns);
  from.at("least_ns").get_to(kernel.least_ns);
  from.at("most_ns").get_to(kernel.most_ns);
  return kernel;
}

json json_of(const InjectedCounters& counters) {
  json values = json::array();
  for (const auto& [metric, value] : counters.values) {
    values.push_back({{"metric", metric}, {"value", value}});
  }
  return {{"kernel", counters.kernel}, {"grid", counters.grid}, {"block", counters.block},
          {"passes", counters.passes}, {"values", values},      {"unknown", counters.unknown}};
}

InjectedCounters counters_of(const json& from) {
  InjectedCounters counters;
  from.at("kernel").get_to(counters.kernel);
  from.at("grid").get_to(counters.grid);
  from.at("block").get_to(counters.block);
  from.at("passes").get_to(counters.passes);
  from.at("unknown").get_to(counters.unknown);
  for (const json& value : from.at("values")) {
    // What is no number is written as null.
    const json& number = value.at("value");
    const double none = std::numeric_limits<double>::quiet_NaN();
    counters.values.emplace_back(value.at("metric"),
                                 number.is_null() ? none : number.get<double>());
  }
  return counters;
}

json json_of(const InjectedLaunch& launch) {
  return {{"kernel", launch.kernel},
          {"start_ns", launch.start_ns},
          {"end_ns", launch.end_ns},
          {"device", launch.device},
          {"stream", launch.stream}};
}

json json_of(const InjectedRefusal& refusal) {
  return {{"facility", refusal.facility}, {"words", refusal.words}, {"advice", refusal.advice}};
}

template <typename Values>
json json_list(const Values& values) {
  json list = json::array();
  for (const auto& value : values) list.push_back(json_of(value));
  return list;
}

InjectedLaunch launch_of(const json& from, std::size_t kernels) {
  InjectedLaunch launch;
  from.at("kernel").get_to(launch.kernel);
  from.at("start_ns").get_to(launch.start_ns);
  from.at("end_ns").get_to(launch.end_ns);
  from.at("device").get_to(launch.device);
  from.at("stream").get_to(launch.stream);
  if (launch.kernel >= kernels) throw std::out_of_range("a launch of no kernel in its list");
  return launch;
}

InjectionReport report_of(const json& from) {
  if (from.at("format") != kFormat || from.at("version") != kVersion) {
    throw std::out_of_range("it is of another format or version");
  }
  InjectionReport report;
  from.at("process").get_to(report.process);
  from.at("command").get_to(report.command);
  from.at("cupti").get_to(report.cupti);
  for (const json& kernel : from.at("kernels")) report.kernels.push_back(kernel_of(kernel));
  for (const json& launch : from.at("timeline")) {
    report.timeline.push_back(launch_of(launch, report.kernels.size()));
  }
  for (const json& counters : from.at("counters")) report.counters.push_back(counters_of(counters));
  from.at("timeline_omitted").get_to(report.timeline_omitted);
  from.at("dropped").get_to(report.dropped);
  for (const json& refusal : from.at("refusals")) {
    report.refusals.push_back({refusal.at("facility"), refusal.at("words"), refusal.at("advice")});
  }
  return report;
}

}  // namespace

bool is_attention_like(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto has = [&](std::string_view part) { return lower.find(part) != std::string::npos; };
  constexpr std::array kWords = {"attention", "attn", "flash", "fmha", "sdpa", "bsfa"};
  return std::any_of(kWords.begin(), kWords.end(), has) || (has("cudnn") && has("sdp"));
}

std::string to_json(const InjectionReport& report) {
  const json whole = {{"format", kFormat},
                      {"version", kVersion},
                      {"process", report.process},
                      {"command", report.command},
                      {"cupti", report.cupti},
                      {"kernels", json_list(report.kernels)},
                      {"timeline", json_list(report.timeline)},
                      {"timeline_omitted", report.timeline_omitted},
                      {"dropped", report.dropped},
                      {"counters", json_list(report.counters)},
                      {"refusals", json_list(report.refusals)}};
  // A name or command need not be UTF-8; what cannot be written is replaced rather than refused.
  constexpr int kNoIndent = -1;
  return whole.dump(kNoIndent, ' ', false, json::error_handler_t::replace);
}

InjectionReport parse_injection_report(std::string_view text, const std::string& file) {
  try {
    return report_of(json::parse(text));
  } catch (const std::exception& error) {
    throw core::InputError(file, std::string("no report of an injected library: ") + error.what());
  }
}

}  // namespace bsfa::profiler
