// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "cli/profile/subject.h"

namespace bsfa::cli {

/// Runs one pass and says what became of it: done, or refused by the machine, the kernel, the build
/// or whatever else fails, in the words of what `collect` threw, so that one pass that fails costs
/// no other. `collect` may fill in slowdown and drops.
///
/// Errors  throws core::Interrupted alone.
traces::Facility attempt(const std::string& name,
                         const std::function<void(traces::Facility&)>& collect);

/// Each throws profiler::Refused where it cannot be had, else as kernels::TimedRun, and leaves
/// `result` as it was then.
///
/// Times of the levels and of dense attention, interleaved.
void collect_times(Subject& subject, Collection& result, traces::Facility& facility);
/// Spans of a few launches.
void collect_activity(Subject& subject, Collection& result, traces::Facility& facility);
/// Work records of one launch.
void collect_work(Subject& subject, Collection& result, traces::Facility& facility);
/// k tiles in every Q block against one threshold that keeps as many in all.
void collect_loads(Subject& subject, Collection& result, traces::Facility& facility);
void collect_counters(Subject& subject, Collection& result, traces::Facility& facility);
void collect_samples(Subject& subject, Collection& result, traces::Facility& facility);
/// In this process, which must not have collected anything else.
void collect_stalls(Subject& subject, Collection& result, traces::Facility& facility);

/// Stalls, sampled by a process of its own that runs this program again; merges what it found.
///
/// Errors  also throws core::OutputError (no room for what it hands over), core::InputError (what
///         it handed back cannot be read).
void collect_stalls_apart(Subject& subject, Collection& result, traces::Facility& facility);

}  // namespace bsfa::cli
