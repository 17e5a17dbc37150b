// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <cupti_activity.h>

#include "profiler/cupti/cupti_library.h"

namespace bsfa::profiler {

/// What CUPTI records of the process, record by record, from construction until stop(). There is
/// one at a time: CUPTI's callbacks know of no caller.
///
/// Errors   throws Refused, with everything that was enabled disabled again.
/// Threads  the handler is called by CUPTI's threads, one call at a time.
class ActivityStream {
 public:
  /// Gets a record that lives for the call alone, its strings included. What it throws counts as a
  /// lost record.
  using Handler = std::function<void(const CUpti_Activity&)>;

  ActivityStream(const CuptiLibrary& cupti, const std::vector<CUpti_ActivityKind>& kinds,
                 Handler handler);
  ActivityStream(const ActivityStream&) = delete;
  ActivityStream& operator=(const ActivityStream&) = delete;
  ~ActivityStream();

  /// Hands over what is still buffered. The device has to be idle: what runs has no end yet.
  void flush();
  /// Flushes and ends recording; the handler is not called afterwards.
  void stop();

  /// Records lost to full buffers, and those that the handler failed at; to be asked after stop().
  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  void disable_all() noexcept;
  void end() noexcept;

  const CuptiLibrary& cupti_;
  std::vector<CUpti_ActivityKind> enabled_;
  std::uint64_t dropped_ = 0;
};

/// A record by the layout that its kind stands for.
template <typename Record>
const Record& record_as(const CUpti_Activity& record) {
  return reinterpret_cast<const Record&>(record);
}

/// CLOCK_REALTIME minus the clock of records, in ns; their difference is small and constant.
std::int64_t offset_to_realtime(const CuptiLibrary& cupti);

}  // namespace bsfa::profiler
