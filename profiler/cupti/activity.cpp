// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <utility>

#include "profiler/cupti/activity_stream.h"
#include "profiler/host/collectors.h"
#include "profiler/host/demangle.h"
#include "profiler/host/range_nesting.h"

namespace bsfa::profiler {
namespace {

/// More than any profile shows; beyond it records count as lost rather than fill the memory.
constexpr std::size_t kMostRecords = 1'000'000;

/// The launch that a device record is of took place, but no memory was left to time it.
bool is_timed(const traces::Span& span) {
  return span.start_ns != 0 && span.end_ns >= span.start_ns;
}

traces::Span kernel_span(const CUpti_ActivityKernel10& record) {
  return {traces::SpanKind::kKernel,
          demangled(record.name),
          record.start,
          record.end,
          0,
          record.streamId,
          0};
}

traces::Span copy_span(const CUpti_ActivityMemcpy6& record) {
  const char* name = "copy";
  if (record.copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_HTOD) name = "copy to the device";
  if (record.copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_DTOH) name = "copy from the device";
  if (record.copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_DTOD) name = "copy on the device";
  return {traces::SpanKind::kCopy, name,        record.start, record.end, 0,
          record.streamId,         record.bytes};
}

traces::Span fill_span(const CUpti_ActivityMemset4& record) {
  return {traces::SpanKind::kFill, "fill",      record.start, record.end, 0,
          record.streamId,         record.bytes};
}

RangeMark range_mark(const CUpti_ActivityMarker2& record) {
  return {record.timestamp, record.id, record.objectId.pt.threadId,
          (record.flags & CUPTI_ACTIVITY_FLAG_MARKER_START) != 0,
          record.name != nullptr ? record.name : ""};
}

class Recorder final : public ActivityRecorder {
 public:
  Recorder()
      : cupti_(CuptiLibrary::get()),
        offset_ns_(offset_to_realtime(cupti_)),
        stream_(cupti_,
                {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                 CUPTI_ACTIVITY_KIND_MEMSET, CUPTI_ACTIVITY_KIND_MARKER},
                [this](const CUpti_Activity& record) { take(record); }) {}

  std::vector<traces::Span> finish() override {
    std::uint64_t now = 0;
    BSFA_CUPTI(cupti_, cuptiGetTimestamp, &now);
    stream_.stop();
    std::vector<traces::Span> spans = std::exchange(spans_, {});
    std::vector<traces::Span> ranges = nested_ranges(std::exchange(marks_, {}), now);
    std::move(ranges.begin(), ranges.end(), std::back_inserter(spans));
    for (traces::Span& span : spans) {
      span.start_ns = realtime(span.start_ns);
      span.end_ns = realtime(span.end_ns);
    }
    std::stable_sort(spans.begin(), spans.end(),
                     [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
    return spans;
  }

  std::uint64_t dropped() const override { return dropped_ + stream_.dropped(); }

 private:
  void take(const CUpti_Activity& record) {
    if (spans_.size() + marks_.size() >= kMostRecords) {
      ++dropped_;
      return;
    }
    switch (record.kind) {
      case CUPTI_ACTIVITY_KIND_KERNEL:
      case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
        return take(kernel_span(record_as<CUpti_ActivityKernel10>(record)));
      case CUPTI_ACTIVITY_KIND_MEMCPY:
        return take(copy_span(record_as<CUpti_ActivityMemcpy6>(record)));
      case CUPTI_ACTIVITY_KIND_MEMSET:
        return take(fill_span(record_as<CUpti_ActivityMemset4>(record)));
      case CUPTI_ACTIVITY_KIND_MARKER:
        return take(range_mark(record_as<CUpti_ActivityMarker2>(record)));
      default:
        return;
    }
  }

  void take(traces::Span span) {
    if (is_timed(span)) {
      spans_.push_back(std::move(span));
    } else {
      ++dropped_;
    }
  }

  void take(RangeMark mark) {
    if (mark.time_ns != 0) {
      marks_.push_back(std::move(mark));
    } else {
      ++dropped_;
    }
  }

  std::uint64_t realtime(std::uint64_t cupti_ns) const {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(cupti_ns) + offset_ns_);
  }

  const CuptiLibrary& cupti_;
  std::int64_t offset_ns_;
  std::vector<traces::Span> spans_;
  std::vector<RangeMark> marks_;
  std::uint64_t dropped_ = 0;
  // Last, because it calls take() until it has gone.
  ActivityStream stream_;
};

}  // namespace

std::unique_ptr<ActivityRecorder> record_activity() {
  return std::make_unique<Recorder>();
}

}  // namespace bsfa::profiler
