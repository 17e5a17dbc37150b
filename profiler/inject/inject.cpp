// SPDX-License-Identifier: Apache-2.0
// libbsfa_inject.so: what CUDA_INJECTION64_PATH names to have the driver load it into a program
// that was not built with us. It lists the kernels that the program launches, and writes them to
// the file that BSFA_INJECT_OUT names when the program ends. Whatever fails here, the program goes
// on as if it were not there.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <string>

#include <unistd.h>

#include "core/error.h"
#include "profiler/cupti/activity_stream.h"
#include "profiler/host/injection_report.h"
#include "profiler/host/kernel_table.h"
#include "profiler/host/metric_sets.h"
#include "profiler/inject/launch_counters.h"
#include "profiler/inject/report_file.h"

namespace bsfa::profiler {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The arguments are separated by zeros.
std::string command_of_this_process() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && text.back() == '\0') text.pop_back();
  for (char& c : text) {
    if (c == '\0') c = ' ';
  }
  return text;
}

class Injection {
 public:
  explicit Injection(std::string out) : out_(std::move(out)) {
    report_.process = ::getpid();
    report_.command = command_of_this_process();
    refusable("activity", [&] {
      const CuptiLibrary& cupti = CuptiLibrary::get();
      report_.cupti = cupti.path();
      offset_ns_ = offset_to_realtime(cupti);
    });
    if (report_.cupti.empty()) return;
    // Before records are, which it knows those of its own launches among.
    count_launches(variable("BSFA_INJECT_COUNTERS"));
    refusable("activity", [&] {
      stream_ = std::make_unique<ActivityStream>(
          CuptiLibrary::get(), std::vector{CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL},
          [this](const CUpti_Activity& record) { take(record); });
    });
  }

  void finish() {
    // A child that was forked has our handlers, but nothing that was recorded is its own.
    if (report_.process != ::getpid()) return;
    if (counters_) {
      refusable("counters", [&] { counters_->stop(); });
      counters_->write_to(report_);
    }
    if (stream_) {
      refusable("activity", [&] { stream_->stop(); });
      report_.dropped += stream_->dropped();
    }
    kernels_.write_to(report_);
    write_report_file(out_, to_json(report_));
  }

 private:
  template <typename Action>
  void refusable(const char* facility, const Action& action) {
    try {
      action();
    } catch (const Refused& refused) {
      report_.refusals.push_back({facility, refused.what(), refused.advice()});
    } catch (const core::Error& error) {
      report_.refusals.push_back({facility, error.what(), ""});
    }
  }

  void count_launches(const std::string& metrics) {
    if (metrics.empty()) return;
    refusable("counters", [&] {
      counters_ = std::make_unique<LaunchCounters>(
          CuptiLibrary::get(), metrics == "1" ? built_in_metrics() : read_metric_file(metrics));
    });
  }

  void take(const CUpti_Activity& record) {
    if (record.kind != CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL &&
        record.kind != CUPTI_ACTIVITY_KIND_KERNEL) {
      return;
    }
    const auto& kernel = record_as<CUpti_ActivityKernel10>(record);
    if (counters_ && counters_->counted(kernel.correlationId)) return;
    if (kernel.start == 0 || kernel.end < kernel.start) {
      ++report_.dropped;
      return;
    }
    const LaunchShape shape{{kernel.gridX, kernel.gridY, kernel.gridZ},
                            {kernel.blockX, kernel.blockY, kernel.blockZ},
                            kernel.staticSharedMemory,
                            kernel.dynamicSharedMemory,
                            kernel.registersPerThread};
    kernels_.add(kernel.name, shape, realtime(kernel.start), realtime(kernel.end), kernel.deviceId,
                 kernel.streamId);
  }

  std::uint64_t realtime(std::uint64_t cupti_ns) const {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(cupti_ns) + offset_ns_);
  }

  std::string out_;
  InjectionReport report_;
  KernelTable kernels_;
  std::int64_t offset_ns_ = 0;
  std::unique_ptr<LaunchCounters> counters_;
  std::unique_ptr<ActivityStream> stream_;
};

/// Never destroyed: the program may launch kernels until it has ended.
Injection* g_injection = nullptr;

void at_exit() {
  try {
    g_injection->finish();
  } catch (...) {
    // Without a report whoever asked for it says so; the program's end is its own.
  }
}

}  // namespace
}  // namespace bsfa::profiler

/// Called once by the driver, before the program's first CUDA call goes on. Not 0: go on.
extern "C" __attribute__((visibility("default"))) int InitializeInjection() {
  using namespace bsfa::profiler;
  constexpr int kGoOn = 1;
  try {
    const std::string out = variable("BSFA_INJECT_OUT");
    if (out.empty() || g_injection != nullptr) return kGoOn;
    g_injection = new Injection(out);
    if (std::atexit(at_exit) != 0) throw std::bad_alloc();
  } catch (...) {
    // As above.
  }
  return kGoOn;
}
