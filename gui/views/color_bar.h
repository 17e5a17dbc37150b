// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "gui/models/color_map.h"
#include "gui/models/tile_field.h"

namespace bsfa::gui {

/// What the colours of a heatmap mean: the field's scale with ticks, and where the value under the
/// pointer lies on it. Fields without a scale hide it.
class ColorBar : public QWidget {
  Q_OBJECT

 public:
  explicit ColorBar(QWidget* parent = nullptr);

  /// `title` stands in place of the field's name where it is not empty.
  void set_scale(Field field, const Contrast& contrast, const QString& title = {});
  void set_hint(std::optional<float> value);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QRectF bar() const;

  Field field_ = Field::kTileMax;
  QString title_;
  Contrast contrast_;
  std::optional<float> hint_;
};

}  // namespace bsfa::gui
