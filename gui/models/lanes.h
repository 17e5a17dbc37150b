// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <QtCore/QString>
#include <QtGui/qrgb.h>

#include "core/work.h"
#include "traces/profile.h"

namespace bsfa::gui {

/// What the colour of a work item says.
enum class ItemColor : std::uint8_t { kHead, kDensity, kDuration };
QString name_of(ItemColor color);

/// One work item on its lane. Times count from the timeline's origin.
struct TimelineItem {
  double start_ns = 0.0, end_ns = 0.0;
  std::uint32_t record = 0;  ///< index into TimelineModel::records()
};

/// One row: a unit, or one of several where its items overlap, as CTAs of one SM do.
struct TimelineLane {
  std::uint32_t unit = 0;
  std::int32_t part = 0;  ///< 0, 1, ... of the unit's lanes
  bool first_of_unit = true;
  QString label;                    ///< "SM 17", "worker 3"; empty but for the first of a unit
  std::vector<TimelineItem> items;  ///< by start, one after another
};

/// A range of NVTX, or a kernel, copy or fill of the device. Spans come by another clock than work
/// items and are shown on an axis of their own.
struct TimelineSpan {
  traces::SpanKind kind = traces::SpanKind::kRange;
  QString name;
  double start_ns = 0.0, end_ns = 0.0;  ///< from the first span's start
  int lane = 0;                         ///< spans of one lane do not overlap
};

/// A measured quantity over time.
struct TimelineSeries {
  QString name;
  std::vector<double> time_ns;  ///< of each sample, ascending, from the launch's start
  std::vector<float> values;
  float low = 0.0F, high = 0.0F;  ///< of the finite values
};

/// Work items of one launch in lanes, with what else the profile knows over time. Not shared with
/// other threads while it is filled; reading is const.
class TimelineModel {
 public:
  TimelineModel() = default;
  /// Items without a usable clock, or that end before they start, are set aside and counted. Where
  /// there are records of whole CTAs those of single warps are left out.
  explicit TimelineModel(std::span<const core::WorkRecord> records,
                         const traces::Profile* profile = nullptr);

  bool empty() const noexcept { return lanes_.empty(); }
  double length_ns() const noexcept { return length_ns_; }
  core::ClockDomain clock() const noexcept { return clock_; }
  std::int64_t set_aside() const noexcept { return set_aside_; }
  std::size_t item_count() const noexcept { return records_.size(); }
  const std::vector<core::WorkRecord>& records() const noexcept { return records_; }
  const std::vector<TimelineLane>& lanes() const noexcept { return lanes_; }
  const std::vector<TimelineSpan>& spans() const noexcept { return spans_; }
  double spans_length_ns() const noexcept { return spans_length_ns_; }
  int span_lanes() const noexcept { return span_lanes_; }
  /// What tells most of a kernel's time first, the others as they were sampled.
  const std::vector<TimelineSeries>& series() const noexcept { return series_; }

  /// Items of a lane that overlap [begin, end).
  std::span<const TimelineItem> visible(std::size_t lane, double begin_ns, double end_ns) const;
  /// The item of a lane at a time; with a tolerance the nearest within it.
  const TimelineItem* hit(std::size_t lane, double time_ns, double tolerance_ns = 0.0) const;

  /// A place of the timeline.
  struct Place {
    std::size_t lane = 0, item = 0;
  };
  /// The first item of a head and Q block (of a batch entry), or of a unit at a time.
  std::optional<Place> find(std::int64_t batch, std::int64_t head, std::int64_t q_block) const;
  std::optional<Place> find(std::uint32_t unit, double time_ns) const;

  /// Colour of an item; scales of density and duration span this timeline's items.
  QRgb color_of(const TimelineItem& item, ItemColor by) const;
  /// What the ends of the colour scale stand for; 0 and 1 for density.
  double shortest_ns() const noexcept { return shortest_ns_; }
  double longest_ns() const noexcept { return longest_ns_; }
  /// One line about an item: head, Q block, tiles seen and kept, duration, CTA.
  QString describe(const TimelineItem& item) const;

 private:
  void make_lanes();
  void make_spans(const traces::Profile& profile);
  void make_series(const traces::Profile& profile);

  std::vector<core::WorkRecord> records_;
  core::ClockDomain clock_ = core::ClockDomain::kNone;
  std::int64_t set_aside_ = 0;
  double length_ns_ = 0.0, shortest_ns_ = 0.0, longest_ns_ = 0.0, spans_length_ns_ = 0.0;
  int span_lanes_ = 0;
  std::vector<TimelineLane> lanes_;
  std::vector<TimelineSpan> spans_;
  std::vector<TimelineSeries> series_;
};

}  // namespace bsfa::gui
