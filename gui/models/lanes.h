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
#include "gui/models/span_rows.h"
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

/// A measured quantity over time.
struct TimelineSeries {
  QString name;                 ///< in the profiling library's own terms
  QString title, unit;          ///< as people read them
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

  /// Nothing to draw at all; without_items() may still have spans and series.
  bool empty() const noexcept { return lanes_.empty() && spans_.spans.empty() && series_.empty(); }
  bool without_items() const noexcept { return lanes_.empty(); }
  double length_ns() const noexcept { return length_ns_; }
  core::ClockDomain clock() const noexcept { return clock_; }
  std::int64_t set_aside() const noexcept { return set_aside_; }
  std::size_t item_count() const noexcept { return records_.size(); }
  const std::vector<core::WorkRecord>& records() const noexcept { return records_; }
  const std::vector<TimelineLane>& lanes() const noexcept { return lanes_; }
  const SpanRows& spans() const noexcept { return spans_; }
  /// What there is to see over time, work items or not: begins at 0 or, with a span, before.
  double begin_ns() const noexcept { return spans_.begin_ns; }
  double end_ns() const noexcept;
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
  void make_series(const traces::Profile& profile);

  std::vector<core::WorkRecord> records_;
  core::ClockDomain clock_ = core::ClockDomain::kNone;
  std::int64_t set_aside_ = 0;
  double length_ns_ = 0.0, shortest_ns_ = 0.0, longest_ns_ = 0.0;
  std::vector<TimelineLane> lanes_;
  SpanRows spans_;
  std::vector<TimelineSeries> series_;
};

}  // namespace bsfa::gui
