// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "gui/models/head_figures.h"
#include "gui/models/threshold_model.h"

namespace bsfa::gui {

/// Keeps a table of heads in step with the thresholds being tried.
///
/// Heads follow in slices of a few milliseconds between events, those of the layer in view first,
/// so that a drag stays smooth however many heads it is about. Both must outlive this.
class TriedHeads : public QObject {
  Q_OBJECT

 public:
  TriedHeads(ThresholdModel& thresholds, HeadTableModel& table, QObject* parent = nullptr);

  /// Whether the table says what the thresholds do, as far as that is known.
  bool up_to_date() const { return next_ >= waiting_.size(); }

 signals:
  /// These rows of the table have other figures now.
  void followed(const std::vector<bsfa::gui::HeadKey>& heads);

 private:
  void begin();
  void go_on();

  ThresholdModel& thresholds_;
  HeadTableModel& table_;
  std::vector<HeadKey> waiting_;
  std::size_t next_ = 0;
  QTimer slice_;
};

}  // namespace bsfa::gui
