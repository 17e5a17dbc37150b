// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/work_records.h"

#include <string>

#include "core/error.h"
#include "kernels/host/plan.h"

namespace bsfa::kernels {

core::WorkRecord work_record(const bsfa_work_record& from) {
  core::WorkRecord to;
  to.batch = from.batch;
  to.head = from.head;
  to.q_block = from.q_block;
  to.k_block_begin = from.k_block_begin;
  to.k_block_end = from.k_block_end;
  to.pass = from.pass;
  to.unit = from.unit;
  to.cta = from.cta;
  to.warp = from.warp;
  to.clock = static_cast<core::ClockDomain>(from.clock_domain);
  to.start_ns = from.start;
  to.end_ns = from.end;
  to.tiles_seen = from.tiles_seen;
  to.tiles_kept = from.tiles_kept;
  to.qk_products = from.qk_products;
  to.pv_products = from.pv_products;
  return to;
}

void require_planned(const Kernel& kernel, std::uint64_t planned, std::uint64_t reported) {
  if (reported <= planned) return;
  throw core::PluginError(who(kernel), "planned at most " + std::to_string(planned) +
                                           " work records and reports " + std::to_string(reported));
}

}  // namespace bsfa::kernels
