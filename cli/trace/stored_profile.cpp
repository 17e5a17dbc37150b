// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/stored_profile.h"

#include <utility>

#include "cli/support/json.h"

namespace bsfa::cli {
namespace {

/// A member of an object; null where it has none, or is no object.
Json member(const Json& object, const char* name) {
  return object.is_object() && object.contains(name) ? object[name] : Json();
}

std::optional<double> number_in(const Json& object, const char* name) {
  const Json value = member(object, name);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::optional<std::int64_t> count_in(const Json& object, const char* name) {
  const Json value = member(object, name);
  const bool counts = value.is_number_unsigned() && value.get<std::uint64_t>() <= INT64_MAX;
  return counts ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

analysis::LoadComparison::Side load_side(const Json& json) {
  analysis::LoadComparison::Side side;
  side.span_ns = number_in(json, "span_ns").value_or(0.0);
  side.kept = number_in(json, "kept").value_or(0.0);
  side.kept_variation = number_in(json, "kept_variation");
  side.max_over_mean = number_in(json, "max_over_mean");
  side.variation = number_in(json, "variation");
  side.tail_share = number_in(json, "tail_share");
  side.idle_share = number_in(json, "idle_share");
  side.predicted_excess = number_in(json, "predicted_excess");
  return side;
}

std::optional<LoadTimes> load_times(const Json& loads) {
  const Json fixed = member(loads, "fixed_k"), one = member(loads, "one_threshold");
  const auto first = number_in(fixed, "median_ns"), second = number_in(one, "median_ns");
  const auto ratio = number_in(loads, "one_over_fixed");
  if (!first || !second || !ratio) return std::nullopt;
  LoadTimes times;
  times.fixed_k_ns = {*first, number_in(fixed, "mad_ns").value_or(0.0)};
  times.one_threshold_ns = {*second, number_in(one, "mad_ns").value_or(0.0)};
  times.added = {*ratio - 1.0, number_in(loads, "one_over_fixed_mad").value_or(0.0)};
  times.rounds = static_cast<std::size_t>(count_in(loads, "rounds").value_or(0));
  return times;
}

void read_loads(const Json& loads, Collection& collection) {
  const Json first = member(loads, "fixed_k"), second = member(loads, "one_threshold");
  if (!first.is_object() || !second.is_object()) return;
  collection.loads.emplace();
  collection.loads->first = load_side(first);
  collection.loads->second = load_side(second);
  collection.loads_k = count_in(loads, "k").value_or(0);
  collection.loads_kept = count_in(loads, "tiles_kept").value_or(0);
  collection.load_times = load_times(loads);
}

/// What tables of the trace have no place for.
void read_report(const Json& report, StoredProfile& stored) {
  Collection& collection = stored.collection;
  stored.ceiling_tflops = number_in(member(report, "ceiling"), "ceiling_tflops");
  stored.compared = count_in(member(report, "check"), "q_blocks");
  stored.compared_of = count_in(member(report, "check"), "q_blocks_of");
  collection.counter_passes =
      static_cast<std::uint64_t>(count_in(report, "counter_passes").value_or(0));
  for (const Json& metric : member(report, "unknown_metrics")) {
    if (metric.is_string()) collection.unknown_metrics.push_back(metric.get<std::string>());
  }
  read_loads(member(report, "loads"), collection);
}

}  // namespace

std::optional<StoredProfile> stored_profile(const traces::TraceReader& reader, std::int64_t layer) {
  auto profile = reader.profile(layer);
  if (!profile) return std::nullopt;
  StoredProfile stored;
  stored.collection.profile = *std::move(profile);
  for (const std::int64_t sequence : reader.sequences(layer)) {
    // One launch computes all batch entries of a layer.
    auto overview = reader.overview(layer, sequence);
    stored.problem = overview.problem;
    if (!overview.work) continue;
    auto& records = stored.collection.records;
    records.insert(records.end(), overview.work->begin(), overview.work->end());
  }
  // One layer is profiled at a time: of several nobody says which one the report is about.
  const auto report = Json::parse(reader.report().json, nullptr, false);
  if (!report.is_discarded() && reader.layers().size() == 1) read_report(report, stored);
  return stored;
}

}  // namespace bsfa::cli
