// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace bsfa::gui {

/// Marks rows whose cells say true under Qt::UserRole as faults: a cross in their first column, and
/// text in the colour of faults.
class FaultDelegate : public QStyledItemDelegate {
 public:
  /// Colours and pixels are those of `view`, which outlives this.
  FaultDelegate(const QWidget& view, QObject* parent);

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;

 private:
  const QWidget& view_;
};

}  // namespace bsfa::gui
