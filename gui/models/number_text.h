// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

namespace bsfa::gui {

/// "0.238", "1.5e-05": three significant digits. "NaN", "∞", "−∞".
QString figure_text(double value);
/// "44.35 %". 100 % only where all of it is meant, so 0.99999 is "99.99 %".
QString percent_text(double share);
/// A value that does not exist is "–".
QString figure_text(std::optional<double> value);
QString percent_text(std::optional<double> share);

}  // namespace bsfa::gui
