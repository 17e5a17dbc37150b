// SPDX-License-Identifier: Apache-2.0
// The double reference against Eigen's own double matrix product, side by side in one run, so that
// the ratio does not depend on the machine's clock or on its neighbours.
#include <chrono>
#include <cstdint>
#include <vector>

#include <Eigen/Core>
#include <benchmark/benchmark.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "core/random.h"
#include "core/tile_geometry.h"
#include "core/work.h"
#include "reference/attention.h"

namespace {

using namespace bsfa;
using Clock = std::chrono::steady_clock;

/// bf16 values of magnitude 1/128 to 2 and either sign, one tensor for Q, K and V.
std::vector<std::uint16_t> random_values(std::int64_t count) {
  core::SplitMix64 random(1);
  std::vector<std::uint16_t> values(static_cast<std::size_t>(count));
  for (auto& value : values) {
    const std::uint64_t bits = random.next();
    value = static_cast<std::uint16_t>(0x3F80U - ((bits >> 8) & 0x380U) + (bits & 0x7FU) +
                                       ((bits & 0x80U) << 8));
  }
  return values;
}

struct Setup {
  explicit Setup(const core::Problem& p)
      : problem(core::with_default_scale(p)),
        values(random_values(p.batch * p.heads * p.kv_len * p.head_dim)) {
    const auto view = [&](std::int64_t heads, std::int64_t length) {
      return core::TensorView::contiguous(values.data(), p.dtype,
                                          {p.batch, heads, length, p.head_dim});
    };
    inputs = {view(p.heads, p.q_len), view(p.kv_heads, p.kv_len), view(p.kv_heads, p.kv_len)};
  }
  core::Problem problem;
  std::vector<std::uint16_t> values;
  core::AttentionInputs inputs;
};

double seconds(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Two products of two operations for each row, visible tile column and channel.
double operations(const core::Problem& p, const std::vector<core::WorkItem>& items) {
  const core::TileGeometry geometry(p);
  double scores = 0.0;
  for (const auto& item : items) {
    scores +=
        static_cast<double>(geometry.q_rows(item.q_block).size() *
                            geometry.k_columns(geometry.visible_k_blocks(item.q_block) - 1).end);
  }
  return 4.0 * static_cast<double>(p.head_dim) * scores;
}

/// Every worker multiplies its own square matrices; returns operations a second over all.
double eigen_rate(int threads, double wanted_operations) {
  constexpr Eigen::Index kSize = 1024;
  constexpr double kOperations = 2.0 * kSize * kSize * kSize;
  static const Eigen::MatrixXd a = Eigen::MatrixXd::Random(kSize, kSize);
  static const Eigen::MatrixXd b = Eigen::MatrixXd::Random(kSize, kSize);
  const int products = std::max(1, static_cast<int>(wanted_operations / kOperations / threads));
  tbb::task_arena arena(threads);
  const auto start = Clock::now();
  arena.execute([&] {
    tbb::parallel_for(0, threads, [&](int) {
      Eigen::MatrixXd c(kSize, kSize);
      for (int i = 0; i < products; ++i) {
        c.noalias() = a * b;
        benchmark::DoNotOptimize(c.data());
      }
    });
  });
  return products * threads * kOperations / seconds(Clock::now() - start);
}

void dense_in_double(benchmark::State& state) {
  core::Problem p;
  p.heads = p.kv_heads = 2;
  p.q_len = p.kv_len = 4096;
  p.head_dim = state.range(0);
  p.dtype = core::Dtype::kBfloat16;
  p.causal = false;
  const int threads = static_cast<int>(state.range(1));
  const Setup setup(p);
  const reference::Attention attention(setup.problem, setup.inputs);
  const auto items = core::all_work_items(setup.problem);
  const double work = operations(setup.problem, items);
  core::RunControl control;
  control.threads = threads;

  double eigen = 0.0;
  double ours = 0.0;
  for (auto _ : state) {
    eigen += eigen_rate(threads, work);
    const auto start = Clock::now();
    reference::for_each_item(setup.problem, items, control,
                             [&](std::size_t, const core::WorkItem& item) {
                               auto result = attention.evaluate(item, {}, false);
                               benchmark::DoNotOptimize(result.dense.o.data());
                             });
    const double elapsed = seconds(Clock::now() - start);
    state.SetIterationTime(elapsed);
    ours += work / elapsed;
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["GFLOPS"] = ours / runs * 1e-9;
  state.counters["eigen_GFLOPS"] = eigen / runs * 1e-9;
  state.counters["ratio"] = ours / eigen;
}
BENCHMARK(dense_in_double)
    ->ArgNames({"D", "threads"})
    ->Args({128, 1})
    ->Args({128, 2})
    ->Args({64, 2})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

/// A sampled check of a long problem: 64 Q blocks of one mask with the naive output.
void sampled_check(benchmark::State& state) {
  core::Problem p;
  p.q_len = p.kv_len = 131072;
  p.head_dim = 128;
  p.dtype = core::Dtype::kBfloat16;
  const Setup setup(p);
  const reference::Attention attention(setup.problem, setup.inputs);
  const core::TileGeometry geometry(setup.problem);
  std::vector<core::WorkItem> items;
  for (std::int64_t i = 0; i < 64; ++i) items.push_back({0, 0, i * geometry.q_blocks() / 64 + 8});
  const auto tiles = static_cast<std::size_t>(geometry.k_blocks());
  const std::vector<std::vector<core::TileCode>> masks(
      1, std::vector<core::TileCode>(tiles, core::TileCode::kKept));
  core::RunControl control;
  control.threads = static_cast<int>(state.range(0));
  for (auto _ : state) {
    reference::for_each_item(setup.problem, items, control,
                             [&](std::size_t, const core::WorkItem& item) {
                               auto result = attention.evaluate(item, masks, true);
                               benchmark::DoNotOptimize(result.masked[0].low.data());
                             });
  }
}
BENCHMARK(sampled_check)
    ->ArgName("threads")
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kSecond)
    ->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
