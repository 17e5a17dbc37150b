// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "profiler/cupti/activity_stream.h"
#include "profiler/host/collectors.h"
#include "tests/profiler_activity/fake_cupti_activity.h"

using namespace bsfa;
using traces::SpanKind;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

/// A fake that has been asked nothing.
test::FakeCupti& fresh() {
  test::FakeCupti& fake = test::fake_cupti();
  fake.refusals.clear();
  fake.records.clear();
  fake.lost = 0;
  fake.no_buffers = false;
  fake.behind_realtime_ns = 0;
  REQUIRE(fake.enabled.empty());
  return fake;
}

std::uint64_t realtime_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

std::string refusal_of_recording() {
  try {
    profiler::record_activity()->finish();
  } catch (const profiler::Refused& refused) {
    return std::string(refused.what()) + " | " + refused.advice();
  }
  return "";
}

}  // namespace

TEST_CASE("kernels, copies and fills become spans in the host's time, sorted by their start") {
  auto& fake = fresh();
  // A CUPTI that counts from another moment than the host.
  fake.behind_realtime_ns = 5 * static_cast<std::int64_t>(kSecond);
  const auto recorder = profiler::record_activity();
  const std::uint64_t now = realtime_ns() - 5 * kSecond;
  fake.kernel("_ZN4bsfa7forwardEi", now + 3000, now + 5000, 13);
  CUpti_ActivityMemcpy6 copy{};
  copy.kind = CUPTI_ACTIVITY_KIND_MEMCPY;
  copy.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_HTOD;
  copy.bytes = 4096;
  copy.start = now + 1000;
  copy.end = now + 2000;
  fake.add(copy);
  CUpti_ActivityMemset4 fill{};
  fill.kind = CUPTI_ACTIVITY_KIND_MEMSET;
  fill.bytes = 512;
  fill.start = now + 6000;
  fill.end = now + 6500;
  fake.add(fill);
  const auto spans = recorder->finish();
  REQUIRE(spans.size() == 3);
  CHECK(spans[0].kind == SpanKind::kCopy);
  CHECK(spans[0].name == "copy to the device");
  CHECK(spans[0].bytes == 4096);
  CHECK(spans[1].kind == SpanKind::kKernel);
  CHECK(spans[1].name == "bsfa::forward(int)");
  CHECK(spans[1].track == 13);
  CHECK(spans[1].end_ns - spans[1].start_ns == 2000);
  CHECK(spans[2].kind == SpanKind::kFill);
  CHECK(spans[2].bytes == 512);
  constexpr std::uint64_t kSlack = kSecond / 20;
  CHECK(spans[1].start_ns + kSlack > now + 3000 + 5 * kSecond);
  CHECK(spans[1].start_ns < now + 3000 + 5 * kSecond + kSlack);
  CHECK(recorder->dropped() == 0);
  CHECK(fake.enabled.empty());
}

TEST_CASE("records lost to full buffers and kernels without a time are counted") {
  auto& fake = fresh();
  const auto recorder = profiler::record_activity();
  fake.kernel("timed", 1000, 2000);
  fake.kernel("untimed", 0, 0);
  fake.kernel("backwards", 2000, 1000);
  fake.mark(1, "untimed range", 0);
  fake.lost = 4;
  CHECK(recorder->finish().size() == 1);
  CHECK(recorder->dropped() == 7);
  CHECK(profiler::record_activity()->dropped() == 0);
}

TEST_CASE("records are counted as lost where no buffer was ever handed back") {
  auto& fake = fresh();
  fake.no_buffers = true;
  const auto recorder = profiler::record_activity();
  for (int i = 0; i < 3; ++i) fake.kernel("lost", 1000, 2000);
  CHECK(recorder->finish().empty());
  CHECK(recorder->dropped() == 3);
}

TEST_CASE("ranges are recorded with what encloses them") {
  auto& fake = fresh();
  const auto recorder = profiler::record_activity();
  const std::uint64_t now = realtime_ns();
  fake.mark(1, "outer", now);
  fake.mark(2, "inner", now + 100);
  fake.mark(2, nullptr, now + 200);
  fake.mark(1, nullptr, now + 300);
  fake.mark(3, "still open", now + 400);
  const auto spans = recorder->finish();
  REQUIRE(spans.size() == 3);
  CHECK(spans[0].name == "outer");
  CHECK(spans[0].depth == 0);
  CHECK(spans[1].name == "inner");
  CHECK(spans[1].depth == 1);
  CHECK(spans[2].name == "still open");
  CHECK(spans[2].depth == 0);
  CHECK(spans[2].end_ns >= spans[2].start_ns);
  CHECK(spans[2].end_ns <= realtime_ns() + kSecond / 20);
}

TEST_CASE("what CUPTI refuses is said in its words, and nothing stays enabled") {
  auto& fake = fresh();
  const std::string function = GENERATE("cuptiActivityRegisterCallbacks", "cuptiActivityEnable",
                                        "cuptiActivityFlushAll", "cuptiGetTimestamp");
  fake.refusals[function] = CUPTI_ERROR_HARDWARE_BUSY;
  CHECK_THAT(refusal_of_recording(),
             Catch::StartsWith(function + ": CUPTI_ERROR_HARDWARE_BUSY | another profiler"));
  CHECK(fake.enabled.empty());
  fake.refusals.clear();
  CHECK(refusal_of_recording() == "");
  CHECK(fake.enabled.empty());
}

TEST_CASE("a recording that is given up disables what it enabled, and there is one at a time") {
  auto& fake = fresh();
  {
    const auto recorder = profiler::record_activity();
    CHECK(fake.enabled.size() == 4);
    CHECK_THAT(refusal_of_recording(), Catch::Contains("already being recorded"));
    CHECK(fake.enabled.size() == 4);
  }
  CHECK(fake.enabled.empty());
  fake.refusals["cuptiActivityDisable"] = CUPTI_ERROR_HARDWARE_BUSY;
  CHECK_NOTHROW(profiler::record_activity()->finish());
  CHECK(fake.enabled.empty());
}

TEST_CASE("an exception of a handler loses its record and does not get into CUPTI's thread") {
  auto& fake = fresh();
  int seen = 0;
  profiler::ActivityStream stream(profiler::CuptiLibrary::get(),
                                  {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL},
                                  [&](const CUpti_Activity&) {
                                    if (++seen == 2) throw std::runtime_error("planted");
                                  });
  for (int i = 0; i < 3; ++i) fake.kernel("kernel", 1000, 2000);
  stream.stop();
  CHECK(seen == 3);
  CHECK(stream.dropped() == 1);
  // Whatever comes late belongs to nobody.
  fake.enabled.insert(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  fake.kernel("late", 1000, 2000);
  CHECK_NOTHROW(stream.flush());
  CHECK(seen == 3);
  fake.enabled.clear();
}

TEST_CASE("a thousand recordings one after the other each see their own records") {
  auto& fake = fresh();
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto recorder = profiler::record_activity();
    for (std::uint64_t k = 0; k < i % 5; ++k) fake.kernel("kernel", 1000 + k, 2000 + k);
    REQUIRE(recorder->finish().size() == i % 5);
    REQUIRE(recorder->dropped() == 0);
  }
}
