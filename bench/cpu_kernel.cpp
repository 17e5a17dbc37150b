// SPDX-License-Identifier: Apache-2.0
// The cpu kernel against Eigen's own float product, both sides in one process and interleaved, so
// that what else the machine does hits both. Every figure is a ratio of the best of some rounds.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include <Eigen/Core>
#include <benchmark/benchmark.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <sys/resource.h>

#include "core/random.h"
#include "core/tile_geometry.h"
#include "kernels/host/run.h"

namespace {

using namespace bsfa;

constexpr int kRounds = 5;
constexpr double kNever = std::numeric_limits<double>::infinity();

/// Inputs of independent standard normal values.
struct Inputs {
  explicit Inputs(const core::Problem& p) : problem(p) {
    core::SplitMix64 random(1);
    for (auto* tensor : {&q, &k, &v}) {
      tensor->resize(static_cast<std::size_t>(p.heads * p.kv_len * p.head_dim));
      for (auto& element : *tensor) {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
        const double normal = radius * std::cos(2.0 * std::numbers::pi * random.uniform());
        element = Eigen::half(static_cast<float>(normal)).x;
      }
    }
  }
  core::AttentionInputs views() const {
    const auto view = [&](const std::vector<std::uint16_t>& tensor) {
      return core::TensorView::contiguous(
          tensor.data(), problem.dtype,
          {problem.batch, problem.heads, problem.kv_len, problem.head_dim});
    };
    return {view(q), view(k), view(v)};
  }
  core::Problem problem;
  std::vector<std::uint16_t> q, k, v;
};

core::Problem problem_of(std::int64_t length) {
  core::Problem p;
  p.heads = p.kv_heads = 4;
  p.q_len = p.kv_len = length;
  p.head_dim = 128;
  return core::with_default_scale(p);
}

kernels::RunResult run(const Inputs& inputs, const core::Thresholds* thresholds, int threads) {
  kernels::RunRequest request;
  request.problem = inputs.problem;
  request.inputs = inputs.views();
  request.thresholds = thresholds;
  core::RunControl control;
  control.threads = threads;
  return kernels::run(kernels::find_kernel("cpu"), request, control);
}

/// Floating point operations of dense causal attention: two products of D multiply-adds for every
/// visible pair of row and column, and nothing for what lies right of the diagonal.
double flops_of(const core::Problem& p) {
  const auto n = static_cast<double>(p.kv_len);
  return static_cast<double>(p.heads) * n * (n + 1.0) / 2.0 * 4.0 * static_cast<double>(p.head_dim);
}

/// Operations a second of Eigen's product of large matrices, `threads` of them at once.
double product_rate(int threads) {
  constexpr Eigen::Index kSize = 1536;
  static const Eigen::MatrixXf a = Eigen::MatrixXf::Random(kSize, kSize);
  static const Eigen::MatrixXf b = Eigen::MatrixXf::Random(kSize, kSize);
  std::vector<Eigen::MatrixXf> c(static_cast<std::size_t>(threads),
                                 Eigen::MatrixXf::Zero(kSize, kSize));
  tbb::task_arena arena(threads);
  const auto start = std::chrono::steady_clock::now();
  arena.execute([&] {
    tbb::parallel_for(
        0, threads, [&](int t) { c[static_cast<std::size_t>(t)].noalias() = a * b; },
        tbb::simple_partitioner{});
  });
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return threads * 2.0 * std::pow(static_cast<double>(kSize), 3) / elapsed.count();
}

/// Thresholds that keep this share of every Q block's off-diagonal tiles, by its own tile_max.
core::Thresholds quantile(const core::Problem& p, const kernels::RunResult& dense, double share) {
  const core::TileGeometry geometry(p);
  core::Thresholds t{p.heads, geometry.q_blocks(), p.gate, {}};
  for (std::int64_t h = 0; h < p.heads; ++h) {
    for (std::int64_t m = 0; m < geometry.q_blocks(); ++m) {
      const float* row = &dense.tile_max[static_cast<std::size_t>((h * geometry.q_blocks() + m) *
                                                                  geometry.k_blocks())];
      std::vector<float> maxima(row, row + geometry.off_diagonal_count(m));
      std::sort(maxima.rbegin(), maxima.rend());
      const auto kept =
          static_cast<std::size_t>(std::lround(share * static_cast<double>(maxima.size())));
      t.tau.push_back(kept == 0 ? std::numeric_limits<float>::infinity() : maxima[kept - 1]);
    }
  }
  return t;
}

double density_of(const core::Problem& p, const kernels::RunResult& result) {
  const core::TileGeometry geometry(p);
  std::int64_t off_diagonal = 0;
  for (std::int64_t m = 0; m < geometry.q_blocks(); ++m) {
    off_diagonal += p.heads * geometry.off_diagonal_count(m);
  }
  return static_cast<double>(std::count(result.mask.begin(), result.mask.end(), 2)) /
         static_cast<double>(off_diagonal);
}

/// Dense attention's rate over the product's.
void dense_over_product(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  const Inputs inputs(problem_of(state.range(1)));
  double product = 0.0;
  double dense_ms = kNever;
  for (auto _ : state) {
    for (int round = 0; round < kRounds; ++round) {
      product = std::max(product, product_rate(threads));
      dense_ms = std::min(dense_ms, run(inputs, nullptr, threads).elapsed_ms);
    }
  }
  const double rate = flops_of(inputs.problem) / (dense_ms * 1e-3);
  state.counters["dense_gflops"] = rate * 1e-9;
  state.counters["product_gflops"] = product * 1e-9;
  state.counters["ratio"] = rate / product;
}

/// Time at 12.5 % density over dense time.
void gated_over_dense(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  const Inputs inputs(problem_of(state.range(1)));
  const auto thresholds = quantile(inputs.problem, run(inputs, nullptr, threads), 0.125);
  double dense_ms = kNever;
  double gated_ms = kNever;
  double density = 0.0;
  for (auto _ : state) {
    for (int round = 0; round < kRounds; ++round) {
      dense_ms = std::min(dense_ms, run(inputs, nullptr, threads).elapsed_ms);
      const auto gated = run(inputs, &thresholds, threads);
      gated_ms = std::min(gated_ms, gated.elapsed_ms);
      density = density_of(inputs.problem, gated);
    }
  }
  state.counters["density"] = density;
  state.counters["ratio"] = gated_ms / dense_ms;
}

/// How much faster two threads are than one, over the same for the product.
void scaling_over_product(benchmark::State& state) {
  const Inputs inputs(problem_of(state.range(0)));
  double product[2] = {};
  double dense_ms[2] = {kNever, kNever};
  for (auto _ : state) {
    for (int round = 0; round < kRounds; ++round) {
      for (const int threads : {1, 2}) {
        auto& best = product[threads - 1];
        best = std::max(best, product_rate(threads));
        auto& time = dense_ms[threads - 1];
        time = std::min(time, run(inputs, nullptr, threads).elapsed_ms);
      }
    }
  }
  state.counters["kernel_scaling"] = dense_ms[0] / dense_ms[1];
  state.counters["product_scaling"] = product[1] / product[0];
  state.counters["ratio"] = dense_ms[0] / dense_ms[1] / (product[1] / product[0]);
}

/// Largest resident size of the whole process, inputs included, after a dense run.
void peak_memory(benchmark::State& state) {
  const Inputs inputs(problem_of(state.range(0)));
  for (auto _ : state) {
    const auto result = run(inputs, nullptr, 0);
    benchmark::DoNotOptimize(result.o.data());
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_mib"] = static_cast<double>(usage.ru_maxrss) / 1024.0;
}

}  // namespace

BENCHMARK(dense_over_product)->Args({1, 8192})->Args({2, 8192})->Iterations(1)->UseRealTime();
BENCHMARK(gated_over_dense)->Args({1, 8192})->Args({2, 8192})->Iterations(1)->UseRealTime();
BENCHMARK(scaling_over_product)->Arg(8192)->Iterations(1)->UseRealTime();
BENCHMARK(peak_memory)->Arg(32768)->Iterations(1)->UseRealTime();
BENCHMARK_MAIN();
