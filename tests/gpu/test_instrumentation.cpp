// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <tuple>

#include <catch2/catch.hpp>

#include "analysis/verdict.h"
#include "core/tile_geometry.h"
#include "tests/kernels/fake_kernel.h"
#include "tests/kernels/tested.h"

using namespace bsfa;

namespace {

core::Problem three_heads(std::int64_t head_dim, core::Dtype dtype) {
  auto p = test::problem(600, 700, head_dim);
  p.batch = 2;
  p.heads = 3;
  p.dtype = dtype;
  return p;
}

kernels::RunRequest request_of(const test::Inputs& inputs, const core::Thresholds* thresholds,
                               bsfa_instrumentation level) {
  kernels::RunRequest request;
  request.problem = inputs.problem;
  request.inputs = inputs.views();
  request.thresholds = thresholds;
  request.want_mask = level >= BSFA_INSTRUMENT_MASK;
  request.want_records = level >= BSFA_INSTRUMENT_WORK;
  request.want_warps = level >= BSFA_INSTRUMENT_WARPS;
  return request;
}

kernels::RunResult run_at(const test::Inputs& inputs, const core::Thresholds* thresholds,
                          bsfa_instrumentation level) {
  return kernels::run(test::tested_kernel(), request_of(inputs, thresholds, level), {});
}

/// Tiles of an item's Q block that the mask says were scored, and of them kept.
std::pair<std::uint64_t, std::uint64_t> counts_of(const core::Problem& p,
                                                  const std::vector<std::uint8_t>& mask,
                                                  const core::WorkItem& item) {
  const core::TileGeometry geometry(p);
  const std::int64_t first =
      ((item.batch * p.heads + item.head) * geometry.q_blocks() + item.q_block) *
      geometry.k_blocks();
  std::uint64_t seen = 0, kept = 0;
  for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
    const std::uint8_t code = mask[static_cast<std::size_t>(first + n)];
    seen += code != BSFA_TILE_OUTSIDE ? 1 : 0;
    kept += code >= BSFA_TILE_KEPT ? 1 : 0;
  }
  return {seen, kept};
}

core::WorkItem item_of(const core::WorkRecord& record) {
  return {record.batch, record.head, record.q_block};
}

}  // namespace

TEST_CASE("instrumentation changes no bit of O and LSE", "[small]") {
  const auto dim = GENERATE(as<std::int64_t>{}, 64, 128);
  const auto dtype = GENERATE(core::Dtype::kFloat16, core::Dtype::kBfloat16);
  const auto inputs = test::gaussian(three_heads(dim, dtype), 21);
  const auto thresholds = test::skipping(inputs, 0.5);
  for (const core::Thresholds* gate :
       {&thresholds, static_cast<const core::Thresholds*>(nullptr)}) {
    const auto plain = run_at(inputs, gate, BSFA_INSTRUMENT_NONE);
    CHECK(plain.mask.empty());
    CHECK(plain.records.empty());
    for (const auto level : {BSFA_INSTRUMENT_MASK, BSFA_INSTRUMENT_WORK, BSFA_INSTRUMENT_WARPS}) {
      auto told = run_at(inputs, gate, level);
      CAPTURE(dim, core::name_of(dtype), static_cast<int>(level), gate != nullptr);
      CHECK(told.faults.empty());
      REQUIRE_FALSE(told.mask.empty());
      CHECK(told.records.empty() == (level < BSFA_INSTRUMENT_WORK));
      told.mask.clear();
      told.tile_max.clear();
      CHECK(kernels::first_difference(inputs.problem, {}, plain, told) == "");
    }
  }
}

TEST_CASE("a mask is what the kernel's own tile_max says, on every tile", "[small]") {
  const auto inputs = test::gaussian(three_heads(128, core::Dtype::kFloat16), 22);
  const auto thresholds = test::skipping(inputs, 0.5);
  const auto result = run_at(inputs, &thresholds, BSFA_INSTRUMENT_MASK);
  CHECK(test::count(result.mask, BSFA_TILE_SKIPPED) > 0);
  CHECK(test::count(result.mask, BSFA_TILE_KEPT) > 0);
  CHECK(test::count(result.mask, BSFA_TILE_OUTSIDE) > 0);
  CHECK(test::deviation(inputs, &thresholds, result) == "");
  const auto items = core::all_work_items(inputs.problem);
  const auto checked = analysis::check_self_consistency(inputs.problem, &thresholds, items,
                                                        result.view(inputs.problem));
  CHECK(checked.violations == 0);
  CHECK(checked.tiles == static_cast<std::int64_t>(result.mask.size()));
}

