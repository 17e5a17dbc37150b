// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "cli/profile/report.h"
#include "cli/support/provenance.h"
#include "cli/support/verdict_figures.h"

namespace bsfa::cli {
namespace {

constexpr std::size_t kMostStallLines = 50;

Json facility_json(const traces::Facility& f) {
  const bool done = f.status == traces::Facility::Status::kDone;
  Json json = {{"name", f.name},
               {"status", done ? "done" : "refused"},
               {"wall_ms", number(f.wall_ms)},
               {"slowdown", number(f.slowdown)},
               {"dropped", f.dropped}};
  if (!done) {
    json["refusal"] = f.refusal;
    json["advice"] = f.advice;
  }
  return json;
}

Json time_json(const VariantTime& row, const traces::LaunchTimes& times) {
  Json json = {{"variant", row.variant},
               {"median_ns", number(row.summary_ns.median)},
               {"mad_ns", number(row.summary_ns.mad)},
               {"rounds", row.rounds}};
  if (row.added) {
    json["added_share"] = number(row.added->share);
    json["added_deviation"] = number(row.added->deviation);
    json["limit"] = number(row.limit);
    json["within_limit"] = row.added->share <= *row.limit;
  }
  json["times_ns"] = Json::array();
  for (const double time : times.times_ns) json["times_ns"].push_back(number(time));
  return json;
}

Json balance_json(const analysis::Balance& b) {
  if (b.units.empty()) return nullptr;
  Json json = {{"units", b.units.size()},
               {"absent", b.absent},
               {"span_ns", number(b.span_ns)},
               {"mean_busy_ns", number(b.mean_busy_ns)},
               {"max_over_mean", number(b.max_over_mean)},
               {"variation", number(b.variation)},
               {"tail_share", number(b.tail_share)},
               {"idle_share", number(b.idle_share)},
               {"within_cta", number(b.within_cta)}};
  if (b.idle) {
    json["idle"] = {{"absent", number(b.idle->absent)},
                    {"before", number(b.idle->before)},
                    {"between", number(b.idle->between)},
                    {"after", number(b.idle->after)}};
  }
  return json;
}

Json coefficient_json(const std::optional<analysis::Coefficient>& c) {
  if (!c) return nullptr;
  return {{"value", number(c->value)}, {"standard_error", number(c->standard_error)}};
}

Json model_json(const analysis::CostModel& model) {
  return {{"items", model.items},
          {"per_item_ns", coefficient_json(model.per_item_ns)},
          {"per_seen_ns", coefficient_json(model.per_seen_ns)},
          {"per_kept_ns", coefficient_json(model.per_kept_ns)},
          {"together_ns", coefficient_json(model.together_ns)},
          {"kept_per_seen", number(model.kept_per_seen)},
          {"r_squared", number(model.r_squared)},
          {"residual_ns", number(model.residual_ns)},
          {"outliers", model.outliers.size()}};
}

Json work_json(const Conclusions& c, std::size_t records) {
  if (!c.work) return nullptr;
  const analysis::WorkProfile& work = *c.work;
  Json json = {{"records", records},
               {"set_aside", work.records.set_aside()},
               {"items", number(c.totals.items)},
               {"tiles_seen", number(c.totals.seen)},
               {"tiles_kept", number(c.totals.kept)},
               {"qk_products", number(c.totals.qk_products)},
               {"pv_products", number(c.totals.pv_products)},
               {"unit", analysis::unit_name(work.records.clock)},
               {"balance",
                {{"units", balance_json(work.units)},
                 {"ctas", balance_json(work.ctas)},
                 {"warpgroups", balance_json(work.warpgroups)},
                 {"warps", balance_json(work.warps)}}},
               {"model", model_json(work.model)}};
  if (work.causes) {
    json["causes"] = {{"excess", number(work.causes->excess)},
                      {"work", number(work.causes->work)},
                      {"elsewhere", number(work.causes->elsewhere)}};
  }
  return json;
}

Json tensor_json(const std::optional<analysis::TensorCheck>& check) {
  if (!check) return nullptr;
  return {{"counted", check->counted},
          {"predicted", check->predicted ? Json(*check->predicted) : Json(nullptr)},
          {"equal", check->equal},
          {"needed", number(check->needed)},
          {"beyond", number(check->beyond)},
          {"qk_beyond", number(check->qk_beyond)},
          {"pv_beyond", number(check->pv_beyond)}};
}

Json bound_json(const std::optional<analysis::BoundDistance>& bound) {
  if (!bound) return nullptr;
  return {{"bound", number(bound->bound)},
          {"predicted", number(bound->predicted)},
          {"measured", number(bound->measured)},
          {"reached", number(bound->reached)}};
}

Json ceiling_json(const ProfileReport& r) {
  const auto& ceiling = r.conclusions.ceiling;
  if (!ceiling) return nullptr;
  return {{"ceiling_tflops", number(r.subject.options().ceiling_tflops)},
          {"issued_tflops", number(1e-12 * ceiling->issued_rate)},
          {"dense_equivalent_tflops", number(1e-12 * ceiling->dense_equivalent_rate)},
          {"share_of_ceiling", number(ceiling->share_of_ceiling)}};
}

Json traffic_json(const Conclusions& c) {
  Json list = Json::array();
  for (const Traffic& t : c.traffic) {
    Json json = {{"place", t.place},
                 {"bytes", number(t.bytes)},
                 {"bytes_per_s", number(t.rate)},
                 {"peak_bytes_per_s", number(t.peak_rate)},
                 {"flops_per_byte", number(t.intensity)}};
    if (t.roofline) {
      json["ridge_flops_per_byte"] = number(t.roofline->ridge);
      json["memory_bound"] = t.roofline->memory_bound;
      json["attainable_tflops"] = number(1e-12 * t.roofline->attainable);
      json["share_of_attainable"] = number(t.roofline->share);
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json values_json(const std::optional<analysis::ValueTraffic>& values) {
  if (!values) return nullptr;
  return {{"expected_bytes", number(values->expected_bytes)},
          {"dense_bytes", number(values->dense_bytes)},
          {"seen_bytes", number(values->seen_bytes)},
          {"seen_over_expected", number(values->seen_over_expected)},
          {"spared", number(values->spared)}};
}

Json counters_json(const Collection& c) {
  Json list = Json::array();
  for (const auto& counter : c.profile.counters) {
    list.push_back(
        {{"set", counter.set}, {"metric", counter.metric}, {"value", number(counter.value)}});
  }
  return list;
}

Json samples_json(const std::optional<traces::Samples>& samples) {
  if (!samples) return nullptr;
  Json json = {{"interval_ns", samples->interval_ns},
               {"count", samples->start_ns.size()},
               {"series", Json::array()}};
  for (const auto& series : samples->series) {
    const auto range = range_of(series);
    Json row = {{"metric", series.metric}};
    for (const auto& [name, value] :
         {std::pair("low", &SeriesRange::low), std::pair("median", &SeriesRange::median),
          std::pair("high", &SeriesRange::high)}) {
      row[name] = range ? number((*range).*value) : Json(nullptr);
    }
    json["series"].push_back(std::move(row));
  }
  return json;
}

Json stalls_json(const traces::Profile& profile) {
  const StallSums sums = sum_stalls(profile.stalls);
  Json json = {{"samples", sums.samples}, {"reasons", Json::array()}, {"lines", Json::array()}};
  for (const auto& reason : sums.reasons) {
    json["reasons"].push_back({{"reason", reason.place}, {"samples", reason.samples}});
  }
  for (std::size_t i = 0; i < std::min(kMostStallLines, sums.lines.size()); ++i) {
    const StallSum& line = sums.lines[i];
    json["lines"].push_back(
        {{"place", line.place}, {"text", line.text}, {"samples", line.samples}});
  }
  return json;
}

Json load_json(const analysis::LoadComparison::Side& side) {
  return {{"span_ns", number(side.span_ns)},
          {"kept", number(side.kept)},
          {"kept_variation", number(side.kept_variation)},
          {"max_over_mean", number(side.max_over_mean)},
          {"variation", number(side.variation)},
          {"tail_share", number(side.tail_share)},
          {"idle_share", number(side.idle_share)},
          {"predicted_excess", number(side.predicted_excess)}};
}

Json loads_json(const Collection& c) {
  if (!c.loads) return nullptr;
  constexpr const char* kBetter[] = {"fixed_k", "one_threshold", "neither"};
  Json json = {{"fixed_k", load_json(c.loads->first)},
               {"one_threshold", load_json(c.loads->second)},
               {"k", c.loads_k},
               {"tiles_kept", c.loads_kept},
               {"more_even", kBetter[static_cast<std::size_t>(c.loads->better)]}};
  if (!c.load_times) return json;
  const LoadTimes& times = *c.load_times;
  const auto add = [&](const char* side, const analysis::TimeSummary& summary) {
    json[side]["median_ns"] = number(summary.median);
    json[side]["mad_ns"] = number(summary.mad);
  };
  add("fixed_k", times.fixed_k_ns);
  add("one_threshold", times.one_threshold_ns);
  json["rounds"] = times.rounds;
  if (times.added) {
    json["one_over_fixed"] = number(1.0 + times.added->share);
    json["one_over_fixed_mad"] = number(times.added->deviation);
  }
  return json;
}

Json check_json(const LayerResult* check) {
  if (check == nullptr) return nullptr;
  Json json = {{"verdict", analysis::name_of(check->verdict.outcome)},
               {"passed", check->verdict.passed},
               {"sampled", check->sampling.sampled},
               {"q_blocks", check->sampling.checked},
               {"q_blocks_of", check->sampling.of},
               {"reasons", check->verdict.reasons}};
  json.update(verdict_numbers(check->verdict));
  return json;
}

}  // namespace

Json findings_json(const Conclusions& conclusions) {
  Json list = Json::array();
  for (const auto& finding : conclusions.findings) {
    Json numbers = Json::object();
    for (const auto& [name, value] : finding.numbers) numbers[name] = number(value);
    list.push_back({{"severity", analysis::name_of(finding.severity)},
                    {"rule", finding.rule},
                    {"text", finding.text},
                    {"size", number(finding.size)},
                    {"numbers", std::move(numbers)}});
  }
  return list;
}

Json profile_json(const ProfileReport& r, const traces::Provenance& provenance) {
  const Conclusions& c = r.conclusions;
  const traces::Profile& profile = r.collection.profile;
  Json json = {{"input", r.subject.source().name},
               {"problem", to_json(r.subject.problem())},
               {"thresholds", r.subject.thresholds().source},
               {"multiprocessors", profile.multiprocessors},
               {"facilities", Json::array()},
               {"times", Json::array()}};
  for (const auto& f : profile.facilities) json["facilities"].push_back(facility_json(f));
  for (std::size_t i = 0; i < c.times.size(); ++i) {
    json["times"].push_back(time_json(c.times[i], profile.times[i]));
  }
  json["work"] = work_json(c, r.collection.records.size());
  json["tensor_check"] = tensor_json(c.tensor);
  json["bound"] = bound_json(c.bound);
  json["ceiling"] = ceiling_json(r);
  json["traffic"] = traffic_json(c);
  json["value_traffic"] = values_json(c.values);
  json["counter_passes"] = r.collection.counter_passes;
  json["counters"] = counters_json(r.collection);
  json["unknown_metrics"] = r.collection.unknown_metrics;
  json["samples"] = samples_json(profile.samples);
  json["stalls"] = stalls_json(profile);
  json["loads"] = loads_json(r.collection);
  json["check"] = check_json(r.check);
  json["findings"] = findings_json(c);
  json["elapsed_s"] = number(r.elapsed_s);
  json["provenance"] = to_json(provenance);
  return json;
}

}  // namespace bsfa::cli
