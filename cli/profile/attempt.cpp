// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <new>

#include "cli/profile/passes.h"
#include "cli/support/stopwatch.h"
#include "core/error.h"
#include "profiler/host/nvtx.h"
#include "profiler/host/refused.h"

namespace bsfa::cli {

traces::Facility attempt(const std::string& name,
                         const std::function<void(traces::Facility&)>& collect) {
  traces::Facility facility;
  facility.name = name;
  const profiler::NvtxRange range(name);
  const auto refuse = [&](const char* words, const std::string& advice) {
    facility.status = traces::Facility::Status::kRefused;
    facility.refusal = words;
    facility.advice = advice;
    facility.slowdown.reset();
  };
  const Stopwatch watch;
  try {
    collect(facility);
  } catch (const core::Interrupted&) {
    throw;
  } catch (const profiler::Refused& refused) {
    refuse(refused.what(), refused.advice());
  } catch (const core::DeviceError& failed) {
    refuse(failed.what(), "what was collected before may have left the device in this state");
  } catch (const std::bad_alloc&) {
    refuse("out of memory", "profile a smaller problem, or collect this alone");
  } catch (const std::exception& failed) {
    refuse(failed.what(), "");
  }
  facility.wall_ms = 1e3 * watch.total();
  return facility;
}

}  // namespace bsfa::cli
