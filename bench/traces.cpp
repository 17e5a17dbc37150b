// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <limits>
#include <numeric>
#include <string>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "core/random.h"
#include "traces/reader.h"
#include "traces/writer.h"

namespace bsfa::traces {
namespace {

/// 131072 tokens, 32 heads: 1024 x 2048 tiles a head.
constexpr std::int64_t kHeads = 32, kTokens = 131072;

Sequence long_sequence(bool causal) {
  Sequence s;
  s.problem.heads = s.problem.kv_heads = kHeads;
  s.problem.q_len = s.problem.kv_len = kTokens;
  s.problem.head_dim = 128;
  s.problem.scale = 0.125F;
  s.problem.causal = causal;
  s.shape = {kHeads, kTokens / 128, kTokens / 64};
  s.q_blocks.resize(static_cast<std::size_t>(s.shape.rows));
  std::iota(s.q_blocks.begin(), s.q_blocks.end(), std::int64_t{0});
  std::vector<float>& tiles = s.tile_max.emplace();
  tiles.reserve(static_cast<std::size_t>(s.shape.tiles()));
  core::SplitMix64 random(1);
  for (std::int64_t i = 0; i < s.shape.tiles(); ++i) {
    // Sums of uniform numbers, so every mantissa bit is noise: no trace compresses less.
    const std::int64_t m = i / s.shape.k_blocks % s.shape.rows, n = i % s.shape.k_blocks;
    const double score = random.uniform() + random.uniform() + random.uniform();
    const bool outside = causal && n > 2 * m + 1;
    tiles.push_back(outside ? -std::numeric_limits<float>::infinity()
                            : static_cast<float>(8.0 * score - 12.0));
  }
  return s;
}

/// A trace on disk for the life of the process.
class TraceFile {
 public:
  explicit TraceFile(bool causal)
      : path_(std::filesystem::temp_directory_path() /
              ("bsfa-bench-" + std::to_string(::getpid()) + (causal ? "-c.h5" : "-f.h5"))) {
    TraceWriter writer(path_);
    writer.add(0, 0, long_sequence(causal));
    writer.commit({}, {"{}"});
  }
  ~TraceFile() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

const TraceFile& trace(bool causal) {
  static const TraceFile causal_trace(true), full_trace(false);
  return causal ? causal_trace : full_trace;
}

/// Opens the file and reads one head's tile_max, as a viewer does when a head is chosen.
void open_and_read_head(benchmark::State& state) {
  const auto& path = trace(state.range(0) != 0).path();
  std::int64_t head = 0;
  for (auto _ : state) {
    const TraceReader reader(path);
    benchmark::DoNotOptimize(reader.head(0, 0, TileField::kTileMax, head++ % kHeads));
  }
  state.SetBytesProcessed(state.iterations() * kTokens / 128 * kTokens / 64 * 4);
}

void open_only(benchmark::State& state) {
  const auto& path = trace(true).path();
  for (auto _ : state) benchmark::DoNotOptimize(TraceReader(path).levels(0, 0));
}

void read_coarsest_level(benchmark::State& state) {
  const TraceReader reader(trace(true).path());
  const int top = reader.levels(0, 0);
  std::int64_t head = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.level(0, 0, TileField::kTileMax, head++ % kHeads, top));
  }
}

BENCHMARK(open_and_read_head)
    ->ArgName("causal")
    ->Arg(1)
    ->Arg(0)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(open_only)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(read_coarsest_level)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bsfa::traces

BENCHMARK_MAIN();
