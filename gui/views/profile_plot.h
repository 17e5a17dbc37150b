// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gui/models/selection.h"
#include "gui/views/plot.h"

class QCPGraph;

namespace bsfa::gui {

/// tile_max along the selected Q block with its τ, a line that can be dragged; or along the
/// selected K block, with each row's τ beside it.
///
/// Mouse  click selects the tile; the line of τ is dragged.
/// Keys   Left and Right select the next tile, Up and Down move τ by a hundredth of what is seen,
///        with Shift by a tenth.
class ProfilePlot : public Plot {
  Q_OBJECT

 public:
  enum class Along { kRow, kColumn };
  ProfilePlot(Along along, SelectionModel& selection, QWidget* parent = nullptr);

  /// `tau` [rows] of the head; empty: not known.
  void set_head(std::shared_ptr<const HeadArrays> head, std::span<const float> tau);
  void set_tau(std::span<const float> tau);
  /// Where the line of Along::kRow stands.
  std::optional<double> shown_tau() const { return tau_line_ < 0 ? std::nullopt : line(tau_line_); }

 signals:
  /// Of Along::kRow: while τ is dragged, and once it is let go.
  void tau_dragged(std::int64_t q_block, double tau);
  void tau_released(std::int64_t q_block, double tau);
  void tau_given_up();  ///< instead of that, after Escape

 protected:
  void restyle_data(const Theme& colors) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void refresh();
  void refresh_row(std::int64_t row);
  void refresh_column(std::int64_t column);
  void fill(QCPGraph* graph, const std::vector<double>& keys, const std::vector<double>& values);
  void select_at(double x);
  void step(int by);

  Along along_;
  SelectionModel& selection_;
  std::shared_ptr<const HeadArrays> head_;
  std::vector<float> tau_;
  QCPGraph *values_, *kept_, *thresholds_;
  int tau_line_ = -1, place_line_ = -1;
};

}  // namespace bsfa::gui
