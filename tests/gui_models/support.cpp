// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui_models/support.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>

#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QThread>

#include "analysis/curve.h"
#include "core/block.h"
#include "core/error.h"
#include "core/mask.h"
#include "core/random.h"
#include "core/tile_geometry.h"
#include "traces/writer.h"

namespace bsfa::gui::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

double normal(core::SplitMix64& random) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * random.uniform());
}

void fill_row(traces::Sequence& s, const core::TileGeometry& geometry, std::size_t slot,
              std::int64_t q_block, core::SplitMix64& random) {
  constexpr float kTau = 10.5F;
  const auto columns = static_cast<std::size_t>(s.shape.k_blocks);
  const std::size_t first = slot * columns;
  double total = 0.0;
  for (std::size_t n = 0; n < columns; ++n) {
    const auto place = geometry.place(q_block, static_cast<std::int64_t>(n));
    const bool outside = place == core::TilePlace::kOutside;
    const auto score = static_cast<float>(10.0 + normal(random));
    (*s.tile_max)[first + n] = outside ? -kInf : score;
    const double mass = outside ? 0.0 : std::exp(static_cast<double>(score));
    (*s.tile_mass)[first + n] = static_cast<float>(mass);
    total += mass;
    auto code = core::TileCode::kOutside;
    if (place == core::TilePlace::kDiagonal) code = core::TileCode::kDiagonal;
    if (place == core::TilePlace::kOffDiagonal)
      code = core::gate_keeps(score, kTau) ? core::TileCode::kKept : core::TileCode::kSkipped;
    (*s.mask_reference)[first + n] = (*s.mask_kernel)[first + n] = static_cast<std::uint8_t>(code);
  }
  double kept = 0.0;
  for (std::size_t n = first; n < first + columns; ++n) {
    (*s.tile_mass)[n] = static_cast<float>(static_cast<double>((*s.tile_mass)[n]) / total);
    (*s.tile_mass_max)[n] = std::min(1.0F, 1.5F * (*s.tile_mass)[n]);
    if ((*s.mask_kernel)[n] >= 2) kept += static_cast<double>((*s.tile_mass)[n]);
  }
  (*s.threshold)[slot] = kTau;
  (*s.retained_mass)[slot] = static_cast<float>(kept);
  (*s.retained_mass_min)[slot] = static_cast<float>(kept * kept);
  (*s.error_arithmetic)[slot] = static_cast<float>(0.3 * random.uniform());
  (*s.error_method)[slot] = static_cast<float>(1.0 - kept);
  (*s.certificate)[slot] = static_cast<float>((1.0 - kept) / std::max(kept, 1e-6));
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "bsfa-gui-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw core::OutputError(name, "cannot be made");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

core::Problem problem_of(std::int64_t heads, std::int64_t q_blocks, std::int64_t k_blocks) {
  core::Problem problem;
  problem.heads = problem.kv_heads = heads;
  problem.gate = {128, 64};
  problem.q_len = q_blocks * 128;
  problem.kv_len = std::max(k_blocks * 64, problem.q_len);
  problem.head_dim = 64;
  return core::with_default_scale(problem);
}

traces::Sequence sequence_of(const core::Problem& problem, std::uint64_t seed) {
  const core::TileGeometry geometry(problem);
  traces::Sequence s;
  s.problem = problem;
  s.shape = {problem.heads, geometry.q_blocks(), geometry.k_blocks()};
  for (std::int64_t m = 0; m < s.shape.rows; ++m) s.q_blocks.push_back(m);
  const auto tiles = static_cast<std::size_t>(s.shape.tiles());
  const auto blocks = static_cast<std::size_t>(s.shape.heads * s.shape.rows);
  for (auto* field : {&s.tile_max, &s.tile_mass, &s.tile_mass_max}) field->emplace(tiles, 0.0F);
  for (auto* field : {&s.mask_reference, &s.mask_kernel}) field->emplace(tiles, std::uint8_t{0});
  for (auto* field : {&s.threshold, &s.error_arithmetic, &s.error_method, &s.retained_mass,
                      &s.retained_mass_min, &s.certificate}) {
    field->emplace(blocks, 0.0F);
  }
  s.gating_ties.emplace(blocks, 0U);
  s.gating_violations.emplace(blocks, 0U);
  core::SplitMix64 random(seed);
  for (std::size_t slot = 0; slot < blocks; ++slot) {
    const auto row = slot % static_cast<std::size_t>(s.shape.rows);
    fill_row(s, geometry, slot, s.q_blocks[row], random);
  }
  return s;
}

void add_curves(traces::Sequence& s) {
  const auto columns = static_cast<std::size_t>(s.shape.k_blocks);
  const auto rows = static_cast<std::size_t>(s.shape.rows);
  s.curve_threshold.emplace();
  s.curve_mass.emplace();
  for (std::size_t slot = 0; slot < static_cast<std::size_t>(s.shape.heads) * rows; ++slot) {
    core::BlockStatistics block;
    block.item.q_block = s.q_blocks[slot % rows];
    for (std::size_t n = slot * columns; n < (slot + 1) * columns; ++n) {
      block.tile_max.push_back(static_cast<double>((*s.tile_max)[n]));
      block.tile_mass.push_back((*s.tile_mass)[n]);
    }
    const auto curve = analysis::kept_share_curve(s.problem, block);
    s.curve_threshold->insert(s.curve_threshold->end(), curve.threshold.begin(),
                              curve.threshold.end());
    s.curve_mass->insert(s.curve_mass->end(), curve.mass.begin(), curve.mass.end());
  }
}

std::vector<core::WorkRecord> records_of(const traces::Sequence& sequence, std::uint32_t units) {
  std::vector<std::uint64_t> free_at(units, 1000);
  std::vector<core::WorkRecord> records;
  const auto columns = static_cast<std::size_t>(sequence.shape.k_blocks);
  const auto items = static_cast<std::size_t>(sequence.shape.heads * sequence.shape.rows);
  for (std::size_t slot = 0; slot < items; ++slot) {
    if (sequence.held && (*sequence.held)[slot] == 0) continue;
    core::WorkRecord record;
    const auto rows = static_cast<std::size_t>(sequence.shape.rows);
    record.head = static_cast<std::int32_t>(slot / rows);
    record.q_block = static_cast<std::int32_t>(sequence.q_blocks[slot % rows]);
    record.unit = static_cast<std::uint32_t>(slot % units);
    record.cta = static_cast<std::uint32_t>(slot);
    record.clock = core::ClockDomain::kMonotonicNs;
    for (std::size_t n = slot * columns; n < (slot + 1) * columns; ++n) {
      const std::uint8_t code = (*sequence.mask_kernel)[n];
      if (code >= 1) ++record.tiles_seen;
      if (code >= 2) ++record.tiles_kept;
    }
    record.start_ns = free_at[record.unit];
    record.end_ns = record.start_ns + 500 + 100 * record.tiles_seen + 90 * record.tiles_kept;
    free_at[record.unit] = record.end_ns + 20;
    records.push_back(record);
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  return records;
}

HeadArrays head_of(const traces::Sequence& s, std::int64_t head) {
  HeadArrays out;
  out.problem = s.problem;
  out.q_blocks = s.q_blocks;
  out.k_blocks = s.shape.k_blocks;
  const auto cut = [&](const auto& from, std::int64_t length) {
    std::remove_cvref_t<decltype(from)> part;
    if (from) part.emplace(from->begin() + head * length, from->begin() + (head + 1) * length);
    return part;
  };
  const std::int64_t tiles = s.shape.rows * s.shape.k_blocks;
  if (s.held) out.held = *cut(s.held, s.shape.rows);
  out.tile_max = cut(s.tile_max, tiles);
  out.tile_mass = cut(s.tile_mass, tiles);
  out.tile_mass_max = cut(s.tile_mass_max, tiles);
  out.mask_reference = cut(s.mask_reference, tiles);
  out.mask_kernel = cut(s.mask_kernel, tiles);
  out.threshold = cut(s.threshold, s.shape.rows);
  return out;
}

void write_trace(const QString& path, const std::vector<traces::Sequence>& layers,
                 const std::string& report, const std::string& command_line) {
  traces::TraceWriter writer(path.toStdString());
  for (std::size_t i = 0; i < layers.size(); ++i)
    writer.add(static_cast<std::int64_t>(i), 0, layers[i]);
  traces::Provenance provenance;
  provenance.verdict = "pass";
  provenance.kernel = "cpu (built-in)";
  provenance.input_file = "in.safetensors";
  provenance.command_line = command_line;
  writer.commit(provenance, {report});
}

bool wait_until(const std::function<bool()>& done, int timeout_ms) {
  QElapsedTimer timer;
  timer.start();
  while (!done()) {
    if (timer.elapsed() > timeout_ms) return false;
    QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QThread::usleep(200);
  }
  return true;
}

double best_ms(const std::function<void()>& call, int calls) {
  std::vector<double> times;
  for (int i = 0; i < calls; ++i) {
    const auto start = std::chrono::steady_clock::now();
    call();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    times.push_back(took.count());
  }
  return *std::min_element(times.begin(), times.end());
}

}  // namespace bsfa::gui::test
