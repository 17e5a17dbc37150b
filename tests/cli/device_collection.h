// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <vector>

#include "cli/profile/conclusions.h"
#include "cli/profile/options.h"

// A launch on a device as it could have been collected, written by hand.
namespace bsfa::cli {

inline constexpr std::uint64_t kPerProduct = 256;

/// One head of 16 Q blocks; every item sees 2 to 32 tiles and keeps half of them.
inline core::Problem problem_of() {
  core::Problem p;
  p.q_len = p.kv_len = 2048;
  p.head_dim = 128;
  return core::with_default_scale(p);
}

inline core::WorkRecord record_of(std::int32_t q_block) {
  core::WorkRecord r;
  r.q_block = q_block;
  r.unit = static_cast<std::uint32_t>(q_block % 4);
  r.cta = static_cast<std::uint32_t>(q_block);
  r.clock = core::ClockDomain::kGlobaltimerNs;
  r.tiles_seen = r.qk_products = static_cast<std::uint64_t>(2 * q_block + 2);
  r.tiles_kept = r.pv_products = r.tiles_seen / 2;
  r.start_ns = 1000 * static_cast<std::uint64_t>(q_block);
  r.end_ns = r.start_ns + 100 * r.tiles_seen;
  return r;
}

inline Collection collection_of() {
  Collection c;
  auto& p = c.profile;
  p.multiprocessors = 4;
  p.compute_tile = {128, 64};
  p.tensor_per_qk = p.tensor_per_pv = kPerProduct;
  p.times = {{"none", {20e3, 20e3, 20e3}},
             {"work", {20.2e3, 20.2e3, 20.2e3}},
             {"warps", {21.2e3, 21.2e3, 21.2e3}},
             {"dense", {26e3, 26e3, 26e3}}};
  double products = 0.0;
  for (std::int32_t block = 0; block < 16; ++block) {
    c.records.push_back(record_of(block));
    products += static_cast<double>(c.records.back().qk_products + c.records.back().pv_products);
  }
  p.counters = {{"tensor", "sm__inst_executed_pipe_tensor_op_hmma.sum", products * kPerProduct},
                {"clocks", "gpu__time_duration.sum", 25e3},
                {"memory", "dram__bytes_read.sum", 30e6},
                {"memory", "dram__bytes_write.sum", 20e6},
                {"memory", "dram__throughput.avg.pct_of_peak_sustained_elapsed", 50.0},
                {"memory", "lts__t_bytes.sum", std::numeric_limits<double>::quiet_NaN()}};
  return c;
}

/// With all that a report shows: a refusal, samples, stalls, loads, a metric that is not there.
inline Collection whole_collection() {
  auto c = collection_of();
  auto& p = c.profile;
  p.facilities = {{"time", traces::Facility::Status::kDone, "", "", 900.0, std::nullopt, 0},
                  {"samples", traces::Facility::Status::kRefused,
                   "cuptiPmSamplingStart: CUPTI_ERROR_HARDWARE_BUSY: in use", "end the other one",
                   3.0, std::nullopt, 0}};
  p.samples = traces::Samples{2000, {0, 2000, 4000}, {{"sm__tensor.avg", {10.0F, 60.0F, 20.0F}}}};
  p.stalls = {{"kernel", "/build/portable_forward.cuh", 217, "  wait(pipeline);", "barrier", 75},
              {"kernel", "/build/portable_forward.cuh", 217, "  wait(pipeline);", "wait", 5},
              {"kernel", "", 0, "", "wait", 20}};
  for (const core::WorkRecord& cta : std::vector(c.records)) {
    for (std::int32_t warp = 0; warp < 8; ++warp) {
      core::WorkRecord& record = c.records.emplace_back(cta);
      record.warp = warp;
      record.end_ns -= static_cast<std::uint64_t>(warp);
    }
  }
  c.counter_passes = 14;
  c.unknown_metrics = {"sm__not_there.sum"};
  c.loads.emplace();
  c.loads->first = {20e3, 100.0, 0.1, 1.02, 0.01, 0.2, 0.03, 0.02};
  c.loads->second = {30e3, 100.0, 1.5, 1.4, 0.3, 0.5, 0.3, 0.35};
  c.loads_k = 16;
  c.load_times = LoadTimes{{21e3, 100.0}, {31e3, 200.0}, analysis::AddedCost{0.48, 0.01}, 12};
  return c;
}

/// Of a problem that is generated, which stands for the one above in a report's head.
inline ProfileOptions options_of_a_report() {
  ProfileOptions options;
  options.kernel = "cpu";
  options.source.generate = "gaussian";
  options.source.shape.heads = 1;
  options.thresholds.keep_all = true;
  options.ceiling_tflops = 800.0;
  return options;
}

}  // namespace bsfa::cli
