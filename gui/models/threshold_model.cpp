// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/threshold_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/bound.h"
#include "analysis/work_profile.h"
#include "gui/models/chosen_tau.h"

namespace bsfa::gui {

/// Choices before and after one edit.
class ThresholdCommand : public QUndoCommand {
 public:
  ThresholdCommand(ThresholdModel& model, ThresholdChoices before, ThresholdChoices after,
                   const QString& text, int drag)
      : QUndoCommand(text),
        model_(model),
        before_(std::move(before)),
        after_(std::move(after)),
        drag_(drag) {}

  void undo() override { model_.apply(before_); }
  void redo() override { model_.apply(after_); }
  int id() const override { return drag_ == 0 ? -1 : 1; }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const ThresholdCommand*>(other);
    if (next->drag_ != drag_) return false;
    before_.insert(next->before_.begin(), next->before_.end());
    for (const auto& [key, choice] : next->after_) after_[key] = choice;
    return true;
  }

 private:
  ThresholdModel& model_;
  ThresholdChoices before_, after_;
  int drag_;
};

ThresholdModel::ThresholdModel(QObject* parent) : QObject(parent) {}
ThresholdModel::~ThresholdModel() = default;

void ThresholdModel::set_file(std::shared_ptr<const TraceFile> file) {
  if (sorting_) sorting_->cancel();
  for (const auto& [key, job] : std::exchange(loading_, {})) {
    if (job) job->cancel();
  }
  file_ = std::move(file);
  choices_.clear();
  curves_.clear();
  work_.clear();
  tuner_.reset();
  head_ = {};
  undo_.clear();
  emit changed();
}

void ThresholdModel::set_head(HeadKey key, std::shared_ptr<const HeadArrays> arrays) {
  if (tuner_ && head_ == key && arrays && &tuner_->head() == arrays.get()) return;
  if (sorting_) sorting_->cancel();
  head_ = key;
  tuner_.reset();
  if (!file_ || !arrays) return;
  load_curves(key.sequence);
  using Result = std::shared_ptr<const HeadTuner>;
  sorting_ = LoadJob::start<Result>(
      this,
      [arrays](const JobControl&) -> Result {
        auto tuner = HeadTuner::make(arrays);
        return tuner ? std::make_shared<const HeadTuner>(std::move(*tuner)) : nullptr;
      },
      [this](const Result& tuner) {
        sorting_.clear();
        tuner_ = tuner;
        emit evaluated();
      },
      3);
}

const ThresholdChoice& ThresholdModel::choice(HeadKey key) const {
  static const ThresholdChoice kStored;
  const auto found = choices_.find(table_key(key));
  return found == choices_.end() ? kStored : found->second;
}

bool ThresholdModel::edited() const {
  return !choices_.empty();
}

std::vector<HeadKey> ThresholdModel::heads_of(ThresholdScope scope, HeadKey key) const {
  std::vector<HeadKey> heads;
  if (!file_) return heads;
  for (const SequenceKey sequence : file_->sequences()) {
    if (scope != ThresholdScope::kAll && sequence.layer != key.sequence.layer) continue;
    const std::int64_t count = file_->overview(sequence)->shape.heads;
    for (std::int64_t head = 0; head < count; ++head) {
      if (scope == ThresholdScope::kHead && (sequence != key.sequence || head != key.head))
        continue;
      heads.push_back({sequence, head});
    }
  }
  return heads;
}

void ThresholdModel::edit(ThresholdScope scope, HeadKey key, const QString& text, int drag,
                          const std::function<void(ThresholdChoice&)>& change) {
  ThresholdChoices before, after;
  for (const HeadKey head : heads_of(scope, key)) {
    const HeadKey at = table_key(head);
    if (after.contains(at)) continue;
    ThresholdChoice changed_choice = choice(at);
    change(changed_choice);
    if (changed_choice == choice(at)) continue;
    before[at] = choice(at);
    after[at] = std::move(changed_choice);
  }
  if (!after.empty())
    undo_.push(new ThresholdCommand(*this, std::move(before), std::move(after), text, drag));
}

void ThresholdModel::apply(const ThresholdChoices& changes) {
  for (const auto& [key, choice] : changes) {
    if (choice.is_stored()) {
      choices_.erase(key);
    } else {
      choices_[key] = choice;
    }
  }
  emit changed();
}

void ThresholdModel::choose(ThresholdScope scope, HeadKey key, const ThresholdChoice& choice,
                            int drag) {
  edit(scope, key, tr("choose thresholds"), drag, [&](ThresholdChoice& own) { own = choice; });
}

