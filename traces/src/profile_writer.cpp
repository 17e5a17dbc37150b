// SPDX-License-Identifier: Apache-2.0
#include "traces/src/profile_writer.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "traces/src/attributes.h"
#include "traces/src/profile_checks.h"
#include "traces/src/table_writer.h"

namespace bsfa::traces {
namespace {

void write_attributes(hid_t group, const Profile& profile) {
  for_each_profile_integer(
      profile, [&](const char* name, std::int64_t value) { write_integer(group, name, value); });
  for_each_profile_count(profile, [&](const char* name, std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      throw Fault("is too large", "attribute " + std::string(name));
    }
    write_integer(group, name, static_cast<std::int64_t>(value));
  });
}

void write_times(hid_t parent, const std::vector<LaunchTimes>& times) {
  const Handle group = require_group(parent, "times");
  std::vector<std::string> variants;
  std::vector<std::uint32_t> variant;
  std::vector<double> time_ns;
  for (const auto& t : times) {
    variant.insert(variant.end(), t.times_ns.size(), static_cast<std::uint32_t>(variants.size()));
    time_ns.insert(time_ns.end(), t.times_ns.begin(), t.times_ns.end());
    variants.push_back(t.variant);
  }
  write_array(group.get(), "variant", column_layout(variant.size()), variant);
  write_texts(group.get(), "variant_text", variants);
  write_array(group.get(), "time_ns", column_layout(time_ns.size()), time_ns);
}

void write_samples(hid_t parent, const Samples& samples) {
  const Handle group = require_group(parent, "samples");
  if (samples.interval_ns > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw Fault("is too large", "attribute interval_ns");
  }
  write_integer(group.get(), "interval_ns", static_cast<std::int64_t>(samples.interval_ns));
  write_array(group.get(), "start_ns", column_layout(samples.start_ns.size()), samples.start_ns);
  std::vector<std::string> metrics;
  std::vector<float> values;
  for (const auto& series : samples.series) {
    metrics.push_back(series.metric);
    values.insert(values.end(), series.values.begin(), series.values.end());
  }
  write_texts(group.get(), "metric", metrics);
  write_array(group.get(), "values", series_layout(metrics.size(), samples.start_ns.size()),
              values);
}

/// Whether the profile has an answer of this kind, be it that there was nothing.
bool is_done(const Profile& profile, const char* facility) {
  return std::any_of(profile.facilities.begin(), profile.facilities.end(), [&](const Facility& f) {
    return f.name == facility && f.status == Facility::Status::kDone;
  });
}

void write_tables(hid_t group, const Profile& profile) {
  write_table(group, "facilities", profile.facilities);
  if (is_done(profile, "time") || !profile.times.empty()) write_times(group, profile.times);
  if (is_done(profile, "activity") || !profile.spans.empty()) {
    write_table(group, "spans", profile.spans);
  }
  if (is_done(profile, "counters") || !profile.counters.empty()) {
    write_table(group, "counters", profile.counters);
  }
  if (profile.samples) write_samples(group, *profile.samples);
  if (is_done(profile, "stalls") || !profile.stalls.empty()) {
    write_table(group, "stalls", profile.stalls);
  }
  if (!profile.findings.empty()) write_long_text(group, "findings", profile.findings);
}

}  // namespace

void write_profile(hid_t file, std::int64_t layer, const Profile& profile) {
  const std::string path = profile_path(layer);
  if (layer < 0) throw Fault("layers count from 0");
  within(path, [&] { check_profile(profile); });
  const Handle layers = require_group(file, "layers");
  const Handle one = require_group(layers.get(), std::to_string(layer));
  // A reader expects this group in every layer, be there no sequence in it.
  const Handle sequences = require_group(one.get(), "seq");
  if (checked(H5Lexists(one.get(), "profile", H5P_DEFAULT), path) > 0) {
    throw Fault("is written already", path);
  }
  const Handle group = require_group(one.get(), "profile");
  within(path, [&] {
    write_attributes(group.get(), profile);
    write_tables(group.get(), profile);
  });
}

}  // namespace bsfa::traces
