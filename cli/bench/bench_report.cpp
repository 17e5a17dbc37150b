// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include <fmt/format.h>

#include "cli/bench/bench.h"
#include "cli/support/format.h"
#include "cli/support/provenance.h"
#include "cli/support/table.h"
#include "core/tile_geometry.h"

namespace bsfa::cli {
namespace {

/// Multiplications and additions of QK and PV over the pairs that are visible.
double dense_operations(const core::Problem& p) {
  const core::TileGeometry geometry(p);
  double pairs = 0.0;
  for (std::int64_t row = 0; row < p.q_len; ++row) {
    pairs += static_cast<double>(geometry.visible_columns(row));
  }
  return 4.0 * pairs * static_cast<double>(p.head_dim * p.heads * p.batch);
}

double tflops(const BenchResult& result, const BenchRow& row) {
  return dense_operations(result.problem) / row.summary_ms.median * 1e-9;
}

double ratio(const BenchResult& result, const BenchRow& row) {
  return result.rows.front().summary_ms.median / row.summary_ms.median;
}

/// Short, because a path would push the numbers out of sight.
std::string short_name(const kernels::Kernel& kernel) {
  const std::string& origin = kernel.library->origin();
  if (origin == "built-in") return kernel.name();
  return std::filesystem::path(origin).filename().string() + ":" + kernel.name();
}

double largest_spread(const BenchResult& result) {
  double largest = 0.0;
  for (const BenchRow& row : result.rows) {
    largest = std::max(largest, analysis::relative_spread(row.times_ms));
  }
  return largest;
}

std::string rounds_text(const BenchOptions& o, const BenchResult& result) {
  const std::string done =
      fmt::format("{} in {}", result.rows.front().times_ms.size(), duration(result.seconds));
  if (result.stopped == analysis::Stopped::kSpread) {
    return fmt::format("{}, until every spread was at most {:g} %", done, 100.0 * o.rule.spread);
  }
  return fmt::format("{}, until {} was reached; the largest spread is {}", done,
                     result.stopped == analysis::Stopped::kRounds ? "--max-rounds" : "--max-time",
                     percent(largest_spread(result)));
}

std::vector<std::pair<std::string, std::string>> head(const BenchOptions& o,
                                                      const BenchResult& result) {
  std::vector<std::pair<std::string, std::string>> entries = {{"input", result.input},
                                                              {"problem", describe(result.problem)},
                                                              {"thresholds", result.thresholds},
                                                              {"rounds", rounds_text(o, result)}};
  if (result.gpu.empty()) return entries;
  entries.emplace_back("GPU", fmt::format("{}, driver {}", result.gpu, result.driver));
  entries.emplace_back("L2 cache", fmt::format("{} of random bytes copied before every run",
                                               bytes(result.flush_bytes)));
  for (auto& field : gpu_fields(*result.state)) entries.push_back(std::move(field));
  return entries;
}

Json row_json(const BenchResult& result, const BenchRow& row) {
  const char* build = row.kernel.library->table().build;
  Json times = Json::array();
  for (const double time : row.times_ms) times.push_back(number(time));
  return {{"kernel", row.kernel.name()},
          {"origin", row.kernel.library->origin()},
          {"build", build != nullptr ? build : ""},
          {"setting", row.setting.name},
          {"gate", row.setting.name == "gate off" ? "off" : "on"},
          {"kept", number(row.setting.kept)},
          {"k", row.setting.k ? Json(*row.setting.k) : Json(nullptr)},
          {"tau", number(row.setting.tau)},
          {"level", name_of(row.level)},
          {"kept_measured", number(row.kept_measured)},
          {"median_ms", number(row.summary_ms.median)},
          {"mad_ms", number(row.summary_ms.mad)},
          {"rounds", row.times_ms.size()},
          {"dense_equivalent_tflops", number(tflops(result, row))},
          {"ratio_to_first", number(ratio(result, row))},
          {"times_ms", std::move(times)}};
}

Json rule_json(const analysis::StoppingRule& rule) {
  return {{"min_rounds", rule.min_rounds},
          {"max_rounds", rule.max_rounds},
          {"min_seconds", rule.min_seconds},
          {"max_seconds", rule.max_seconds},
          {"spread", rule.spread}};
}

}  // namespace

std::string bench_text(const BenchOptions& o, const BenchResult& result) {
  Table table({"kernel", "gate", "level", "kept", "median\nms", "MAD\nms", "rounds",
               "dense-equiv.\nTFLOP/s", "speed over\nthe first"});
  for (const std::size_t column : {0U, 1U, 2U}) table.align_left(column);
  for (const BenchRow& row : result.rows) {
    table.add({short_name(row.kernel), row.setting.name, name_of(row.level),
               percent(row.kept_measured), fmt::format("{:.4g}", row.summary_ms.median),
               fmt::format("{:.2g}", row.summary_ms.mad), std::to_string(row.times_ms.size()),
               figure(tflops(result, row)), fmt::format("{:.3f}x", ratio(result, row))});
  }
  std::string text = fields(head(o, result), "") + "\n" + table.text("");
  if (!result.unsupported.empty()) text += "\n";
  for (const Unsupported& left_out : result.unsupported) {
    text += fmt::format("left out: level {}, {}\n", name_of(left_out.level), left_out.reason);
  }
  return text;
}

std::string bench_json(const BenchOptions& o, const BenchResult& result,
                       const std::string& command_line, const std::string& sha256) {
  auto provenance = new_provenance(command_line);
  provenance.input_file = o.source.qkv;
  provenance.input_sha256 = sha256;
  provenance.thresholds = result.thresholds;
  provenance.gpu = result.gpu;
  provenance.driver = result.driver;
  Json json = {{"input", result.input},
               {"generated", o.source.generate.empty() ? Json(nullptr) : Json(o.source.generate)},
               {"problem", to_json(result.problem)},
               {"seed", o.source.shape.seed},
               {"rule", rule_json(o.rule)},
               {"stopped", analysis::name_of(result.stopped)},
               {"seconds", number(result.seconds)},
               {"flush_bytes", result.flush_bytes},
               {"variants", Json::array()},
               {"unsupported", Json::array()},
               {"gpu_state", result.state ? to_json(*result.state) : Json(nullptr)}};
  std::set<std::string> named;
  for (const BenchRow& row : result.rows) {
    json["variants"].push_back(row_json(result, row));
    const std::string kernel = row.kernel.name() + " (" + row.kernel.library->origin() + ")";
    if (!named.insert(kernel).second) continue;
    provenance.kernel += (provenance.kernel.empty() ? "" : ", ") + kernel;
  }
  for (const Unsupported& left_out : result.unsupported) {
    json["unsupported"].push_back({{"kernel", left_out.kernel},
                                   {"level", name_of(left_out.level)},
                                   {"reason", left_out.reason}});
  }
  json["provenance"] = to_json(provenance);
  return dump(json);
}

}  // namespace bsfa::cli
