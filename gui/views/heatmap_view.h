// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QImage>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <optional>

#include "gui/models/heat_raster.h"
#include "gui/models/selection.h"
#include "gui/views/tile_viewport.h"

namespace bsfa::gui {

/// One head as a heatmap, tile rows downwards: Q blocks by K blocks.
///
/// Mouse  wheel zooms at the cursor, drag pans, click selects a tile, double click fits; buttons
///        Back and Forward walk the history of views.
/// Keys   arrows move by a tile (with Shift by ten), + and - zoom at the selected tile, F or 0
///        fits, Alt+Left and Alt+Right walk the history, Space blinks the two masks while held.
class HeatmapView : public QWidget {
  Q_OBJECT

 public:
  explicit HeatmapView(SelectionModel& selection, QWidget* parent = nullptr);

  /// What is shown; both null: nothing. A head of the same size keeps the view.
  void set_head(std::shared_ptr<const HeadArrays> head, std::shared_ptr<const TileField> field);
  void set_contrast(const Contrast& contrast);
  const Contrast& contrast() const { return contrast_; }
  std::shared_ptr<const TileField> field() const { return field_; }
  std::shared_ptr<const HeadArrays> head() const { return head_; }

  /// What stands above the tiles in place of the field's name; empty: that name.
  void set_heading(const QString& text);

  const TileViewport& viewport() const { return viewport_; }
  /// Shows these tiles: views of two runs keep in step by this and view_changed().
  void set_view(const QRectF& tiles);
  void fit();
  void go_back();
  void go_forward();

  /// Shows the reference's and the kernel's mask in turn, as long as it is on.
  void set_blink(bool on);
  bool is_blinking() const { return blink_timer_.isActive(); }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void view_changed(const QRectF& tiles);
  void area_changed();
  void content_changed();  ///< head, field or contrast
  /// One line about the tile under the pointer; empty where there is none.
  void hovered(const QString& line);
  void contrast_hint(float value);  ///< of the tile under the pointer, for the colour bar

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Tile {
    std::int64_t row = -1, column = -1;
    bool is_valid() const { return row >= 0 && column >= 0; }
    friend bool operator==(const Tile&, const Tile&) = default;
  };

  const TileField* shown() const;
  void place_area();
  void view_moved();
  void zoom(const QPointF& pixel, double factor);
  void remember();
  Tile tile_at(const QPointF& pixel) const;
  Tile selected() const;
  void select(Tile tile, bool is_step);
  bool move_selection(int key, Qt::KeyboardModifiers modifiers);
  void hover(Tile tile);
  const QImage& image();
  void paint_axes(QPainter& painter) const;
  void paint_marks(QPainter& painter) const;
  void paint_heading(QPainter& painter) const;
  QString note() const;

  SelectionModel& selection_;
  std::shared_ptr<const HeadArrays> head_;
  std::shared_ptr<const TileField> field_;
  std::shared_ptr<const TileField>
      masks_[2];  ///< reference's and kernel's, made when first blinked
  Contrast contrast_;
  QString heading_;
  TileViewport viewport_;
  QImage image_;
  bool image_is_old_ = true;
  Tile hovered_;
  QTimer blink_timer_;
  int blink_side_ = -1;
  std::optional<QPointF> dragged_from_;
  bool has_dragged_ = false;
  QElapsedTimer since_move_;
};

}  // namespace bsfa::gui
