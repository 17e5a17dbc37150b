// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/collectors.h"
#include "profiler/host/nvtx.h"

namespace bsfa::profiler {
namespace {

[[noreturn]] void refuse() {
  throw Refused("this build has no CUPTI", "use a build made where the CUDA toolkit is");
}

}  // namespace

void let_cupti_hear_ranges() noexcept {}

void keep_modules() {
  refuse();
}

std::unique_ptr<ActivityRecorder> record_activity() {
  refuse();
}

CountersResult collect_counters(const Launches&, const std::vector<MetricSet>&) {
  refuse();
}

SamplesResult collect_samples(const Launches&, const std::vector<std::string>&, std::uint64_t) {
  refuse();
}

StallsResult collect_stalls(const Launches&, int, const std::vector<std::string>&) {
  refuse();
}

}  // namespace bsfa::profiler
