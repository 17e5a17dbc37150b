// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gui/models/selection.h"
#include "gui/models/tile_field.h"
#include "gui/views/heatmap_view.h"

class QComboBox;
class QLabel;

namespace bsfa::gui {

class ColorBar;
class ErrorStrip;
class Legend;
class Minimap;
class ProfilePlot;

/// One head with all that belongs to it: heatmap, error strip, colour bar, legend, minimap, and the
/// profiles of the selected row and column, laid out so that rows line up.
///
/// Recomputes the field when head, field, mask or thresholds change; the contrast of each field is
/// kept, and spans all values of the first head that was shown.
class HeadPanel : public QWidget {
  Q_OBJECT

 public:
  explicit HeadPanel(SelectionModel& selection, QWidget* parent = nullptr);

  /// Null: nothing. `sequence` outlives its use here and may be null.
  void set_head(std::shared_ptr<const HeadArrays> head, const traces::Sequence* sequence,
                std::int64_t head_index);
  /// τ [rows] as it is being tried; empty: that of the trace.
  void set_tau(std::span<const float> tau);
  void set_field(Field field);
  Field field() const { return field_; }
  void set_mask(MaskSource mask);
  MaskSource mask() const { return mask_; }
  void set_contrast(const Contrast& contrast);

  HeatmapView& heatmap() const { return *heatmap_; }
  ProfilePlot& row_profile() const { return *row_profile_; }
  ProfilePlot& column_profile() const { return *column_profile_; }
  std::shared_ptr<const TileField> tile_field() const { return tile_field_; }

 signals:
  /// Field, mask or values changed; the contrast panel counts again.
  void field_changed(std::shared_ptr<const bsfa::gui::TileField> field);
  void contrast_changed(const bsfa::gui::Contrast& contrast);
  void tau_dragged(std::int64_t q_block, double tau);
  void tau_released(std::int64_t q_block, double tau);
  void hovered(const QString& line);

 private:
  void build();
  QWidget* build_bar();
  void connect_views();
  void recompute();
  std::span<const float> shown_tau() const;

  SelectionModel& selection_;
  std::shared_ptr<const HeadArrays> head_;
  std::shared_ptr<const TileField> tile_field_;
  Field field_ = Field::kTileMax;
  MaskSource mask_ = MaskSource::kKernel;
  std::vector<float> tau_;
  std::array<std::optional<Contrast>, kFields.size()> contrasts_;
  QComboBox *field_choice_, *mask_choice_;
  QLabel* read_out_;
  HeatmapView* heatmap_;
  ErrorStrip* strip_;
  ColorBar* color_bar_;
  Legend* legend_;
  Minimap* minimap_;
  ProfilePlot *row_profile_, *column_profile_;
};

}  // namespace bsfa::gui
