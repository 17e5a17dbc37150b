// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "profiler/cupti/current_device.h"
#include "profiler/cupti/kept_modules.h"
#include "profiler/cupti/pc_sampler.h"
#include "profiler/cupti/source_lines.h"
#include "profiler/host/collectors.h"
#include "profiler/host/demangle.h"
#include "profiler/host/source_text.h"
#include "profiler/host/stall_table.h"

namespace bsfa::profiler {
namespace {

/// Places of instructions, each looked up once: an address has a count for every reason.
class Places {
 public:
  explicit Places(const CuptiLibrary& cupti) : cupti_(cupti) {}

  const StallTable::Place& of(const PcCount& count) {
    const auto [entry, is_new] = known_.try_emplace({count.module, count.function, count.offset});
    if (is_new) entry->second = look_up(count);
    return entry->second;
  }

 private:
  StallTable::Place look_up(const PcCount& count) const {
    SourcePlace place;
    if (const Cubin* code = KeptModules::get().find(cupti_, count.module)) {
      place = source_place(cupti_, *code, count.function, count.offset);
    }
    return {demangled(count.function.c_str()), place.file, place.line};
  }

  const CuptiLibrary& cupti_;
  std::map<std::tuple<std::uint64_t, std::string, std::uint64_t>, StallTable::Place> known_;
};

std::uint64_t duration_ns(const Launch& launch) {
  const auto start = std::chrono::steady_clock::now();
  launch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start)
          .count());
}

/// Until there are samples enough: they take room on the device.
void launch_for_a_while(const Launch& launch, int most) {
  constexpr std::chrono::milliseconds kLongEnough(50);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < most; ++i) {
    launch();
    if (std::chrono::steady_clock::now() - start >= kLongEnough) return;
  }
}

}  // namespace

StallsResult collect_stalls(const Launches& launches, int most_launches,
                            const std::vector<std::string>& source_folders) {
  const CuptiLibrary& cupti = CuptiLibrary::get();
  keep_modules();
  PcSampler sampler(cupti, current_device().context, duration_ns(launches.warm_up));
  sampler.start();
  launch_for_a_while(launches.measured, most_launches);
  sampler.stop();
  const std::vector<PcCount> counts = sampler.finish();
  if (counts.empty() && sampler.taken() > 0) {
    throw Refused("cuptiPCSamplingGetData: " + std::to_string(sampler.taken()) +
                      " samples, and no address of any",
                  "collect stalls in a process of their own");
  }

  StallTable table;
  Places places(cupti);
  for (const PcCount& count : counts) table.add(places.of(count), count.reason, count.samples);
  StallsResult result;
  result.stalls = table.lines(sampler.taken());
  result.dropped = sampler.dropped();
  SourceText text(source_folders);
  for (traces::StallLine& stall : result.stalls) {
    stall.text = text.line(stall.file, stall.line);
    stall.file = text.name(stall.file);
    result.samples += stall.samples;
  }
  return result;
}

}  // namespace bsfa::profiler
