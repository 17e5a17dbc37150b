// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QWidget>

namespace bsfa::gui {

class HeatmapView;

/// All tiles of a heatmap, pooled, with a frame around those in view. Click or drag moves the view;
/// arrow keys move it by a tenth.
class Minimap : public QWidget {
  Q_OBJECT

 public:
  explicit Minimap(HeatmapView& heatmap, QWidget* parent = nullptr);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  QRectF area() const;
  void center_on(const QPointF& pixel);
  void redraw();
  void forget();

  HeatmapView& heatmap_;
  QImage image_;
};

}  // namespace bsfa::gui