void ThresholdModel::set_kind(ThresholdScope scope, HeadKey key, ThresholdChoice::Kind kind,
                              double value, int drag) {
  edit(scope, key, tr("choose thresholds"), drag, [&](ThresholdChoice& own) {
    own.kind = kind;
    own.value = kind == ThresholdChoice::Kind::kStored ? 0.0 : value;
    own.rows.clear();
  });
}

void ThresholdModel::set_offset(ThresholdScope scope, HeadKey key, double offset, int drag) {
  edit(scope, key, tr("move thresholds"), drag, [&](ThresholdChoice& own) { own.offset = offset; });
}

void ThresholdModel::set_row(HeadKey key, std::int64_t q_block, float tau, int drag) {
  edit(ThresholdScope::kHead, key, tr("drag a threshold"), drag,
       [&](ThresholdChoice& own) { own.rows[q_block] = tau - static_cast<float>(own.offset); });
}

void ThresholdModel::reset(ThresholdScope scope, HeadKey key) {
  edit(scope, key, tr("reset thresholds"), 0, [](ThresholdChoice& own) { own = {}; });
}

const HeadTuner* ThresholdModel::exact(HeadKey key) const {
  return tuner_ && head_ == key ? tuner_.get() : nullptr;
}

bool ThresholdModel::load_curves(SequenceKey key) {
  if (curves_.contains(key)) return true;
  if (!file_ || loading_.contains(key) || file_->overview(key) == nullptr) return false;
  const bool with_work = !work_.contains(key.layer);
  auto* job = LoadJob::start<Loaded>(
      this,
      [file = file_, key, with_work](const JobControl&) {
        Loaded loaded;
        loaded.curves = std::make_shared<const traces::Sequence>(file->read_curves(key));
        if (!with_work) return loaded;
        const auto records = file->read_work(key.layer);
        loaded.work.known = !records.empty();
        loaded.work.model = analysis::profile_work(records).model;
        return loaded;
      },
      [this, key, with_work](Loaded loaded) {
        loading_.erase(key);
        curves_[key] = std::move(loaded.curves);
        if (with_work) work_[key.layer] = std::move(loaded.work);
        emit evaluated();
      },
      1);
  connect(job, &LoadJob::failed, this, [this, key] {
    loading_.erase(key);
    curves_[key] = std::make_shared<const traces::Sequence>();
    emit evaluated();
  });
  loading_[key] = job;
  return false;
}

std::optional<CurveTuner> ThresholdModel::approximate(HeadKey key) {
  if (!load_curves(key.sequence)) return std::nullopt;
  const traces::Sequence& curves = *curves_[key.sequence];
  const traces::Sequence* s = file_->overview(key.sequence);
  if (s == nullptr || !curves.curve_threshold || !curves.curve_mass) return std::nullopt;
  if (key.head < 0 || key.head >= s->shape.heads) return std::nullopt;
  const auto rows = static_cast<std::size_t>(s->shape.rows);
  const auto first = static_cast<std::size_t>(key.head) * rows;
  const auto held =
      s->held ? std::span(*s->held).subspan(first, rows) : std::span<const std::uint8_t>();
  constexpr std::size_t kPoints = CurveTuner::kPoints;
  return CurveTuner(s->problem, s->q_blocks, held,
                    std::span(*curves.curve_threshold).subspan(first * kPoints, rows * kPoints),
                    std::span(*curves.curve_mass).subspan(first * kPoints, rows * kPoints));
}

std::span<const float> ThresholdModel::stored_tau(HeadKey key) const {
  const traces::Sequence* s = file_ ? file_->overview(key.sequence) : nullptr;
  if (s == nullptr || !s->threshold || key.head < 0 || key.head >= s->shape.heads) return {};
  const auto rows = static_cast<std::size_t>(s->shape.rows);
  return std::span(*s->threshold).subspan(static_cast<std::size_t>(key.head) * rows, rows);
}

std::vector<float> ThresholdModel::tau(HeadKey key) {
  const traces::Sequence* s = file_ ? file_->overview(key.sequence) : nullptr;
  if (s == nullptr || key.head < 0 || key.head >= s->shape.heads) return {};
  const ThresholdChoice& chosen = choice(key);
  const HeadTuner* tuner = exact(key);
  if (tuner != nullptr || !needs_tiles(chosen))
    return chosen_tau(chosen, s->q_blocks, stored_tau(key), tuner);
  const auto curve = approximate(key);
  return curve ? chosen_tau(chosen, s->q_blocks, stored_tau(key), &*curve) : std::vector<float>();
}

