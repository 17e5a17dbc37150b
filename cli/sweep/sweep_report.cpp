// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/support/format.h"
#include "cli/support/json.h"
#include "cli/support/provenance.h"
#include "cli/support/table.h"
#include "cli/support/verdict_figures.h"
#include "cli/sweep/sweep.h"

namespace bsfa::cli {
namespace {

double speed_up(const SweepLayer& layer, const SweepRow& row) {
  return layer.rows.front().kernel_ms / row.kernel_ms;
}

std::string calibration_of(const SweepOptions& options) {
  return options.thresholds.empty() ? "calibrated on this very input" : options.thresholds;
}

/// Gating off cannot prove anything about gating, and is not asked to.
std::string verdict_of(const SweepRow& row) {
  if (!row.k && row.verdict.passed) return "-";
  return std::string(analysis::name_of(row.verdict.outcome));
}

std::vector<std::string> cells(const SweepLayer& layer, const SweepRow& row) {
  std::vector<std::string> cells = verdict_cells(row.verdict);
  cells.insert(cells.begin(), row.k ? std::to_string(*row.k) : "off");
  cells.push_back(duration(row.kernel_ms / 1e3));
  cells.push_back(fmt::format("{:.2f}x", speed_up(layer, row)));
  cells.push_back(verdict_of(row));
  return cells;
}

Table sweep_table() {
  std::vector<std::string> headings = verdict_headings();
  headings.insert(headings.begin(), "k");
  for (const char* heading : {"kernel\ntime", "speed-up", "verdict"})
    headings.emplace_back(heading);
  Table table(headings);
  table.align_left(headings.size() - 1);
  return table;
}

std::string layer_text(const SweepOptions& options, const SweepLayer& layer) {
  const OutputLabel& output = layer.rows.front().output;
  std::string text =
      fields({{"input", fmt::format("{}, layer {}", options.qkv, layer.layer)},
              {"problem", describe(layer.problem)},
              {"kernel", output.name + " (" + output.origin + ")"},
              {"thresholds", calibration_of(options)},
              {"checked", fmt::format("{} of {} Q blocks", count(layer.checked), count(layer.of))},
              {"kernel time", fmt::format("median of {} interleaved rounds", layer.timing_rounds)}},
             "");
  Table table = sweep_table();
  for (const auto& row : layer.rows) table.add(cells(layer, row));
  text += "\n" + table.text("");
  for (const auto& row : layer.rows) {
    if (row.verdict.passed) continue;
    for (const auto& reason : row.verdict.reasons) {
      text += fmt::format("  {}: {}\n", row.k ? fmt::format("k {}", *row.k) : "gate off", reason);
    }
  }
  return text;
}

Json row_json(const SweepLayer& layer, const SweepRow& row) {
  Json json = {{"k", row.k ? Json(*row.k) : Json(nullptr)},
               {"verdict", analysis::name_of(row.verdict.outcome)},
               {"reasons", row.verdict.reasons}};
  json.update(verdict_numbers(row.verdict));
  json["kernel_ms"] = number(row.kernel_ms);
  json["kernel_mad_ms"] = number(row.kernel_mad_ms);
  json["speed_up"] = number(speed_up(layer, row));
  return json;
}

}  // namespace

std::string sweep_text(const SweepOptions& options, const std::vector<SweepLayer>& layers) {
  std::string text;
  for (const auto& layer : layers) {
    if (!text.empty()) text += "\n";
    text += layer_text(options, layer);
  }
  return text;
}

std::string sweep_json(const SweepOptions& options, const std::vector<SweepLayer>& layers,
                       const std::string& command_line, const std::string& sha256) {
  auto provenance = new_provenance(command_line);
  const OutputLabel& output = layers.front().rows.front().output;
  provenance.input_file = options.qkv;
  provenance.input_sha256 = sha256;
  provenance.kernel = output.name + " (" + output.origin + ")";
  provenance.gpu = output.gpu;
  provenance.driver = output.driver;
  provenance.thresholds = calibration_of(options);
  Json json = {{"self_calibrated", options.thresholds.empty()}, {"layers", Json::array()}};
  for (const auto& layer : layers) {
    Json rows = Json::array();
    for (const auto& row : layer.rows) rows.push_back(row_json(layer, row));
    json["layers"].push_back({{"layer", layer.layer},
                              {"problem", to_json(layer.problem)},
                              {"sampled", layer.checked < layer.of},
                              {"sample", {{"count", layer.checked}, {"of", layer.of}}},
                              {"timing_rounds", layer.timing_rounds},
                              {"rows", rows}});
  }
  json["provenance"] = to_json(provenance);
  return dump(json);
}

}  // namespace bsfa::cli
