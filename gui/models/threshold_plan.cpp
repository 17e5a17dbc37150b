// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/threshold_plan.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <set>

#include "core/error.h"
#include "core/tile_geometry.h"
#include "gui/models/chosen_tau.h"
#include "gui/models/head_tuner.h"
#include "io/threshold_file.h"

namespace bsfa::gui {
namespace {

/// Means of τ by position, for one layer and head.
struct Cells {
  std::vector<double> sum;
  std::vector<std::int64_t> count;

  explicit Cells(std::int64_t blocks)
      : sum(static_cast<std::size_t>(blocks)), count(sum.size(), 0) {}
  void add(std::int64_t block, float tau) {
    const auto at = static_cast<std::size_t>(block);
    sum[at] += static_cast<double>(tau);
    ++count[at];
  }
  /// Values of all positions; those that nothing reached repeat the nearest before, the first ones
  /// the first.
  void write(float* to) const {
    std::size_t known = 0;
    while (known < count.size() && count[known] == 0) ++known;
    for (std::size_t i = 0; i < count.size(); ++i) {
      if (count[i] > 0) known = i;
      const double value =
          known < count.size() ? sum[known] / static_cast<double>(count[known]) : -HUGE_VAL;
      // Entries that keep all and entries that skip all have no mean; keeping is never wrong.
      to[i] =
          std::isnan(value) ? -std::numeric_limits<float>::infinity() : static_cast<float>(value);
    }
  }
};

class TableMaker {
 public:
  TableMaker(const ThresholdPlan& plan, QString* error, const JobControl& control)
      : plan_(plan), error_(error), control_(control) {}

  std::optional<core::ThresholdTable> make() {
    if (!plan_.file || plan_.file->sequences().empty())
      return fail(QStringLiteral("there is no trace"));
    if (!set_frame()) return std::nullopt;
    const auto total =
        static_cast<double>(table_.layers.size()) * static_cast<double>(table_.heads);
    double done = 0.0;
    for (std::size_t layer = 0; layer < table_.layers.size(); ++layer) {
      for (std::int64_t head = 0; head < table_.heads; ++head) {
        if (control_.cancelled()) return std::nullopt;
        if (!add_head(layer, head)) return std::nullopt;
        control_.report(++done / total);
      }
    }
    table_.k_values = {name_k()};
    return std::move(table_);
  }

 private:
  std::nullopt_t fail(const QString& text) {
    if (error_ != nullptr) *error_ = text;
    return std::nullopt;
  }

  bool set_frame() {
    std::set<std::int64_t> layers;
    for (const SequenceKey key : plan_.file->sequences()) {
      const core::Problem& problem = plan_.file->overview(key)->problem;
      const bool first = layers.empty();
      layers.insert(key.layer);
      if (!first && (problem.heads != table_.heads || !(problem.gate == table_.gate))) {
        fail(QStringLiteral("layer %1 has other heads or block sizes than layer %2, and a table "
                            "has one of each")
                 .arg(key.layer)
                 .arg(*layers.begin()));
        return false;
      }
      table_.heads = problem.heads;
      table_.gate = problem.gate;
      const core::TileGeometry geometry(problem);
      const std::int64_t last = geometry.position(geometry.q_blocks() - 1) / problem.gate.q_block;
      table_.blocks = std::max(table_.blocks, last + 1);
    }
    table_.layers.assign(layers.begin(), layers.end());
    table_.values.resize(layers.size() * static_cast<std::size_t>(table_.heads * table_.blocks));
    return true;
  }

  bool add_head(std::size_t layer, std::int64_t head) {
    Cells cells(table_.blocks);
    const std::int64_t number = table_.layers[layer];
    const auto found = plan_.choices.find({{number, 0}, head});
    const ThresholdChoice choice = found == plan_.choices.end() ? ThresholdChoice{} : found->second;
    for (const SequenceKey key : plan_.file->sequences()) {
      if (key.layer == number && !add_sequence({key, head}, choice, cells)) return false;
    }
    cells.write(table_.values.data() + table_.index(0, layer, head, 0));
    kinds_.insert({choice.kind, choice.kind == ThresholdChoice::Kind::kTopK &&
                                        choice.offset == 0.0 && choice.rows.empty()
                                    ? choice.value
                                    : -1.0});
    return true;
  }

