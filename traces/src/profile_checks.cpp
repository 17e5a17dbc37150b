// SPDX-License-Identifier: Apache-2.0
#include "traces/src/profile_checks.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "traces/src/fields.h"
#include "traces/src/hdf5.h"

namespace bsfa::traces {
namespace {

void check_attributes(const Profile& profile) {
  for_each_profile_integer(profile, [](const char* name, std::int64_t value) {
    constexpr std::int64_t kLargest = std::int64_t{1} << 31;
    if (value < 0 || value > kLargest) {
      throw Fault("is " + std::to_string(value) + ", must be 0 to 2^31",
                  "attribute " + std::string(name));
    }
  });
  if ((profile.compute_tile.q_block == 0) != (profile.compute_tile.k_block == 0)) {
    throw Fault("has a tile product of one side only");
  }
}

void check_facilities(const std::vector<Facility>& facilities) {
  std::set<std::string> names;
  for (const auto& f : facilities) {
    if (!names.insert(f.name).second) {
      throw Fault("names '" + f.name + "' twice", "facilities/name");
    }
    if (f.status > Facility::Status::kRefused) {
      throw Fault("holds " + std::to_string(static_cast<int>(f.status)) + ", which is no status",
                  "facilities/status");
    }
  }
}

void check_times(const std::vector<LaunchTimes>& times) {
  std::set<std::string> variants;
  for (const auto& t : times) {
    if (!variants.insert(t.variant).second) {
      throw Fault("names '" + t.variant + "' twice", "times/variant_text");
    }
    for (const double time : t.times_ns) {
      if (!std::isfinite(time) || time < 0) {
        throw Fault("holds " + std::to_string(time) + ", which is no time", "times/time_ns");
      }
    }
  }
}

void check_samples(const Samples& samples) {
  if (!std::is_sorted(samples.start_ns.begin(), samples.start_ns.end())) {
    throw Fault("is not sorted", "samples/start_ns");
  }
  for (const auto& series : samples.series) {
    if (series.values.size() != samples.start_ns.size()) {
      throw Fault("has " + std::to_string(series.values.size()) + " values for " +
                      std::to_string(samples.start_ns.size()) + " samples of " + series.metric,
                  "samples/values");
    }
  }
}

}  // namespace

void check_profile(const Profile& profile) {
  check_attributes(profile);
  check_facilities(profile.facilities);
  check_times(profile.times);
  if (!std::is_sorted(profile.spans.begin(), profile.spans.end(),
                      [](const Span& a, const Span& b) { return a.start_ns < b.start_ns; })) {
    throw Fault("is not sorted", "spans/start_ns");
  }
  if (profile.samples) check_samples(*profile.samples);
}

}  // namespace bsfa::traces
