// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/tried_heads.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <QtCore/QElapsedTimer>

namespace bsfa::gui {
namespace {

constexpr qint64 kSliceMs = 6;

}  // namespace

TriedHeads::TriedHeads(ThresholdModel& thresholds, HeadTableModel& table, QObject* parent)
    : QObject(parent), thresholds_(thresholds), table_(table) {
  slice_.setSingleShot(true);
  slice_.setInterval(0);
  connect(&slice_, &QTimer::timeout, this, &TriedHeads::go_on);
  connect(&thresholds, &ThresholdModel::changed, this, &TriedHeads::begin);
  connect(&thresholds, &ThresholdModel::evaluated, this, &TriedHeads::begin);
  connect(&table, &QAbstractItemModel::modelReset, this, &TriedHeads::begin);
}

void TriedHeads::begin() {
  waiting_.clear();
  next_ = 0;
  for (const HeadFigures& head : table_.heads()) {
    if (head.tried || thresholds_.edited(head.key)) waiting_.push_back(head.key);
  }
  std::stable_partition(waiting_.begin(), waiting_.end(), [this](const HeadKey& key) {
    return key.sequence == thresholds_.head().sequence;
  });
  if (!waiting_.empty()) slice_.start();
}

void TriedHeads::go_on() {
  QElapsedTimer timer;
  timer.start();
  std::vector<std::pair<HeadKey, std::optional<TriedFigures>>> changes;
  std::vector<HeadKey> heads;
  for (; next_ < waiting_.size() && timer.elapsed() < kSliceMs; ++next_) {
    const HeadKey key = waiting_[next_];
    const bool edited = thresholds_.edited(key);
    auto figures = edited ? thresholds_.tried(key) : std::nullopt;
    // What is not known yet comes when its curves are there; the figures before are old by then.
    if (edited && !figures && thresholds_.pending()) continue;
    if (edited && !figures) figures = TriedFigures{};
    changes.emplace_back(key, std::move(figures));
    heads.push_back(key);
  }
  table_.set_tried(changes);
  if (!heads.empty()) emit followed(heads);
  if (next_ < waiting_.size()) slice_.start();
}

}  // namespace bsfa::gui