  bool add_sequence(HeadKey key, const ThresholdChoice& choice, Cells& cells) {
    const traces::Sequence& s = *plan_.file->overview(key.sequence);
    const auto rows = static_cast<std::size_t>(s.shape.rows);
    std::vector<float> stored;
    const auto first = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(key.head) * rows);
    if (s.threshold)
      stored.assign(s.threshold->begin() + first,
                    s.threshold->begin() + first + static_cast<std::ptrdiff_t>(rows));
    std::optional<HeadTuner> tuner;
    if (needs_tiles(choice)) {
      // Scores alone, and masses where they decide: a head at a time is in memory.
      const bool by_mass = choice.kind == ThresholdChoice::Kind::kMass;
      const TraceFile::Head head =
          plan_.file->read_head(key, {true, by_mass, false, false, false}, JobControl());
      tuner = HeadTuner::make(head.arrays);
      if (!tuner) {
        fail(QStringLiteral("layer %1, head %2: there is no tile_max to choose thresholds from%3")
                 .arg(key.sequence.layer)
                 .arg(key.head)
                 .arg(head.error.isEmpty() ? QString() : QStringLiteral(": ") + head.error));
        return false;
      }
    }
    const auto tau = chosen_tau(choice, s.q_blocks, stored, tuner ? &*tuner : nullptr);
    const core::TileGeometry geometry(s.problem);
    for (std::size_t row = 0; row < rows; ++row) {
      const bool checked = !s.held || (*s.held)[static_cast<std::size_t>(first) + row] != 0;
      if (!checked || std::isnan(tau[row])) continue;
      cells.add(geometry.threshold_index(s.q_blocks[row], table_.blocks), tau[row]);
      if (tuner) {
        kept_ += static_cast<double>(
            tuner->evaluate(static_cast<std::int64_t>(row), tau[row]).tiles.kept);
        counted_ += 1.0;
      }
    }
    return true;
  }

  std::int64_t name_k() const {
    if (kinds_.size() == 1 && kinds_.begin()->second >= 0.0)
      return std::llround(kinds_.begin()->second);
    return counted_ > 0.0 ? std::max<std::int64_t>(std::llround(kept_ / counted_), 1) : 1;
  }

  const ThresholdPlan& plan_;
  QString* error_;
  const JobControl& control_;
  core::ThresholdTable table_;
  std::set<std::pair<ThresholdChoice::Kind, double>> kinds_;  ///< chosen, with k where that is all
  double kept_ = 0.0, counted_ = 0.0;
};

}  // namespace

std::optional<core::ThresholdTable> make_table(const ThresholdPlan& plan, QString* error,
                                               const JobControl& control) {
  return TableMaker(plan, error, control).make();
}

QString save_thresholds(const ThresholdPlan& plan, const QString& path, const JobControl& control) {
  QString error;
  auto table = make_table(plan, &error, control);
  if (!table) return error.isEmpty() ? QStringLiteral("cancelled") : error;
  table->samples = {plan.file->provenance().input_file.empty()
                        ? plan.file->name().toStdString()
                        : plan.file->provenance().input_file};
  if (control.cancelled()) return QStringLiteral("cancelled");
  try {
    io::write_thresholds(path.toStdString(), *table);
  } catch (const std::exception& failure) {
    return QString::fromUtf8(failure.what());
  }
  return {};
}

LoadJob* save_in_background(QObject* context, const ThresholdPlan& plan, const QString& path,
                            const std::function<void(const QString& error)>& deliver) {
  return LoadJob::start<QString>(
      context,
      [plan, path](const JobControl& control) { return save_thresholds(plan, path, control); },
      [deliver](const QString& error) { deliver(error); });
}

}  // namespace bsfa::gui