TEST_CASE("there is one work record for every work item, and it counts what the mask shows",
          "[small]") {
  const auto inputs = test::gaussian(three_heads(64, core::Dtype::kFloat16), 23);
  const core::Problem& p = inputs.problem;
  const auto thresholds = test::skipping(inputs, 0.6);
  const bool listed = GENERATE(false, true);
  auto request = request_of(inputs, &thresholds, BSFA_INSTRUMENT_WORK);
  const std::vector<core::WorkItem> items =
      listed ? std::vector<core::WorkItem>{{1, 2, 4}, {0, 0, 1}, {1, 0, 3}}
             : core::all_work_items(p);
  if (listed) request.items = items;
  const auto result = kernels::run(test::tested_kernel(), request, {});
  const auto info = test::plan_of(test::tested_kernel(), p, BSFA_INSTRUMENT_WORK);
  const auto products = static_cast<std::uint64_t>(p.gate.q_block * p.gate.k_block /
                                                   (info.compute_q_block * info.compute_k_block));
  REQUIRE(result.records.size() == items.size());
  std::map<core::WorkItem, int> times;
  for (const core::WorkRecord& record : result.records) {
    ++times[item_of(record)];
    const auto [seen, kept] = counts_of(p, result.mask, item_of(record));
    CAPTURE(record.batch, record.head, record.q_block);
    CHECK(record.warp == -1);
    CHECK(record.clock == core::ClockDomain::kGlobaltimerNs);
    CHECK(record.end_ns >= record.start_ns);
    CHECK(record.start_ns > 0);
    CHECK(record.tiles_seen == seen);
    CHECK(record.tiles_kept == kept);
    CHECK(test::issued_for(record.qk_products, seen * products));
    CHECK(test::issued_for(record.pv_products, kept * products));
  }
  for (const core::WorkItem& item : items) CHECK(times[item] == 1);
}

TEST_CASE("warps level adds one record for each warp of a work item", "[small]") {
  const auto inputs = test::gaussian(three_heads(64, core::Dtype::kFloat16), 24);
  const core::Problem& p = inputs.problem;
  const auto thresholds = test::skipping(inputs, 0.6);
  const auto result = run_at(inputs, &thresholds, BSFA_INSTRUMENT_WARPS);
  const auto info = test::plan_of(test::tested_kernel(), p, BSFA_INSTRUMENT_WARPS);
  const auto items = core::all_work_items(p);
  const std::size_t warps = info.threads_per_cta / 32;
  REQUIRE(warps > 0);
  CHECK(result.records.size() == items.size() * (warps + 1));
  CHECK(info.max_records >= result.records.size());
  std::map<std::tuple<core::WorkItem, std::int32_t>, int> times;
  for (const core::WorkRecord& record : result.records) {
    ++times[{item_of(record), record.warp}];
    CHECK(record.end_ns >= record.start_ns);
  }
  for (const core::WorkItem& item : items) {
    for (std::int32_t warp = -1; warp < static_cast<std::int32_t>(warps); ++warp) {
      CHECK(times[{item, warp}] == 1);
    }
  }
}

TEST_CASE("records beyond the room for them are counted and not written", "[small]") {
  const auto inputs = test::gaussian(three_heads(64, core::Dtype::kFloat16), 25);
  const auto crowded = test::fake_kernel(
      [](bsfa_kernel& k) {
        k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
          bsfa_arguments few = *a;
          few.record_capacity = 2;
          return test::tested_kernel().table->enqueue(plan, &few, e, n);
        };
      },
      *test::tested_kernel().table);
  const auto result = kernels::run(crowded, request_of(inputs, nullptr, BSFA_INSTRUMENT_WORK), {});
  CHECK(result.faults.empty());
  const std::size_t items = core::all_work_items(inputs.problem).size();
  REQUIRE(result.records.size() == items);
  for (std::size_t i = 0; i < items; ++i) CHECK((result.records[i].end_ns > 0) == (i < 2));
}
