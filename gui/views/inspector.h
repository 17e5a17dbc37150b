// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gui/models/block_table.h"
#include "gui/models/lanes.h"
#include "gui/models/selection.h"

class QFormLayout;
class QLabel;

namespace bsfa::gui {

/// All that is known of the selected tile, its Q block and its work item. Every value can be
/// selected as text.
class Inspector : public QWidget {
  Q_OBJECT

 public:
  explicit Inspector(SelectionModel& selection, QWidget* parent = nullptr);

  /// Any may be null; `sequence` and `timeline` outlive their use here.
  void set_head(std::shared_ptr<const HeadArrays> head, std::shared_ptr<const TileField> field,
                const traces::Sequence* sequence);
  /// τ [rows] as it is being tried; empty: the stored one.
  void set_tau(std::span<const float> tau);
  void set_timeline(std::shared_ptr<const TimelineModel> timeline);

  /// Name and value, line by line, as shown.
  std::vector<std::pair<QString, QString>> lines() const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void refresh();
  std::optional<float> tau_of(std::int64_t row) const;
  void add_tile(std::vector<std::pair<QString, QString>>& to, std::int64_t row) const;
  void add_block(std::vector<std::pair<QString, QString>>& to, std::int64_t row) const;
  void add_item(std::vector<std::pair<QString, QString>>& to) const;

  SelectionModel& selection_;
  std::shared_ptr<const HeadArrays> head_;
  std::shared_ptr<const TileField> field_;
  const traces::Sequence* sequence_ = nullptr;
  std::vector<float> tau_;
  std::shared_ptr<const TimelineModel> timeline_;
  QFormLayout* form_;
  std::vector<std::pair<QLabel*, QLabel*>> rows_;
};

}  // namespace bsfa::gui
