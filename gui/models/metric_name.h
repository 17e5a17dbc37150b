// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

namespace bsfa::gui {

/// A metric of the profiling library as people read it.
struct MetricName {
  QString name;  ///< without the hardware unit before it and what the value's unit says
  QString unit;  ///< "%", "B/s", "per cycle"; empty where it is a plain count
};
/// "TPC.TriageCompute.sm__inst_executed.avg.per_cycle_elapsed" is "sm__inst_executed avg" in
/// "per cycle". Names of another kind stay as they are; one that ends in % is in %.
MetricName metric_name(const QString& metric);

}  // namespace bsfa::gui