void ThresholdModel::add_effect(HeadKey key, ThresholdEffect& effect, analysis::Tuning& sum) {
  if (const HeadTuner* tuner = exact(key)) {
    sum += tuner->evaluate(tau(key));
    ++effect.heads;
    return;
  }
  const auto curve = approximate(key);
  if (curve) {
    const auto chosen =
        chosen_tau(choice(key), file_->overview(key.sequence)->q_blocks, stored_tau(key), &*curve);
    sum += curve->evaluate(chosen);
    effect.approximate = true;
    ++effect.heads;
  } else if (loading_.contains(key.sequence)) {
    ++effect.pending_heads;
  } else {
    ++effect.unknown_heads;
  }
}

ThresholdEffect ThresholdModel::effect(ThresholdScope scope, HeadKey key) {
  ThresholdEffect effect;
  analysis::Tuning sum;
  for (const HeadKey head : heads_of(scope, key)) add_effect(head, effect, sum);
  effect.tiles = sum.tiles;
  effect.density = sum.tiles.density();
  if (effect.heads > 0 && !std::isnan(sum.lost_mass)) effect.retained_mass = sum.retained_mass();
  effect.certificate_known = effect.heads > 0 && sum.worst_row_loss.has_value() &&
                             effect.pending_heads + effect.unknown_heads == 0;
  if (effect.certificate_known) effect.certificate = sum.certificate();
  return effect;
}

ThresholdEffect ThresholdModel::effect(HeadKey key) {
  return effect(ThresholdScope::kHead, key);
}

SpeedEstimate ThresholdModel::speed_of(std::int64_t layer, const analysis::TileCounts& tiles,
                                       double items) const {
  SpeedEstimate out;
  const auto found = work_.find(layer);
  if (found != work_.end() && found->second.known) {
    analysis::WorkTotals work;
    work.items = items;
    work.seen = static_cast<double>(tiles.off_diagonal + tiles.diagonal);
    work.kept = static_cast<double>(tiles.kept + tiles.diagonal);
    out.factor = analysis::predicted_speed_up(found->second.model, work);
  }
  if (out.factor) return out;
  out.factor = analysis::speed_up_bound(tiles);
  out.upper_bound = true;
  return out;
}

SpeedEstimate ThresholdModel::speed(std::int64_t layer) {
  const HeadKey any{{layer, 0}, 0};
  const ThresholdEffect all = effect(ThresholdScope::kLayer, any);
  if (all.heads == 0) return {};
  return speed_of(layer, all.tiles, items_of(ThresholdScope::kLayer, any));
}

double ThresholdModel::items_of(ThresholdScope scope, HeadKey key) const {
  double items = 0.0;
  for (const HeadKey head : heads_of(scope, key))
    items += static_cast<double>(file_->overview(head.sequence)->shape.rows);
  return items;
}

ThresholdModel::Curve ThresholdModel::curve(ThresholdScope scope, HeadKey key) {
  Curve out;
  std::vector<CurveTuner> curves;
  const HeadTuner* tuner = scope == ThresholdScope::kHead ? exact(key) : nullptr;
  std::int64_t most = 0;
  for (const HeadKey head : heads_of(scope, key)) {
    const traces::Sequence& s = *file_->overview(head.sequence);
    most = std::max(most, s.shape.k_blocks);
    if (tuner != nullptr) continue;
    if (auto approximation = approximate(head)) curves.push_back(std::move(*approximation));
  }
  if (tuner == nullptr && curves.empty()) return out;
  out.approximate = tuner == nullptr;
  const double items = items_of(scope, key);
  for (std::int64_t k = 1; k < 2 * most; k = std::max(k + 1, k * 5 / 4)) {
    analysis::Tuning sum;
    const auto add = [&](const auto& from) {
      std::vector<float> tau;
      for (std::int64_t row = 0; row < from.rows(); ++row) tau.push_back(from.tau_keeping(row, k));
      sum += from.evaluate(tau);
    };
    if (tuner != nullptr) add(*tuner);
    for (const CurveTuner& one : curves) add(one);
    const SpeedEstimate speed = speed_of(key.sequence.layer, sum.tiles, items);
    out.upper_bound = out.upper_bound || speed.upper_bound;
    const bool mass_known = !std::isnan(sum.lost_mass);
    out.points.push_back({k, sum.tiles.density().value_or(1.0),
                          mass_known ? sum.retained_mass() : std::nan(""), speed.factor});
    if (sum.tiles.skipped == 0) break;
  }
  return out;
}

QString ThresholdModel::save(const QString& path) const {
  return save_thresholds(plan(), path);
}

}  // namespace bsfa::gui
