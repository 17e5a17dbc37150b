// SPDX-License-Identifier: Apache-2.0
// How tile statistics of many heads go through a device's memory, without a device.
#include <algorithm>
#include <atomic>
#include <numeric>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "core/tile_geometry.h"
#include "kernels/host/head_slices.h"
#include "kernels/host/tile_statistics.h"
#include "tests/kernels/fake_device.h"
#include "tests/kernels/fake_statistics.h"
#include "tests/kernels/support.h"

using namespace bsfa;
using test::DeviceLog;
using test::FakeDevice;
using test::FakeStatistics;

namespace {

core::Problem many_heads() {
  auto p = test::problem(300, 400);
  p.batch = 2;
  p.heads = 6;
  p.kv_heads = 2;
  return p;
}

std::vector<float> numbered(const core::Problem& p) {
  std::vector<float> lse(static_cast<std::size_t>(p.batch * p.heads * p.q_len));
  std::iota(lse.begin(), lse.end(), 0.0F);
  return lse;
}

/// Bytes of the fake device that are in use.
std::size_t bytes_of(const DeviceLog& log) {
  std::size_t bytes = 0;
  for (const auto& [address, size] : log.live) bytes += size;
  return bytes;
}

/// Visits `items` and checks that every row is about the heads that it names.
std::set<core::WorkItem> visited(const test::Inputs& inputs, std::vector<core::WorkItem> items,
                                 const float* lse, std::size_t slice_bytes, DeviceLog& log,
                                 kernels::Kernel kernel = FakeStatistics::kernel()) {
  const core::Problem& p = inputs.problem;
  const core::TileGeometry geometry(p);
  const core::AttentionInputs views = inputs.views();
  std::set<core::WorkItem> seen;
  kernels::TileStatistics statistics(std::move(kernel), std::make_unique<FakeDevice>(log),
                                     slice_bytes);
  statistics.run({p, views, lse, items}, {}, [&](const kernels::TileRow& row) {
    CHECK(seen.insert(row.item).second);
    const std::int64_t first = geometry.q_rows(row.item.q_block).begin;
    const std::uint16_t q = *views.q.row<std::uint16_t>(row.item.batch, row.item.head, first);
    REQUIRE(row.tile_max.size() == static_cast<std::size_t>(geometry.k_blocks()));
    for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
      const std::uint16_t k = *views.k.row<std::uint16_t>(
          row.item.batch, p.kv_head_of(row.item.head), geometry.k_columns(n).begin);
      REQUIRE(row.tile_max[static_cast<std::size_t>(n)] == FakeStatistics::value(q, k));
    }
    CHECK(row.tile_mass.empty() == (lse == nullptr));
    if (lse == nullptr) return;
    const float own = lse[(row.item.batch * p.heads + row.item.head) * p.q_len + first];
    CHECK(row.tile_mass.back() == own);
    CHECK(row.tile_mass_max.front() == -own);
  });
  return seen;
}

std::set<core::WorkItem> as_set(const std::vector<core::WorkItem>& items) {
  return {items.begin(), items.end()};
}

}  // namespace

TEST_CASE("slices hold as many whole groups as fit, or some heads of one group") {
  const core::Problem p = many_heads();
  using Slices = std::vector<kernels::HeadSlice>;
  CHECK(kernels::head_slices(p, 10, 5, 1000) == Slices{{0, 0, 6, 0, 2}, {1, 0, 6, 0, 2}});
  CHECK(kernels::head_slices(p, 10, 5, 69) ==
        Slices{{0, 0, 3, 0, 1}, {0, 3, 3, 1, 1}, {1, 0, 3, 0, 1}, {1, 3, 3, 1, 1}});
  CHECK(kernels::head_slices(p, 10, 5, 25).front() == kernels::HeadSlice{0, 0, 2, 0, 1});
  CHECK(kernels::head_slices(p, 10, 5, 25)[1] == kernels::HeadSlice{0, 2, 1, 0, 1});
  CHECK(kernels::head_slices(p, 10, 5, 25).size() == 8);
  CHECK(kernels::head_slices(p, 10, 5, 1).size() == 12);
}

