// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/lanes.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

#include "analysis/work_records.h"
#include "gui/models/color_map.h"
#include "gui/models/lane_stacker.h"
#include "gui/models/metric_name.h"
#include "gui/models/time_axis.h"

namespace bsfa::gui {
namespace {

/// What tells most of a kernel's time comes first: a view has room for a few series.
std::size_t rank_of(const QString& metric) {
  static constexpr const char* kFirst[] = {"pipe_tensor_cycles_active_realtime.avg",
                                           "sm__inst_executed_realtime", "lts__t_sector_throughput",
                                           "read_throughput"};
  const auto found = std::find_if(std::begin(kFirst), std::end(kFirst),
                                  [&](const char* part) { return metric.contains(part); });
  return static_cast<std::size_t>(found - std::begin(kFirst));
}

double density_of(const core::WorkRecord& record) {
  if (record.tiles_seen == 0) return 0.0;
  return static_cast<double>(record.tiles_kept) / static_cast<double>(record.tiles_seen);
}

}  // namespace

QString name_of(ItemColor color) {
  switch (color) {
    case ItemColor::kHead:
      return QStringLiteral("head");
    case ItemColor::kDensity:
      return QStringLiteral("density");
    case ItemColor::kDuration:
      return QStringLiteral("duration");
  }
  return {};
}

TimelineModel::TimelineModel(std::span<const core::WorkRecord> records,
                             const traces::Profile* profile) {
  auto usable = analysis::usable_records(records);
  set_aside_ = usable.set_aside();
  clock_ = usable.clock;
  records_ = usable.ctas.empty() ? std::move(usable.warps) : std::move(usable.ctas);
  make_lanes();
  if (profile != nullptr) {
    spans_ = span_rows(*profile, records_);
    make_series(*profile);
  }
}

void TimelineModel::make_lanes() {
  if (records_.empty()) return;
  const std::uint64_t origin = records_.front().start_ns;
  shortest_ns_ = std::numeric_limits<double>::infinity();
  std::map<std::uint32_t, LaneStacker> stackers;
  std::map<std::pair<std::uint32_t, std::size_t>, TimelineLane> lanes;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const core::WorkRecord& record = records_[i];
    TimelineItem item;
    item.start_ns = static_cast<double>(record.start_ns - origin);
    item.end_ns = static_cast<double>(record.end_ns - origin);
    item.record = static_cast<std::uint32_t>(i);
    const std::size_t part = stackers[record.unit].lane_for(item.start_ns, item.end_ns);
    lanes[{record.unit, part}].items.push_back(item);
    length_ns_ = std::max(length_ns_, item.end_ns);
    shortest_ns_ = std::min(shortest_ns_, item.end_ns - item.start_ns);
    longest_ns_ = std::max(longest_ns_, item.end_ns - item.start_ns);
  }
  const std::string_view unit = analysis::unit_name(clock_);
  for (auto& [place, lane] : lanes) {
    lane.unit = place.first;
    lane.part = static_cast<std::int32_t>(place.second);
    lane.first_of_unit = lane.part == 0;
    if (lane.first_of_unit)
      lane.label = QString::fromUtf8(unit.data(), static_cast<qsizetype>(unit.size())) +
                   QStringLiteral(" %1").arg(lane.unit);
    lanes_.push_back(std::move(lane));
  }
}

double TimelineModel::end_ns() const noexcept {
  double end = std::max(length_ns_, spans_.end_ns);
  if (!lanes_.empty()) return end;
  for (const TimelineSeries& series : series_) {
    if (!series.time_ns.empty()) end = std::max(end, series.time_ns.back());
  }
  return end;
}

void TimelineModel::make_series(const traces::Profile& profile) {
  if (!profile.samples) return;
  std::vector<double> times;
  for (const std::uint64_t start : profile.samples->start_ns)
    times.push_back(static_cast<double>(start));
  for (const traces::SampleSeries& from : profile.samples->series) {
    TimelineSeries series;
    series.name = QString::fromStdString(from.metric);
    const MetricName read = metric_name(series.name);
    series.title = read.name, series.unit = read.unit;
    series.time_ns = times;
    series.values = from.values;
    series.values.resize(times.size(), std::numeric_limits<float>::quiet_NaN());
    bool first = true;
    for (const float value : series.values) {
      if (!std::isfinite(value)) continue;
      series.low = first ? value : std::min(series.low, value);
      series.high = first ? value : std::max(series.high, value);
      first = false;
    }
    series_.push_back(std::move(series));
  }
  std::stable_sort(series_.begin(), series_.end(),
                   [](const auto& a, const auto& b) { return rank_of(a.name) < rank_of(b.name); });
}

