// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/activity_stream.h"

#include <cstdlib>
#include <ctime>
#include <limits>
#include <mutex>
#include <utility>

namespace bsfa::profiler {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{2} << 20;
constexpr std::size_t kBufferAlignment = 8;

/// Whom CUPTI's callbacks serve; it calls them with nothing that would say so.
struct Receiver {
  std::mutex mutex;
  const CuptiLibrary* cupti = nullptr;  ///< nullptr: nobody listens
  ActivityStream::Handler handler;
  std::uint64_t dropped = 0;
};

/// Never destroyed, because CUPTI's threads may call until the process has ended.
Receiver& receiver() {
  static Receiver& one = *new Receiver;
  return one;
}

void read_buffer(Receiver& to, std::uint8_t* buffer, std::size_t valid_bytes) {
  const auto next =
      to.cupti->function<decltype(&cuptiActivityGetNextRecord)>("cuptiActivityGetNextRecord");
  CUpti_Activity* record = nullptr;
  while (next(buffer, valid_bytes, &record) == CUPTI_SUCCESS) {
    try {
      to.handler(*record);
    } catch (...) {
      ++to.dropped;
    }
  }
}

void count_dropped(Receiver& to) {
  std::size_t lost = 0;
  const auto ask = to.cupti->function<decltype(&cuptiActivityGetNumDroppedRecords)>(
      "cuptiActivityGetNumDroppedRecords");
  if (ask(nullptr, 0, &lost) == CUPTI_SUCCESS) to.dropped += lost;
}

void on_buffer_requested(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
  // Where there is no memory CUPTI drops records and counts them.
  *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(kBufferAlignment, kBufferBytes));
  *size = *buffer == nullptr ? 0 : kBufferBytes;
  *most_records = 0;
}

void on_buffer_completed(CUcontext, std::uint32_t, std::uint8_t* buffer, std::size_t,
                         std::size_t valid_bytes) {
  try {
    Receiver& to = receiver();
    const std::lock_guard lock(to.mutex);
    if (to.cupti != nullptr) {
      if (buffer != nullptr && valid_bytes > 0) read_buffer(to, buffer, valid_bytes);
      count_dropped(to);
    }
  } catch (...) {
    // Nothing may cross into CUPTI. Only a failing lock gets here.
  }
  std::free(buffer);
}

void listen(const CuptiLibrary& cupti, ActivityStream::Handler handler) {
  Receiver& to = receiver();
  const std::lock_guard lock(to.mutex);
  if (to.cupti != nullptr) {
    throw Refused("the activity of this process is already being recorded", "");
  }
  to.cupti = &cupti;
  to.handler = std::move(handler);
  to.dropped = 0;
}

/// How many records were lost since listen().
std::uint64_t listen_no_more() {
  Receiver& to = receiver();
  const std::lock_guard lock(to.mutex);
  // Where no buffer could be had none was completed, and nobody has asked yet.
  if (to.cupti != nullptr) count_dropped(to);
  to.cupti = nullptr;
  to.handler = nullptr;
  return to.dropped;
}

std::int64_t realtime_ns() {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  return static_cast<std::int64_t>(now.tv_sec) * kNsPerSecond + now.tv_nsec;
}

}  // namespace

ActivityStream::ActivityStream(const CuptiLibrary& cupti,
                               const std::vector<CUpti_ActivityKind>& kinds, Handler handler)
    : cupti_(cupti) {
  listen(cupti, std::move(handler));
  try {
    BSFA_CUPTI(cupti_, cuptiActivityRegisterCallbacks, on_buffer_requested, on_buffer_completed);
    for (const CUpti_ActivityKind kind : kinds) {
      BSFA_CUPTI(cupti_, cuptiActivityEnable, kind);
      enabled_.push_back(kind);
    }
  } catch (...) {
    disable_all();
    listen_no_more();
    throw;
  }
}

ActivityStream::~ActivityStream() {
  if (!enabled_.empty()) end();
}

void ActivityStream::flush() {
  BSFA_CUPTI(cupti_, cuptiActivityFlushAll, CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
}

void ActivityStream::stop() {
  if (enabled_.empty()) return;
  try {
    flush();
  } catch (...) {
    end();
    throw;
  }
  end();
}

void ActivityStream::end() noexcept {
  disable_all();
  dropped_ = listen_no_more();
}

void ActivityStream::disable_all() noexcept {
  for (const CUpti_ActivityKind kind : enabled_) {
    try {
      BSFA_CUPTI(cupti_, cuptiActivityDisable, kind);
    } catch (...) {
      // The others are still disabled; whatever is recorded further is thrown away.
    }
  }
  enabled_.clear();
}

std::int64_t offset_to_realtime(const CuptiLibrary& cupti) {
  constexpr int kTries = 16;
  std::int64_t narrowest = std::numeric_limits<std::int64_t>::max();
  std::int64_t offset = 0;
  for (int i = 0; i < kTries; ++i) {
    std::uint64_t between = 0;
    const std::int64_t before = realtime_ns();
    BSFA_CUPTI(cupti, cuptiGetTimestamp, &between);
    const std::int64_t after = realtime_ns();
    if (after - before < narrowest) {
      narrowest = after - before;
      offset = before + (after - before) / 2 - static_cast<std::int64_t>(between);
    }
  }
  return offset;
}

}  // namespace bsfa::profiler