TEST_CASE("every item is visited once with its own heads, however small the slices are") {
  const auto inputs = test::gaussian(many_heads(), 1);
  const auto items = core::all_work_items(inputs.problem);
  const auto lse = numbered(inputs.problem);
  // One head of Q takes 38 KB, of K 51 KB.
  const auto slice_bytes = GENERATE(as<std::size_t>{}, 1, 150'000, 200'000, 100'000'000);
  DeviceLog log;
  auto kernel = FakeStatistics::kernel();
  std::size_t most = 0;
  FakeStatistics::seen = [&](const bsfa_problem& p) {
    CHECK(p.operation == BSFA_TILE_STATISTICS);
    CHECK(p.batch == 1);
    CHECK(p.max_work_items == 0);
    CHECK(p.device == 3);
    most = std::max(most, bytes_of(log));
  };
  CHECK(visited(inputs, items, lse.data(), slice_bytes, log, std::move(kernel)) == as_set(items));
  CHECK(most > 0);
  if (slice_bytes > 100'000) CHECK(most <= slice_bytes);
  CHECK(log.live.empty());
}

TEST_CASE("few items become a work list, most of them a whole slice") {
  const auto inputs = test::gaussian(many_heads(), 2);
  const bool few = GENERATE(true, false);
  std::vector<core::WorkItem> items = {{1, 5, 0}, {0, 2, 2}, {1, 0, 1}};
  if (!few) {
    items = core::all_work_items(inputs.problem);
    items.erase(items.begin() + 4);
  }
  DeviceLog log;
  auto kernel = FakeStatistics::kernel();
  std::vector<std::int64_t> lists;
  FakeStatistics::seen = [&](const bsfa_problem& p) { lists.push_back(p.max_work_items); };
  CHECK(visited(inputs, items, nullptr, 100'000'000, log, std::move(kernel)) == as_set(items));
  CHECK(lists == (few ? std::vector<std::int64_t>{1, 2} : std::vector<std::int64_t>{0, 0}));
}

TEST_CASE("tensors that change between two runs are read again") {
  auto inputs = test::gaussian(many_heads(), 3);
  const auto items = core::all_work_items(inputs.problem);
  DeviceLog log;
  kernels::TileStatistics statistics(FakeStatistics::kernel(), std::make_unique<FakeDevice>(log));
  const auto first_value = [&] {
    float value = 0.0F;
    statistics.run({inputs.problem, inputs.views(), nullptr, {items.data(), 1}}, {},
                   [&](const kernels::TileRow& row) { value = row.tile_max.front(); });
    return value;
  };
  const float before = first_value();
  inputs.q.front() = test::half_bits(33.0, core::Dtype::kFloat16);
  CHECK(first_value() != before);
  CHECK(first_value() == FakeStatistics::value(inputs.q.front(), inputs.k.front()));
}

TEST_CASE("a tile that the kernel leaves unwritten is named") {
  const auto inputs = test::gaussian(many_heads(), 4);
  auto kernel = FakeStatistics::kernel();
  FakeStatistics::leaves_out = [](const bsfa_work_item& item) {
    return item.head == 1 && item.q_block == 2;
  };
  DeviceLog log;
  CHECK_THROWS_WITH(visited(inputs, {{1, 4, 2}, {1, 4, 1}}, nullptr, 200'000, log, kernel),
                    "fake.so:cpu: tile_max was not written: batch 1, head 4, Q block 2");
}

TEST_CASE("a failing kernel and a full device end in one line with the kernel's name") {
  const auto inputs = test::gaussian(many_heads(), 5);
  const auto items = core::all_work_items(inputs.problem);
  DeviceLog log;
  auto kernel = FakeStatistics::kernel();
  FakeStatistics::answer = BSFA_DEVICE_ERROR;
  CHECK_THROWS_AS(visited(inputs, items, nullptr, 1, log, kernel), core::DeviceError);
  CHECK_THROWS_WITH(visited(inputs, items, nullptr, 1, log, kernel),
                    Catch::StartsWith("fake.so:cpu: ") && Catch::Contains("out of order"));
  FakeStatistics::answer = BSFA_OK;
  for (std::size_t allocation = 1; allocation < 6; ++allocation) {
    log = {};
    log.fail_allocation = allocation;
    CHECK_THROWS_WITH(visited(inputs, items, numbered(inputs.problem).data(), 1, log, kernel),
                      Catch::StartsWith("fake.so:cpu: allocating"));
    CHECK(log.live.empty());
  }
}

TEST_CASE("an interruption ends tile statistics between two slices, and progress is told") {
  const auto inputs = test::gaussian(many_heads(), 6);
  const auto items = core::all_work_items(inputs.problem);
  DeviceLog log;
  kernels::TileStatistics statistics(FakeStatistics::kernel(), std::make_unique<FakeDevice>(log),
                                     1);
  std::atomic<bool> cancel = false;
  std::vector<std::int64_t> done;
  core::RunControl control;
  control.cancel = &cancel;
  control.on_progress = [&](std::int64_t now, std::int64_t total) {
    CHECK(total == 36);
    done.push_back(now);
    cancel = done.size() == 2;
  };
  CHECK_THROWS_AS(statistics.run({inputs.problem, inputs.views(), nullptr, items}, control,
                                 [](const kernels::TileRow&) {}),
                  core::Interrupted);
  CHECK(done == std::vector<std::int64_t>{3, 6});
  CHECK(log.live.empty());
}

TEST_CASE("items beyond the problem and kernels without tile statistics are refused") {
  const auto inputs = test::gaussian(many_heads(), 7);
  DeviceLog log;
  const core::WorkItem wrong = GENERATE(core::WorkItem{2, 0, 0}, core::WorkItem{0, 6, 0},
                                        core::WorkItem{0, 0, 3}, core::WorkItem{0, -1, 0});
  CHECK_THROWS_AS(visited(inputs, {wrong}, nullptr, 1, log), core::InvalidProblem);
  kernels::TileStatistics cpu(kernels::find_kernel("cpu"));
  const core::WorkItem item;
  CHECK_THROWS_AS(cpu.run({inputs.problem, inputs.views(), nullptr, {&item, 1}}, {},
                          [](const kernels::TileRow&) {}),
                  core::UsageError);
}
