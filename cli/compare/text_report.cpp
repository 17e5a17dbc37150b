// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cli/compare/report.h"
#include "cli/support/format.h"
#include "cli/support/table.h"
#include "cli/support/verdict_figures.h"

namespace bsfa::cli {
namespace {

using analysis::Verdict;
using Entries = std::vector<std::pair<std::string, std::string>>;

std::string kernel_line(const LayerResult& layer) {
  const OutputLabel& o = layer.output;
  if (o.runs == 0) return fmt::format("none, saved output {}", o.name);
  std::string line = o.name + " (" + o.origin + (o.build.empty() ? "" : ", " + o.build) + ")";
  line += ", " + duration(*o.elapsed_ms / 1e3);
  if (!o.gpu.empty()) line += " on " + o.gpu;
  if (o.runs < 2) return line + ", run once";
  return line + (layer.facts.difference_between_runs.empty() ? ", two runs agree bit for bit"
                                                             : ", two runs differ");
}

std::string checked_line(const LayerResult& layer) {
  const Sampling& s = layer.sampling;
  if (!s.sampled) return fmt::format("all {} Q blocks", count(s.of));
  return fmt::format("{} of {} Q blocks{}{}", count(s.checked), count(s.of),
                     s.seed ? fmt::format(", sampled with seed {}", *s.seed) : "",
                     layer.kernel_took_work_list ? "; the kernel computed these alone" : "");
}

std::string header(const std::vector<LayerResult>& layers, const std::string& input) {
  const LayerResult& first = layers.front();
  Entries entries = {
      {"input", layers.size() == 1 ? fmt::format("{}, layer {}", input, first.layer)
                                   : fmt::format("{}, {} layers", input, layers.size())},
      {"problem", describe(first.problem) + (first.input_rounded ? " (rounded from fp32)" : "")},
      {"kernel", kernel_line(first)},
      {"thresholds", first.thresholds},
      {"checked", checked_line(first) + (layers.size() > 1 ? " in each layer" : "")}};
  return fields(entries, "");
}

std::vector<std::string> cells(const std::string& name, const Verdict& v) {
  std::vector<std::string> cells = verdict_cells(v);
  cells.insert(cells.begin(), name);
  cells.emplace_back(v.outcome == analysis::Outcome::kFail ? "<- fail" : "");
  return cells;
}

Table verdict_table(const std::string& what) {
  std::vector<std::string> headings = verdict_headings();
  headings.insert(headings.begin(), what);
  headings.emplace_back("");
  Table table(headings);
  table.align_left(headings.size() - 1);
  return table;
}

std::string body(const std::vector<LayerResult>& layers, const Overall& overall) {
  Table table = verdict_table(layers.size() == 1 ? "head" : "layer");
  if (layers.size() == 1) {
    for (const auto& head : pooled_heads_of(layers.front())) {
      table.add(cells(std::to_string(head.head), head.verdict));
    }
  } else {
    for (const auto& layer : layers) table.add(cells(std::to_string(layer.layer), layer.verdict));
  }
  table.add_rule();
  auto total = cells("all", overall.verdict);
  total.back().clear();
  table.add(std::move(total));
  return table.text("");
}

std::string tiles_line(const Verdict& v) {
  return fmt::format("{} off-diagonal: {} kept, {} skipped; {} diagonal, always kept",
                     count(v.tiles.off_diagonal), count(v.tiles.kept), count(v.tiles.skipped),
                     count(v.tiles.diagonal));
}

std::string certificate_line(const Verdict& v) {
  if (v.certificate == 0.0) return "no row loses any softmax mass";
  if (v.certificate < 1.0) {
    return fmt::format("no row loses more than {} times the softmax mass that it keeps",
                       figure(v.certificate));
  }
  return fmt::format("none: the bound on lost over kept mass is {} in some row",
                     figure(v.certificate));
}

std::string where(const Place& place, bool with_layer) {
  const std::string text = describe(place.block->item, place.layer->problem);
  return with_layer ? fmt::format("layer {}, {}", place.layer->layer, text) : text;
}

std::string arithmetic_line(const Place& place, bool with_layer) {
  const auto& a = place.block->arithmetic;
  const std::string at = where(place, with_layer);
  if (a.lse_ratio > a.ratio) {
    return fmt::format("{}, row {}: LSE off by {}, bound {}", at, a.worst_lse_row,
                       figure(a.lse_error), figure(a.lse_bound));
  }
  return fmt::format("{}, row {}, channel {}: O off by {}, bound {}", at, a.worst_row,
                     a.worst_channel, figure(a.error), figure(a.bound));
}

std::string gating_line(const Place& place, bool with_layer) {
  const auto& g = place.block->gating;
  std::string line = fmt::format("{}, K block {}: ", where(place, with_layer), g.worst_k_block);
  if (!g.what.empty()) return line + g.what;
  return line + fmt::format("tile_max off by {} of what fp32 allows", figure(g.tile_max_ratio));
}

std::string method_line(const Place& place, bool with_layer) {
  const auto& m = place.block->method;
  return fmt::format("{}: relative L2 {}, retained mass {}", where(place, with_layer),
                     figure(m.relative_l2()), mass(m.retained_mass));
}

std::string details(const std::vector<LayerResult>& layers, const Overall& overall,
                    double elapsed_s) {
  const bool with_layer = layers.size() > 1;
  const Verdict& v = overall.verdict;
  Entries entries = {{"tiles", tiles_line(v)}, {"certificate", certificate_line(v)}};
  if (overall.worst_arithmetic)
    entries.emplace_back("worst arithmetic",
                         arithmetic_line(*overall.worst_arithmetic, with_layer));
  if (overall.worst_gating)
    entries.emplace_back("worst gating", gating_line(*overall.worst_gating, with_layer));
  if (overall.worst_method)
    entries.emplace_back("worst method", method_line(*overall.worst_method, with_layer));
  if (v.gating_inferred) {
    entries.emplace_back(
        "gating", fmt::format("inferred: no mask was reported; {} Q blocks with ties are set aside",
                              count(v.set_aside)));
  }
  if (v.exempt_channels > 0) {
    entries.emplace_back("exempt", fmt::format("{} channels of Q blocks whose kept V is not finite",
                                               count(v.exempt_channels)));
  }
  entries.emplace_back("time", duration(elapsed_s));
  return fields(entries, "");
}

}  // namespace

std::string verdict_lines(const Verdict& verdict) {
  std::string text = fmt::format("verdict: {}\n", analysis::name_of(verdict.outcome));
  for (const auto& reason : verdict.reasons) text += "  " + reason + "\n";
  return text;
}

std::string text_report(const std::vector<LayerResult>& layers, const Overall& overall,
                        const std::string& input, double elapsed_s) {
  return header(layers, input) + "\n" + body(layers, overall) + "\n" +
         details(layers, overall, elapsed_s) + "\n" + verdict_lines(overall.verdict);
}

}  // namespace bsfa::cli
