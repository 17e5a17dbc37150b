// SPDX-License-Identifier: Apache-2.0
#include "analysis/roofline.h"

#include <algorithm>

namespace bsfa::analysis {

std::optional<Roofline> roofline(double flops, double bytes, double time_ns,
                                 const MachineRates& machine) {
  for (const double value : {flops, bytes, time_ns, machine.flops_per_s, machine.bytes_per_s}) {
    if (!(value > 0.0)) return std::nullopt;
  }
  Roofline position;
  position.intensity = flops / bytes;
  position.ridge = machine.flops_per_s / machine.bytes_per_s;
  position.memory_bound = position.intensity < position.ridge;
  position.attained = 1e9 * flops / time_ns;
  position.attainable = std::min(machine.flops_per_s, position.intensity * machine.bytes_per_s);
  position.share = position.attained / position.attainable;
  return position;
}

ExpectedTraffic expected_traffic(const core::Problem& p, const WorkTotals& work) {
  const double row = static_cast<double>(p.head_dim) * static_cast<double>(core::size_of(p.dtype));
  const double q_rows =
      static_cast<double>(p.batch) * static_cast<double>(p.heads) * static_cast<double>(p.q_len);
  const double kv_rows = static_cast<double>(p.batch) * static_cast<double>(p.kv_heads) *
                         static_cast<double>(p.kv_len);
  const double q_tile = row * static_cast<double>(p.gate.q_block);
  const double k_tile = row * static_cast<double>(p.gate.k_block);
  return {row * 2.0 * (q_rows + kv_rows), q_tile * work.items, k_tile * work.seen,
          k_tile * work.kept, k_tile * work.seen};
}

ValueTraffic value_traffic(const ExpectedTraffic& expected, double bytes_read) {
  ValueTraffic traffic;
  traffic.expected_bytes = expected.v_bytes;
  traffic.dense_bytes = expected.dense_v_bytes;
  traffic.seen_bytes = bytes_read - expected.q_bytes - expected.k_bytes;
  if (expected.v_bytes > 0.0) traffic.seen_over_expected = traffic.seen_bytes / expected.v_bytes;
  if (expected.dense_v_bytes > 0.0) {
    traffic.spared = 1.0 - traffic.seen_bytes / expected.dense_v_bytes;
  }
  return traffic;
}

}  // namespace bsfa::analysis
