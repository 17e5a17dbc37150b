// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/workspace.h"

#include <QTimer>
#include <cmath>
#include <utility>

namespace bsfa::gui {
namespace {

/// Enough for every row of a head to have a tile among its worst.
constexpr std::size_t kTilesLookedAt = 4096;

std::shared_ptr<const LayerWork> work_of(const TraceFile& file, std::int64_t layer) {
  auto work = std::make_shared<LayerWork>();
  work->layer = layer;
  const auto records = file.read_work(layer, &work->error);
  const auto profile = file.read_profile(layer, work->error.isEmpty() ? &work->error : nullptr);
  const traces::Profile* known = profile ? &*profile : nullptr;
  work->timeline = TimelineModel(records, known);
  work->balance = balance_report(records, known);
  return work;
}

/// A NaN is worse than any number.
bool is_worse(double value, double than) {
  return std::isnan(value) ? !std::isnan(than) : value > than;
}

bool names_a_place(const Link& link) {
  return link.layer || link.sequence || link.head || link.q_block;
}

}  // namespace

std::optional<BlockPlace> worst_block_of(const traces::Sequence& sequence, std::int64_t head) {
  for (const BlockError error :
       {BlockError::kGating, BlockError::kArithmetic, BlockError::kMethod}) {
    std::optional<BlockPlace> worst;
    double most = 0.0;
    for (std::int64_t row = 0; row < sequence.shape.rows; ++row) {
      const BlockFigures block = block_figures(sequence, head, row);
      if (error != BlockError::kMethod && !is_fault(block, error)) continue;
      const auto value = value_of(block, error);
      if (!value || !is_worse(*value, most)) continue;
      worst = BlockPlace{head, block.q_block};
      most = *value;
    }
    if (worst) return worst;
  }
  return std::nullopt;
}

Workspace::Workspace(QObject* parent) : QObject(parent), selection_(this), thresholds_(this) {
  connect(&selection_, &SelectionModel::changed, this, &Workspace::follow);
  connect(&thresholds_, &ThresholdModel::evaluated, this, &Workspace::tell_settled);
}

Workspace::~Workspace() = default;

SequenceKey Workspace::sequence_key() const {
  return selection_.current().head_key().sequence;
}

const traces::Sequence* Workspace::sequence() const {
  return file_ ? file_->overview(sequence_key()) : nullptr;
}

void Workspace::open(const Link& link, bool keep_selection) {
  cancel_open();
  opening_path_ = link.path;
  const std::function<Opened(const JobControl&)> work = [path =
                                                             link.path](const JobControl& control) {
    Opened opened{TraceFile::open(path, control), {}};
    if (opened.trace.file) opened.figures = head_figures(*opened.trace.file);
    return opened;
  };
  const std::function<void(Opened)> deliver = [this, link, keep_selection](Opened opened) {
    take_file(std::move(opened), link, keep_selection);
  };
  opening_ = LoadJob::start<Opened>(this, work, deliver);
  connect(opening_, &LoadJob::progressed, this, &Workspace::open_progressed);
  connect(opening_, &LoadJob::failed, this, [this](const QString& error) {
    opening_.clear();
    emit open_ended(false, error);
  });
  emit open_started(link.path);
}

void Workspace::cancel_open() {
  if (opening_.isNull()) return;
  LoadJob* job = opening_;
  opening_.clear();
  job->cancel();
  emit open_ended(false, {});
}

void Workspace::take_file(Opened opened, const Link& link, bool keep_selection) {
  opening_.clear();
  if (!opened.trace.file) {
    emit open_ended(false, opened.trace.error);
    return;
  }
  const Selection kept = selection_.current();
  if (working_) working_->cancel();
  if (counting_) counting_->cancel();
  file_ = std::move(opened.trace.file);
  head_.reset();
  work_.reset();
  store_ = std::make_unique<HeadStore>(file_);
  connect(store_.get(), &HeadStore::loaded, this, &Workspace::take_head);
  connect(store_.get(), &HeadStore::progressed, this, [this](HeadKey key, double share) {
    if (key == head_key()) emit head_loading(share);
  });
  connect(store_.get(), &HeadStore::failed, this, [this](HeadKey key, const QString& error) {
    // Of a head that is there in part, take_head() has told.
    if (key != head_key() || head_) return;
    head_missing_ = true;
    emit head_failed(error);
    tell_settled();
  });
  heads_.set_heads(std::move(opened.figures));
  thresholds_.set_file(file_);
  Link place = link;
  if (keep_selection) {
    place = {link.path, kept.layer, kept.sequence, kept.head, std::nullopt, std::nullopt};
    if (kept.q_block >= 0) place.q_block = kept.q_block;
    if (kept.k_block >= 0) place.k_block = kept.k_block;
  }
  {
    // Views hear of the new file first, and of a selection in it only then.
    const QSignalBlocker quiet(selection_);
    selection_.restart(first_selection(place));
  }
  emit open_ended(true, {});
  emit file_changed();
  emit sequence_changed();
  ask_for_head();
  ask_for_work();
  count_next_density();
  emit selection_.changed(kept, selection_.current());
}

Selection Workspace::first_selection(const Link& link) {
  Link place = link;
  seek_tile_ = !names_a_place(link);
  if (seek_tile_) {
    if (const auto worst = worst_head(heads_.heads())) {
      place.layer = worst->sequence.layer;
      place.sequence = worst->sequence.sequence;
      place.head = worst->head;
      const traces::Sequence* sequence = file_->overview(worst->sequence);
      const auto block = sequence ? worst_block_of(*sequence, worst->head) : std::nullopt;
      if (block) place.q_block = block->q_block;
    }
  }
  return resolve(place, *file_);
}

void Workspace::close() {
  cancel_open();
  if (working_) working_->cancel();
  if (counting_) counting_->cancel();
  head_.reset();
  work_.reset();
  thresholds_.set_file(nullptr);
  heads_.set_heads({});
  file_.reset();
  // After file_changed(), so that views let go of what the store holds.
  const std::unique_ptr<HeadStore> last = std::move(store_);
  emit file_changed();
  emit sequence_changed();
  emit head_changed();
  emit work_changed();
  selection_.restart({});
}

void Workspace::follow(const Selection& before, const Selection& now) {
  if (!file_) return;
  const HeadKey old_head = before.head_key(), head = now.head_key();
  const bool same_file = before.run == now.run;
  if (same_file && old_head.sequence != head.sequence) emit sequence_changed();
  if (same_file && old_head != head) ask_for_head();
  if (same_file && old_head.sequence.layer != head.sequence.layer) ask_for_work();
}

void Workspace::ask_for_head() {
  const HeadKey key = head_key();
  head_missing_ = false;
  if (store_->find(key)) return take_head(key);
  head_.reset();
  thresholds_.set_head(key, nullptr);
  store_->cancel_others(key);
  emit head_loading(0.0);
  store_->request(key);
}

void Workspace::retry_head() {
  if (file_) ask_for_head();
}

void Workspace::cancel_head() {
  if (!store_ || !store_->loading(head_key())) return;
  // No head has this number, so none is spared.
  store_->cancel_others({sequence_key(), -1});
  head_missing_ = true;
  emit head_failed(tr("Loading was cancelled."));
  tell_settled();
}

void Workspace::take_head(HeadKey key) {
  if (key != head_key()) return;
  head_ = store_->find(key);
  head_missing_ = false;
  if (std::exchange(seek_tile_, false) && head_) seek_tile();
  thresholds_.set_head(key, head_);
  emit head_changed();
  read_ahead(key);
  const QString error = store_->error(key);
  if (!error.isEmpty()) emit head_failed(error);
  tell_settled();
}

void Workspace::read_ahead(HeadKey key) {
  // Who steps through heads finds the next one there. Not before this one is drawn, since decoding
  // takes all cores.
  QTimer::singleShot(0, this, [this, key] {
    if (store_ && head_ && key == head_key()) store_->request_neighbours(key);
  });
}

void Workspace::seek_tile() {
  Selection place = selection_.current();
  if (place.q_block < 0 || place.k_block >= 0) return;
  for (const TilePlace& tile : worst_tiles(*head_, kTilesLookedAt)) {
    if (tile.q_block != place.q_block) continue;
    place.k_block = tile.k_block;
    return selection_.move_to(place);
  }
}

void Workspace::ask_for_work() {
  if (working_) working_->cancel();
  work_.reset();
  emit work_changed();
  const std::int64_t layer = sequence_key().layer;
  using Result = std::shared_ptr<const LayerWork>;
  const std::function<Result(const JobControl&)> compute =
      [file = file_, layer](const JobControl&) { return work_of(*file, layer); };
  const std::function<void(Result)> deliver = [this](const Result& result) {
    working_.clear();
    work_ = result;
    emit work_changed();
    tell_settled();
  };
  working_ = LoadJob::start<Result>(this, compute, deliver);
  connect(working_, &LoadJob::failed, this,
          [deliver](const QString&) { deliver(std::make_shared<const LayerWork>()); });
}

void Workspace::count_next_density() {
  for (const HeadFigures& head : heads_.heads()) {
    if (head.density) continue;
    using Result = std::optional<double>;
    const HeadKey key = head.key;
    const std::function<Result(const JobControl&)> count = [file = file_, key](const JobControl&) {
      return counted_density(*file, key);
    };
    const std::function<void(Result)> deliver = [this, key](Result density) {
      counting_.clear();
      // Without a mask here there is hardly one elsewhere: the rest stays unknown.
      if (!density) return tell_settled();
      heads_.set_density(key, *density);
      emit density_counted(key, *density);
      count_next_density();
    };
    counting_ = LoadJob::start<Result>(this, count, deliver);
    return;
  }
  tell_settled();
}

bool Workspace::settled() const {
  if (!opening_.isNull()) return false;
  if (!file_) return true;
  return (head_ || head_missing_ || file_->sequences().empty()) && work_ && counting_.isNull() &&
         !thresholds_.pending();
}

void Workspace::tell_settled() {
  if (settled()) emit all_settled();
}

}  // namespace bsfa::gui
