// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/metric_name.h"

#include <QtCore/QStringList>

namespace bsfa::gui {

MetricName metric_name(const QString& metric) {
  MetricName out;
  if (metric.endsWith(QLatin1Char('%'))) return {metric.chopped(1).trimmed(), QStringLiteral("%")};
  const auto unit_end = metric.indexOf(QLatin1String("__"));
  if (unit_end < 0) return {metric, {}};
  // Samples name the group of hardware counters first: "TPC.TriageCompute.".
  const auto start = metric.lastIndexOf(QLatin1Char('.'), unit_end) + 1;
  QStringList parts = metric.mid(start).split(QLatin1Char('.'));
  const bool is_bytes = parts.front().contains(QLatin1String("bytes"));
  for (qsizetype i = parts.size() - 1; i > 0; --i) {
    const QString& part = parts[i];
    if (part.startsWith(QLatin1String("pct"))) {
      out.unit = QStringLiteral("%");
    } else if (part.startsWith(QLatin1String("per_cycle"))) {
      out.unit = is_bytes ? QStringLiteral("B per cycle") : QStringLiteral("per cycle");
    } else if (part == QLatin1String("per_second")) {
      out.unit = is_bytes ? QStringLiteral("B/s") : QStringLiteral("per second");
    } else {
      continue;
    }
    parts.removeAt(i);
  }
  if (out.unit.isEmpty() && is_bytes) out.unit = QStringLiteral("B");
  out.name = parts.join(QLatin1Char(' '));
  return out;
}

}  // namespace bsfa::gui
