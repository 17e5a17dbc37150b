// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/number_text.h"

#include <cmath>

namespace bsfa::gui {

QString figure_text(double value) {
  if (std::isnan(value)) return QStringLiteral("NaN");
  if (std::isinf(value)) return value > 0.0 ? QStringLiteral("∞") : QStringLiteral("−∞");
  return QString::number(value, 'g', 3);
}

QString percent_text(double share) {
  if (!std::isfinite(share)) return figure_text(share);
  double percent = 100.0 * share;
  if (share < 1.0 && percent > 99.99) percent = 99.99;
  return QString::number(percent, 'f', 2) + QStringLiteral(" %");
}

QString figure_text(std::optional<double> value) {
  return value ? figure_text(*value) : QStringLiteral("–");
}

QString percent_text(std::optional<double> share) {
  return share ? percent_text(*share) : QStringLiteral("–");
}

}  // namespace bsfa::gui
