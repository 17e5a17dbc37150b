// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QImage>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "gui/models/head_figures.h"
#include "gui/models/head_store.h"
#include "gui/models/heat_raster.h"
#include "gui/models/selection.h"

namespace bsfa::gui {

/// All heads of a layer as small pictures on one scale, with density, error and imbalance under
/// each. Pictures are pooled by maximum, which the heading says, and loaded when they are first in
/// view.
///
/// Mouse  click selects a head, double click opens it.
/// Keys   arrows select the next head, Home and End the first and last, Return opens it.
class OverviewView : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit OverviewView(SelectionModel& selection, QWidget* parent = nullptr);

  /// Null: no trace. `figures` may hold heads of other layers.
  void set_layer(HeadStore* store, SequenceKey key, std::vector<HeadFigures> figures);
  void set_field(Field field);
  Field field() const { return field_; }
  /// The common scale; none: that which shows the values of all pictures loaded so far.
  void set_contrast(std::optional<Contrast> contrast);
  Contrast contrast() const;
  /// What was counted later than set_layer().
  void set_density(HeadKey key, double density);
  /// What thresholds being tried do to a head, as captions show it beside the trace's own.
  void set_tried(HeadKey key, const std::optional<TriedFigures>& figures);

  std::size_t heads() const { return cells_.size(); }
  /// Where a head is drawn, in the viewport; empty where it is scrolled out of view.
  QRect cell_rect(std::size_t index) const;
  std::size_t loaded_pictures() const;

 signals:
  void head_activated(bsfa::gui::HeadKey key);
  void hovered(const QString& line);
  void contrast_changed(const bsfa::gui::Contrast& contrast);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;
  void scrollContentsBy(int dx, int dy) override;

 private:
  struct Cell {
    HeadFigures figures;
    std::shared_ptr<const TileField> picture;
    QImage image;
    bool is_asked = false;
    std::optional<std::pair<float, float>> range;  ///< of the picture's values; kept without it
  };
  struct Grid {
    int columns = 1, rows = 0;
    QSize cell;
    int heading = 0;
  };
  Grid grid() const;
  void lay_out();
  void ask_for_visible();
  void take(HeadKey key, Field field);
  void forget_images();
  int index_at(const QPoint& point) const;
  int selected() const;
  void select(int index);
  void drop_far(int first, int end);
  const QImage& image_of(Cell& cell, QSize pixels);
  void paint_cell(QPainter& painter, int index, const QRect& box);
  void paint_picture(QPainter& painter, Cell& cell, const QRect& box);
  void paint_figures(QPainter& painter, const HeadFigures& figures, const QRect& box) const;
  void paint_heading(QPainter& painter) const;
  QString heading() const;
  QString line(const HeadFigures& figures) const;

  SelectionModel& selection_;
  HeadStore* store_ = nullptr;
  SequenceKey key_;
  Field field_ = Field::kTileMax;
  std::optional<Contrast> contrast_;
  std::vector<Cell> cells_;
  std::optional<HeadKey> worst_;
};

}  // namespace bsfa::gui
