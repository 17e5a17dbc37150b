// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "gui/models/heat_raster.h"

namespace bsfa::gui {

/// The look of each class of tiles, exactly as the heatmap draws it, in lines that wrap.
class Legend : public QWidget {
  Q_OBJECT

 public:
  explicit Legend(QWidget* parent = nullptr);

  void set_field(Field field, bool classes_known);

  QSize sizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Entry {
    QString name;
    QImage look;
  };
  std::vector<Entry> entries(const HeatStyle& style, int side) const;
  /// Places entries in lines; the height that takes.
  int lay_out(int width, QPainter* painter) const;

  Field field_ = Field::kTileMax;
  bool classes_known_ = true;
};

}  // namespace bsfa::gui