std::span<const TimelineItem> TimelineModel::visible(std::size_t lane, double begin_ns,
                                                     double end_ns) const {
  if (lane >= lanes_.size()) return {};
  const auto& items = lanes_[lane].items;
  // Items of a lane follow one another, so their ends rise as their starts do.
  const auto first =
      std::partition_point(items.begin(), items.end(), [&](const TimelineItem& item) {
        return item.end_ns <= begin_ns && item.start_ns < begin_ns;
      });
  const auto last = std::partition_point(
      first, items.end(), [&](const TimelineItem& item) { return item.start_ns < end_ns; });
  return {first, last};
}

const TimelineItem* TimelineModel::hit(std::size_t lane, double time_ns,
                                       double tolerance_ns) const {
  if (lane >= lanes_.size()) return nullptr;
  const auto& items = lanes_[lane].items;
  const auto after =
      std::partition_point(items.begin(), items.end(),
                           [&](const TimelineItem& item) { return item.start_ns <= time_ns; });
  const TimelineItem* nearest = nullptr;
  double distance = tolerance_ns;
  if (after != items.begin()) {
    const TimelineItem& before = *std::prev(after);
    if (time_ns < before.end_ns) return &before;
    if (time_ns - before.end_ns <= distance) {
      nearest = &before;
      distance = time_ns - before.end_ns;
    }
  }
  if (after != items.end() && after->start_ns - time_ns <= distance &&
      (nearest == nullptr || after->start_ns - time_ns < distance)) {
    nearest = &*after;
  }
  return nearest;
}

std::optional<TimelineModel::Place> TimelineModel::find(std::int64_t batch, std::int64_t head,
                                                        std::int64_t q_block) const {
  std::optional<Place> found;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const auto& items = lanes_[lane].items;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const core::WorkRecord& record = records_[items[i].record];
      if (record.batch != batch || record.head != head || record.q_block != q_block) continue;
      if (!found || items[i].start_ns < lanes_[found->lane].items[found->item].start_ns)
        found = Place{lane, i};
    }
  }
  return found;
}

std::optional<TimelineModel::Place> TimelineModel::find(std::uint32_t unit, double time_ns) const {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (lanes_[lane].unit != unit) continue;
    if (const TimelineItem* item = hit(lane, time_ns))
      return Place{lane, static_cast<std::size_t>(item - lanes_[lane].items.data())};
  }
  return std::nullopt;
}

QRgb TimelineModel::color_of(const TimelineItem& item, ItemColor by) const {
  const core::WorkRecord& record = records_[item.record];
  switch (by) {
    case ItemColor::kHead:
      return category_color(static_cast<std::size_t>(std::max(record.head, 0)));
    case ItemColor::kDensity:
      return viridis()[Contrast{0.0, 1.0, false}.index(static_cast<float>(density_of(record)))];
    case ItemColor::kDuration:
      return viridis()[Contrast{shortest_ns_, longest_ns_, false}.index(
          static_cast<float>(item.end_ns - item.start_ns))];
  }
  return 0;
}

QString TimelineModel::describe(const TimelineItem& item) const {
  const core::WorkRecord& record = records_[item.record];
  QString text = QStringLiteral("head %1, Q block %2, %3: %4 of %5 tiles kept, CTA %6")
                     .arg(record.head)
                     .arg(record.q_block)
                     .arg(duration_text(item.end_ns - item.start_ns))
                     .arg(record.tiles_kept)
                     .arg(record.tiles_seen)
                     .arg(record.cta);
  if (record.batch != 0) text.prepend(QStringLiteral("batch entry %1, ").arg(record.batch));
  if (record.warp >= 0) text += QStringLiteral(", warp %1").arg(record.warp);
  return text;
}

}  // namespace bsfa::gui
