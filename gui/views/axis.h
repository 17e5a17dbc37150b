// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>
#include <QString>
#include <functional>
#include <vector>

#include "gui/models/time_axis.h"

class QPainter;

namespace bsfa::gui {

struct Theme;

/// Powers of ten inside [low, high], every second or third where there are more than `most`; ticks
/// of an even scale where there are fewer than two. Their pixels are not set.
std::vector<Tick> log_ticks(double low, double high, int most);

/// A number as people write it: four significant digits, NaN and infinities as words.
QString number_text(double value, int digits = 4);

/// Ticks and labels outside one edge of `area`, with a title beyond them. Labels that would touch
/// the one before are left out.
struct AxisStyle {
  Qt::Edge edge = Qt::BottomEdge;
  QString title;
  double length = 4.0;  ///< of a tick
};
void draw_axis(QPainter& painter, const Theme& colors, const QRectF& area,
               const std::vector<Tick>& ticks, const std::function<double(double)>& to_pixel,
               const AxisStyle& style);

}  // namespace bsfa::gui
