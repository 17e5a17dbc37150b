// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/threshold_model.h"

#include <utility>

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

  void undo() override {
    // The stack drops what is obsolete once it is undone.
    setObsolete(drag_ != 0 && drag_ == model_.given_up_);
    model_.apply(before_);
  }
  int drag() const { return drag_; }
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
  costs_.clear();
  measured_.clear();
  effects_.clear();
  drawn_.reset();
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
        effects_.erase(head_);
        if (drawn_ && drawn_->scope == ThresholdScope::kHead) drawn_.reset();
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
  std::erase_if(effects_,
                [&](const auto& known) { return changes.contains(table_key(known.first)); });
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

void ThresholdModel::give_up(int drag) {
  const auto* last = undo_.index() == 0
                         ? nullptr
                         : static_cast<const ThresholdCommand*>(undo_.command(undo_.index() - 1));
  if (drag == 0 || last == nullptr || last->drag() != drag) return;
  given_up_ = drag;
  undo_.undo();
}

void ThresholdModel::reset(ThresholdScope scope, HeadKey key) {
  edit(scope, key, tr("reset thresholds"), 0, [](ThresholdChoice& own) { own = {}; });
}

void ThresholdModel::forget(SequenceKey key) {
  std::erase_if(effects_, [&](const auto& known) { return known.first.sequence == key; });
  drawn_.reset();
}

const HeadTuner* ThresholdModel::exact(HeadKey key) const {
  return tuner_ && head_ == key ? tuner_.get() : nullptr;
}

bool ThresholdModel::load_curves(SequenceKey key) {
  if (curves_.contains(key)) return true;
  if (!file_ || loading_.contains(key) || file_->overview(key) == nullptr) return false;
  const bool with_work = !costs_.contains(key.layer);
  auto* job = LoadJob::start<Loaded>(
      this,
      [file = file_, key, with_work](const JobControl&) {
        Loaded loaded;
        loaded.curves = std::make_shared<const traces::Sequence>(file->read_curves(key));
        if (!with_work) return loaded;
        loaded.cost = LayerCost(file->read_work(key.layer));
        if (const auto profile = file->read_profile(key.layer))
          loaded.measured_speed = gui::measured_speed(*profile);
        return loaded;
      },
      [this, key, with_work](Loaded loaded) {
        loading_.erase(key);
        curves_[key] = std::move(loaded.curves);
        if (with_work) costs_[key.layer] = std::move(loaded.cost);
        if (loaded.measured_speed) measured_[key.layer] = *loaded.measured_speed;
        forget(key);
        emit evaluated();
      },
      1);
  connect(job, &LoadJob::failed, this, [this, key] {
    loading_.erase(key);
    curves_[key] = std::make_shared<const traces::Sequence>();
    forget(key);
    emit evaluated();
  });
  loading_[key] = job;
  return false;
}

}  // namespace bsfa::gui
