// SPDX-License-Identifier: Apache-2.0
#include "traces/src/profile_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "traces/src/attributes.h"
#include "traces/src/profile_checks.h"
#include "traces/src/table_reader.h"

namespace bsfa::traces {
namespace {

/// What all parts of one profile are read with.
struct Source {
  hid_t group;
  std::string path;
  FileContext& context;
};

Handle open_layer(hid_t file, std::int64_t layer) {
  const Handle layers = open_group(file, "layers", "/layers");
  const std::string name = std::to_string(layer);
  return open_group(layers.get(), name, "/layers/" + name);
}

std::uint64_t read_count(hid_t group, const char* name) {
  const std::int64_t value = read_integer(group, name);
  if (value < 0) {
    throw Fault("is " + std::to_string(value) + ", must not be negative",
                "attribute " + std::string(name));
  }
  return static_cast<std::uint64_t>(value);
}

void read_attributes(hid_t group, Profile& out) {
  for_each_profile_integer(
      out, [&](const char* name, std::int64_t& value) { value = read_integer(group, name); });
  for_each_profile_count(
      out, [&](const char* name, std::uint64_t& value) { value = read_count(group, name); });
}

template <typename Row>
std::vector<Row> table_or_none(const Source& from, const std::string& name) {
  auto rows = read_table<Row>(from.group, name, from.path + "/" + name, from.context);
  return rows ? std::move(*rows) : std::vector<Row>{};
}

std::vector<LaunchTimes> read_times(const Source& from) {
  const std::string path = from.path + "/times";
  if (!has_link(from.group, "times", path)) return {};
  const Handle group = open_group(from.group, "times", path);
  std::vector<LaunchTimes> times;
  for (auto& variant :
       read_texts(group.get(), "variant_text", path + "/variant_text", from.context)) {
    times.push_back({std::move(variant), {}});
  }
  const auto variant = read_indices(group.get(), "variant", path + "/variant", times.size(),
                                    std::nullopt, from.context);
  const auto time_ns = read_number_column<double>(group.get(), "time_ns", path + "/time_ns",
                                                  variant.size(), from.context);
  for (std::size_t i = 0; i < variant.size(); ++i) {
    times[variant[i]].times_ns.push_back(time_ns[i]);
  }
  return times;
}

std::optional<Samples> read_samples(const Source& from) {
  const std::string path = from.path + "/samples";
  if (!has_link(from.group, "samples", path)) return std::nullopt;
  const Handle group = open_group(from.group, "samples", path);
  Samples samples;
  samples.interval_ns = within(path, [&] { return read_count(group.get(), "interval_ns"); });
  samples.start_ns = read_number_column<std::uint64_t>(group.get(), "start_ns", path + "/start_ns",
                                                       std::nullopt, from.context);
  const std::size_t size = samples.start_ns.size();
  auto metrics = read_texts(group.get(), "metric", path + "/metric", from.context);
  DatasetReader dataset(group.get(), "values", path + "/values", 2, from.context);
  dataset.expect_dims({metrics.size(), size});
  const auto values = dataset.read_all<float>();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i * size);
    samples.series.push_back(
        {std::move(metrics[i]), {first, first + static_cast<std::ptrdiff_t>(size)}});
  }
  return samples;
}

Profile read_parts(const Source& from) {
  Profile out;
  read_attributes(from.group, out);
  out.facilities = table_or_none<Facility>(from, "facilities");
  out.times = read_times(from);
  out.spans = table_or_none<Span>(from, "spans");
  // What a newer version knows besides says nothing to this one.
  std::erase_if(out.spans, [](const Span& span) { return span.kind > SpanKind::kFill; });
  out.counters = table_or_none<Counter>(from, "counters");
  out.samples = read_samples(from);
  out.stalls = table_or_none<StallLine>(from, "stalls");
  const std::string findings = from.path + "/findings";
  if (has_link(from.group, "findings", findings)) {
    out.findings = DatasetReader(from.group, "findings", findings, 1, from.context).read_text();
  }
  return out;
}

}  // namespace

bool has_profile(hid_t file, std::int64_t layer) {
  const Handle group = open_layer(file, layer);
  return has_link(group.get(), "profile", profile_path(layer));
}

std::optional<Profile> read_profile(hid_t file, std::int64_t layer, FileContext& context) {
  const std::string path = profile_path(layer);
  const Handle parent = open_layer(file, layer);
  if (!has_link(parent.get(), "profile", path)) return std::nullopt;
  const Handle group = open_group(parent.get(), "profile", path);
  return within(path, [&]() -> std::optional<Profile> {
    Profile profile = read_parts({group.get(), path, context});
    check_profile(profile);
    return profile;
  });
}

}  // namespace bsfa::traces
