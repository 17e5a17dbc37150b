// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "cli/compare/report.h"
#include "cli/support/provenance.h"
#include "cli/support/verdict_figures.h"

namespace bsfa::cli {
namespace {

Json verdict_json(const analysis::Verdict& v) {
  Json json = {
      {"verdict", analysis::name_of(v.outcome)}, {"passed", v.passed}, {"reasons", v.reasons}};
  json.update(verdict_numbers(v));
  json["gating_inferred"] = v.gating_inferred;
  json["failed"] = {{"arithmetic", v.arithmetic_failed},
                    {"gating", v.gating_failed},
                    {"contract", v.contract_failed}};
  return json;
}

Json head_json(const HeadResult& head) {
  Json json = {{"layer", head.layer},
               {"batch", head.batch},
               {"head", head.head},
               {"verdict", analysis::name_of(head.verdict.outcome)}};
  json.update(verdict_numbers(head.verdict));
  return json;
}

Json place_json(const Place& place) {
  const auto& item = place.block->item;
  return {{"layer", place.layer->layer},
          {"batch", item.batch},
          {"head", item.head},
          {"q_block", item.q_block}};
}

Json arithmetic_json(const Place& place) {
  const auto& a = place.block->arithmetic;
  Json json = place_json(place);
  json.update({{"ratio", number(worst_ratio(*place.block))},
               {"o",
                {{"error", number(a.error)},
                 {"bound", number(a.bound)},
                 {"row", a.worst_row},
                 {"channel", a.worst_channel}}},
               {"lse",
                {{"error", number(a.lse_error)},
                 {"bound", number(a.lse_bound)},
                 {"row", a.worst_lse_row}}}});
  return json;
}

Json gating_json(const Place& place) {
  const auto& g = place.block->gating;
  Json json = place_json(place);
  json.update({{"k_block", g.worst_k_block},
               {"violations", g.violations},
               {"ties", g.ties},
               {"tile_max_ratio", number(g.tile_max_ratio)},
               {"what", g.what}});
  return json;
}

Json method_json(const Place& place) {
  const auto& m = place.block->method;
  Json json = place_json(place);
  json.update({{"relative_l2", number(m.relative_l2())},
               {"max_difference", number(m.max_difference)},
               {"retained_mass", number(m.retained_mass)},
               {"certificate", number(m.certificate)}});
  return json;
}

Json worst_json(const Overall& overall) {
  const auto one = [](const std::optional<Place>& place, Json (*write)(const Place&)) {
    return place ? write(*place) : Json(nullptr);
  };
  return {{"arithmetic", one(overall.worst_arithmetic, arithmetic_json)},
          {"gating", one(overall.worst_gating, gating_json)},
          {"method", one(overall.worst_method, method_json)}};
}

Json kernel_json(const LayerResult& layer) {
  const OutputLabel& o = layer.output;
  return {{"name", o.name},
          {"origin", o.origin},
          {"build", o.build},
          {"runs", o.runs},
          {"work_list", layer.kernel_took_work_list},
          {"reports_mask", layer.facts.mask_reported}};
}

Json elapsed_json(const Timings& t, const OutputLabel& output) {
  return {{"calibration_s", t.calibration_s},
          {"kernel_ms", number(output.elapsed_ms)},
          {"kernel_s", t.kernel_s},
          {"check_s", t.check_s}};
}

Json sample_json(const Sampling& s) {
  return {{"count", s.checked}, {"of", s.of}, {"seed", s.seed ? Json(*s.seed) : Json(nullptr)}};
}

Json layer_json(const LayerResult& layer) {
  Json json = {{"layer", layer.layer}};
  json.update(verdict_json(layer.verdict));
  json["problem"] = to_json(layer.problem);
  json["input_rounded"] = layer.input_rounded;
  json["kernel"] = kernel_json(layer);
  json["thresholds"] = {{"source", layer.thresholds},
                        {"k", layer.k ? Json(*layer.k) : Json(nullptr)},
                        {"self_calibrated", layer.self_calibrated}};
  json["sample"] = sample_json(layer.sampling);
  json["self_consistency"] = {{"tiles", layer.facts.self_consistency.tiles},
                              {"violations", layer.facts.self_consistency.violations}};
  json["elapsed"] = elapsed_json(layer.timings, layer.output);
  return json;
}

Sampling total_sampling(const std::vector<LayerResult>& layers) {
  Sampling total;
  for (const auto& layer : layers) {
    total.sampled |= layer.sampling.sampled;
    total.checked += layer.sampling.checked;
    total.of += layer.sampling.of;
    total.seed = layer.sampling.seed;
  }
  return total;
}

}  // namespace

Json json_report(const std::vector<LayerResult>& layers, const Overall& overall,
                 const traces::Provenance& provenance, double elapsed_s) {
  const Sampling sampling = total_sampling(layers);
  Json json = verdict_json(overall.verdict);
  json["sampled"] = sampling.sampled;
  json["sample"] = sample_json(sampling);
  json["self_calibrated"] = layers.front().self_calibrated;
  json["worst"] = worst_json(overall);
  json["heads"] = Json::array();
  json["layers"] = Json::array();
  for (const auto& layer : layers) {
    for (const auto& head : heads_of(layer)) json["heads"].push_back(head_json(head));
    json["layers"].push_back(layer_json(layer));
  }
  json["provenance"] = to_json(provenance);
  json["elapsed_s"] = elapsed_s;
  return json;
}

}  // namespace bsfa::cli
