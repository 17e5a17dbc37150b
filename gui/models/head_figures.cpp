// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/head_figures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include <nlohmann/json.hpp>

#include "analysis/work_records.h"
#include "core/tile_geometry.h"
#include "gui/models/speed.h"

namespace bsfa::gui {
namespace {

/// Densities that the report of `compare` holds, by head.
std::map<HeadKey, double> reported_densities(const std::string& json) {
  std::map<HeadKey, double> out;
  const auto report = nlohmann::json::parse(json, nullptr, false);
  if (!report.is_object() || !report.contains("heads") || !report["heads"].is_array()) return out;
  for (const auto& head : report["heads"]) {
    const auto integer = [&](const char* name) -> std::optional<std::int64_t> {
      if (!head.is_object() || !head.contains(name) || !head[name].is_number_integer())
        return std::nullopt;
      return head[name].get<std::int64_t>();
    };
    const auto layer = integer("layer"), batch = integer("batch"), number = integer("head");
    if (!layer || !batch || !number) continue;
    if (head.contains("density") && head["density"].is_number())
      out[{{*layer, *batch}, *number}] = head["density"].get<double>();
  }
  return out;
}

/// What the work records of a layer say of each of its heads.
struct HeadWork {
  double time_ns = 0.0, kept = 0.0, off_diagonal_kept = 0.0, off_diagonal = 0.0;
  std::int64_t blocks = 0;  ///< Q blocks whose records are complete
};

std::map<HeadKey, HeadWork> work_by_head(const TraceFile& file, std::int64_t layer,
                                         const std::vector<core::WorkRecord>& records) {
  std::map<HeadKey, HeadWork> out;
  for (const auto& record : records) {
    const SequenceKey key{layer, record.batch};
    const traces::Sequence* overview = file.overview(key);
    // Records of single warps repeat what their CTA's says.
    if (overview == nullptr || record.warp != -1 || record.end_ns < record.start_ns) continue;
    const core::TileGeometry geometry(overview->problem);
    if (record.q_block < 0 || record.q_block >= geometry.q_blocks()) continue;
    HeadWork& work = out[{key, record.head}];
    if (record.clock != core::ClockDomain::kNone) work.time_ns += analysis::duration_ns(record);
    work.kept += static_cast<double>(record.tiles_kept);
    const auto diagonal = static_cast<double>(geometry.visible_k_blocks(record.q_block) -
                                              geometry.off_diagonal_count(record.q_block));
    const auto off_diagonal = static_cast<double>(geometry.off_diagonal_count(record.q_block));
    const bool whole = static_cast<double>(record.tiles_seen) == off_diagonal + diagonal;
    if (!whole) continue;
    work.off_diagonal_kept += static_cast<double>(record.tiles_kept) - diagonal;
    work.off_diagonal += off_diagonal;
    ++work.blocks;
  }
  return out;
}

void set_imbalance(std::vector<HeadFigures>& heads, std::int64_t layer,
                   const std::map<HeadKey, HeadWork>& work) {
  double time = 0.0, kept = 0.0;
  for (const auto& [key, head] : work) {
    time += head.time_ns;
    kept += head.kept;
  }
  const auto count = static_cast<double>(work.size());
  for (HeadFigures& head : heads) {
    const auto found = work.find(head.key);
    if (head.key.sequence.layer != layer || found == work.end()) continue;
    if (time > 0.0) {
      head.imbalance = found->second.time_ns * count / time;
    } else if (kept > 0.0) {
      head.imbalance = found->second.kept * count / kept;
    }
  }
}

/// The largest of the values, NaN before all; none without any.
template <typename T>
std::optional<double> worst_of(const std::optional<std::vector<T>>& values,
                               const std::vector<std::size_t>& blocks) {
  if (!values) return std::nullopt;
  std::optional<double> worst;
  for (const std::size_t slot : blocks) {
    const auto value = static_cast<double>((*values)[slot]);
    if (std::isnan(value)) return value;
    if (!worst || value > *worst) worst = value;
  }
  return worst;
}

std::optional<std::int64_t> sum_of(const std::optional<std::vector<std::uint32_t>>& values,
                                   const std::vector<std::size_t>& blocks) {
  if (!values) return std::nullopt;
  std::int64_t sum = 0;
  for (const std::size_t slot : blocks) sum += (*values)[slot];
  return sum;
}

HeadFigures figures_of(const traces::Sequence& s, HeadKey key) {
  HeadFigures out;
  out.key = key;
  std::vector<std::size_t> blocks;
  for (std::int64_t row = 0; row < s.shape.rows; ++row) {
    const auto slot = static_cast<std::size_t>(key.head * s.shape.rows + row);
    if (!s.held || (*s.held)[slot] != 0) blocks.push_back(slot);
  }
  out.blocks = static_cast<std::int64_t>(blocks.size());
  out.arithmetic = worst_of(s.error_arithmetic, blocks);
  out.method = worst_of(s.error_method, blocks);
  out.certificate = worst_of(s.certificate, blocks);
  out.ties = sum_of(s.gating_ties, blocks);
  out.violations = sum_of(s.gating_violations, blocks);
  double mass = 0.0, rows = 0.0;
  for (const std::size_t slot : blocks) {
    if (!s.retained_mass || std::isnan((*s.retained_mass)[slot])) continue;
    mass += static_cast<double>((*s.retained_mass)[slot]);
    rows += 1.0;
  }
  if (rows > 0.0) out.retained_mass = mass / rows;
  for (const std::size_t slot : blocks) {
    if (!s.retained_mass_min || std::isnan((*s.retained_mass_min)[slot])) continue;
    const auto least = static_cast<double>((*s.retained_mass_min)[slot]);
    if (!out.retained_mass_min || least < *out.retained_mass_min) out.retained_mass_min = least;
  }
  return out;
}

std::optional<double> speed_of(const TraceFile& file, const HeadFigures& head,
                               const LayerCost& cost) {
  const traces::Sequence& s = *file.overview(head.key.sequence);
  const core::TileGeometry geometry(s.problem);
  analysis::TileCounts tiles;
  for (std::int64_t row = 0; row < s.shape.rows; ++row) {
    const auto slot = static_cast<std::size_t>(head.key.head * s.shape.rows + row);
    if (s.held && (*s.held)[slot] == 0) continue;
    const std::int64_t m = s.q_blocks[static_cast<std::size_t>(row)];
    const std::int64_t off_diagonal = geometry.off_diagonal_count(m);
    tiles.off_diagonal += off_diagonal;
    tiles.diagonal += geometry.visible_k_blocks(m) - off_diagonal;
  }
  tiles.kept = std::llround(*head.density * static_cast<double>(tiles.off_diagonal));
  tiles.skipped = tiles.off_diagonal - tiles.kept;
  return cost.speed(tiles, static_cast<double>(head.blocks)).factor;
}

}  // namespace

bool HeadFigures::failed() const {
  const bool wrong = arithmetic && !(*arithmetic <= 1.0);
  return wrong || violations.value_or(0) > 0;
}

std::vector<HeadFigures> head_figures(const TraceFile& file) {
  std::vector<HeadFigures> heads;
  const auto reported = reported_densities(file.report_json());
  for (const SequenceKey key : file.sequences()) {
    const traces::Sequence& overview = *file.overview(key);
    for (std::int64_t head = 0; head < overview.shape.heads; ++head) {
      heads.push_back(figures_of(overview, {key, head}));
      const auto found = reported.find({key, head});
      if (found != reported.end()) heads.back().density = found->second;
    }
  }
  std::int64_t layer = -1;
  for (const SequenceKey key : file.sequences()) {
    if (key.layer == layer) continue;
    layer = key.layer;
    const auto records = file.read_work(layer);
    const auto work = work_by_head(file, layer, records);
    set_imbalance(heads, layer, work);
    for (HeadFigures& head : heads) {
      const auto found = work.find(head.key);
      if (head.density || found == work.end() || !(found->second.off_diagonal > 0.0)) continue;
      // Records of other Q blocks than those checked say nothing of the figure that is meant.
      if (found->second.blocks == head.blocks)
        head.density = found->second.off_diagonal_kept / found->second.off_diagonal;
    }
    const LayerCost cost(records);
    for (HeadFigures& head : heads) {
      if (head.key.sequence.layer == layer && head.density) head.speed = speed_of(file, head, cost);
    }
  }
  return heads;
}

std::optional<double> counted_density(const TraceFile& file, HeadKey key) {
  const traces::Sequence* overview = file.overview(key.sequence);
  if (overview == nullptr) return std::nullopt;
  const auto mask = file.read_mask(key);
  if (!mask) return std::nullopt;
  const core::TileGeometry geometry(overview->problem);
  std::int64_t kept = 0, off_diagonal = 0;
  const std::int64_t columns = overview->shape.k_blocks;
  for (std::int64_t row = 0; row < overview->shape.rows; ++row) {
    const auto slot = static_cast<std::size_t>(key.head * overview->shape.rows + row);
    if (overview->held && (*overview->held)[slot] == 0) continue;
    const std::int64_t m = overview->q_blocks[static_cast<std::size_t>(row)];
    const core::Range diagonal = geometry.diagonal_k_blocks(m);
    for (std::int64_t n = 0; n < std::min(geometry.visible_k_blocks(m), columns); ++n) {
      if (diagonal.contains(n)) continue;
      ++off_diagonal;
      const std::uint8_t code = (*mask)[static_cast<std::size_t>(row * columns + n)];
      kept += code == 2 || code == 3 ? 1 : 0;
    }
  }
  if (off_diagonal == 0) return std::nullopt;
  return static_cast<double>(kept) / static_cast<double>(off_diagonal);
}

std::optional<double> value_of(const HeadFigures& head, HeadFigure figure) {
  const auto number = [](const std::optional<std::int64_t>& count) -> std::optional<double> {
    if (!count) return std::nullopt;
    return static_cast<double>(*count);
  };
  switch (figure) {
    case HeadFigure::kDensity:
      return head.density;
    case HeadFigure::kRetainedMass:
      return head.retained_mass;
    case HeadFigure::kArithmetic:
      return head.arithmetic;
    case HeadFigure::kTies:
      return number(head.ties);
    case HeadFigure::kViolations:
      return number(head.violations);
    case HeadFigure::kMethod:
      return head.method;
    case HeadFigure::kImbalance:
      return head.imbalance;
    case HeadFigure::kCertificate:
      return head.certificate;
    case HeadFigure::kSpeed:
      return head.speed;
  }
  return std::nullopt;
}

ShownFigure shown_figure(const HeadFigures& head, HeadFigure figure) {
  const std::optional<double> of_trace = value_of(head, figure);
  if (!head.tried) return {of_trace, false, false, std::nullopt};
  const TriedFigures& tried = *head.tried;
  const auto shown = [&](const std::optional<double>& value) {
    return ShownFigure{value, true, tried.approximate, of_trace};
  };
  switch (figure) {
    case HeadFigure::kDensity:
      return shown(tried.density);
    case HeadFigure::kRetainedMass:
      return shown(tried.retained_mass);
    case HeadFigure::kCertificate:
      return shown(tried.certificate);
    case HeadFigure::kSpeed:
      return shown(tried.speed);
    default:
      return {of_trace, false, false, std::nullopt};
  }
}

bool is_worse(const HeadFigures& head, const HeadFigures& than) {
  const auto badness = [](const HeadFigures& of) {
    const double arithmetic = of.arithmetic.value_or(0.0);
    const double worst = std::isnan(arithmetic) ? HUGE_VAL : arithmetic;
    const double method = of.method.value_or(0.0);
    return std::tuple(of.failed(), of.failed() ? of.violations.value_or(0) : 0,
                      of.failed() ? worst : 0.0, std::isnan(method) ? HUGE_VAL : method,
                      1.0 - of.retained_mass.value_or(1.0));
  };
  return badness(than) < badness(head);
}

std::optional<HeadKey> worst_head(const std::vector<HeadFigures>& heads) {
  const auto worst =
      std::max_element(heads.begin(), heads.end(),
                       [](const HeadFigures& a, const HeadFigures& b) { return is_worse(b, a); });
  if (worst == heads.end()) return std::nullopt;
  return worst->key;
}

}  // namespace bsfa::gui
