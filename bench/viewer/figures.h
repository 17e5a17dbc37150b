// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

namespace bsfa::bench {

/// One figure of the viewer and what it may be.
struct Figure {
  std::string name;
  double value = 0.0;
  std::string unit;
  double budget = 0.0;  ///< on an idle machine
  double slack =
      3.0;  ///< how many budgets a busy machine may need; 1 for what does not depend on it
  bool within() const { return value <= budget * slack; }
};

/// Opens a trace in a window without a display and does what a person would: the first picture,
/// every head in turn, zooming, dragging thresholds, the overview of each field, saving thresholds.
/// Times are medians. What a process needed at most is of the whole of it, so call this once.
void measure_viewer(const std::string& trace, const std::function<void(const Figure&)>& report);

}  // namespace bsfa::bench
