// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <catch2/catch.hpp>
#include <tbb/parallel_for.h>

#include "core/error.h"
#include "tests/traces/support.h"
#include "traces/reader.h"
#include "traces/writer.h"

namespace bsfa::traces::test {
namespace {

constexpr std::uint64_t kSeed = 20260101;

TEST_CASE("everything that is written is read back bit for bit") {
  // More than one chunk in both directions, and ragged ones at the edges.
  const auto [heads, q_blocks, k_blocks] =
      GENERATE(table<int, int, int>({{1, 1, 2}, {3, 9, 20}, {70, 3, 7}, {2, 300, 601}}));
  CAPTURE(kSeed, heads, q_blocks, k_blocks);
  const Folder folder;
  const Sequence written = full_sequence(problem_of(heads, q_blocks, k_blocks), kSeed);
  write_trace(folder / "t.h5", written, "{\"größe\": 1}");
  const TraceReader reader(folder / "t.h5");
  CHECK(difference(reader.read_all(0, 0), written) == "");
  CHECK(difference(reader.provenance(), sample_provenance()) == "");
  CHECK(reader.report().json == "{\"größe\": 1}");
}

TEST_CASE("each head read alone is its part of the whole") {
  CAPTURE(kSeed);
  const Folder folder;
  const Sequence written = full_sequence(problem_of(3, 260, 520), kSeed);
  write_trace(folder / "t.h5", written);
  const TraceReader reader(folder / "t.h5");
  const auto size = written.shape.rows * written.shape.k_blocks;
  const auto part = [&](const auto& all, std::int64_t head) {
    return std::decay_t<decltype(all)>(all.begin() + head * size, all.begin() + (head + 1) * size);
  };
  for (std::int64_t h = 0; h < 3; ++h) {
    CHECK(same_bits(*reader.head(0, 0, TileField::kTileMax, h), part(*written.tile_max, h)));
    CHECK(same_bits(*reader.head(0, 0, TileField::kTileMass, h), part(*written.tile_mass, h)));
    CHECK(
        same_bits(*reader.head(0, 0, TileField::kTileMassMax, h), part(*written.tile_mass_max, h)));
    CHECK(*reader.head(0, 0, MaskField::kReference, h) == part(*written.mask_reference, h));
    CHECK(*reader.head(0, 0, MaskField::kKernel, h) == part(*written.mask_kernel, h));
  }
}

TEST_CASE("the overview is everything but the arrays of tiles") {
  CAPTURE(kSeed);
  const Folder folder;
  Sequence written = full_sequence(problem_of(2, 5, 10), kSeed);
  write_trace(folder / "t.h5", written);
  const Sequence overview = TraceReader(folder / "t.h5").overview(0, 0);
  written.tile_max = written.tile_mass = written.tile_mass_max = std::nullopt;
  written.mask_reference = written.mask_kernel = std::nullopt;
  CHECK(difference(overview, written) == "");
}

TEST_CASE("what was absent is absent, and what was empty is empty") {
  const Folder folder;
  Sequence bare;
  bare.problem = problem_of(2, 3, 6);
  bare.shape = {2, 3, 6};
  bare.q_blocks = {0, 1, 2};
  write_trace(folder / "absent.h5", bare);
  const TraceReader absent(folder / "absent.h5");
  CHECK(difference(absent.read_all(0, 0), bare) == "");
  CHECK_FALSE(absent.overview(0, 0).work.has_value());
  CHECK_FALSE(absent.head(0, 0, TileField::kTileMax, 0).has_value());
  CHECK_FALSE(absent.head(0, 0, MaskField::kKernel, 0).has_value());
  CHECK(absent.levels(0, 0) == 0);

  Sequence empty = bare;
  empty.work.emplace();
  write_trace(folder / "empty.h5", empty);
  const TraceReader reader(folder / "empty.h5");
  CHECK(reader.overview(0, 0).work.has_value());
  CHECK(difference(reader.read_all(0, 0), empty) == "");
}

TEST_CASE("a trace that holds no Q block at all can be written and read") {
  const Folder folder;
  const Sequence none = full_sequence(problem_of(2, 3, 6), {}, kSeed);
  REQUIRE(none.tile_max.has_value());
  write_trace(folder / "t.h5", none);
  const TraceReader reader(folder / "t.h5");
  CHECK(difference(reader.read_all(0, 0), none) == "");
  CHECK(reader.head(0, 0, TileField::kTileMax, 1)->empty());
}

TEST_CASE("a sample of Q blocks keeps its index and its rows") {
  CAPTURE(kSeed);
  const Folder folder;
  const Sequence written = full_sequence(problem_of(2, 1024, 2048), {0, 1, 500, 1023}, kSeed);
  write_trace(folder / "t.h5", written);
  const Sequence read = TraceReader(folder / "t.h5").read_all(0, 0);
  CHECK(read.q_blocks == std::vector<std::int64_t>{0, 1, 500, 1023});
  CHECK(read.shape == TileShape{2, 4, 2048});
  CHECK(difference(read, written) == "");
}

TEST_CASE("layers and sequences are listed in the order of their numbers") {
  const Folder folder;
  const Sequence small = full_sequence(problem_of(1, 1, 2), kSeed);
  const Sequence other = full_sequence(problem_of(2, 2, 5), kSeed + 1);
  {
    TraceWriter writer(folder / "t.h5");
    for (const std::int64_t layer : {10, 9, 100}) writer.add(layer, 0, small);
    for (std::int64_t s = 11; s > 0; --s) writer.add(9, s, s == 11 ? other : small);
    writer.commit({}, {});
  }
  const TraceReader reader(folder / "t.h5");
  CHECK(reader.layers() == std::vector<std::int64_t>{9, 10, 100});
  CHECK(reader.sequences(9) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(reader.sequences(10) == std::vector<std::int64_t>{0});
  CHECK(reader.sequences(11).empty());
  CHECK(difference(reader.read_all(9, 11), other) == "");
  CHECK(difference(reader.read_all(100, 0), small) == "");
}

TEST_CASE("a hundred layers fit, and so do very long texts") {
  const Folder folder;
  const Sequence small = full_sequence(problem_of(1, 1, 2), kSeed);
  Provenance provenance = sample_provenance();
  provenance.command_line.assign(200'000, 'x');
  for (int i = 0; i < 100; ++i) provenance.more["extra_" + std::to_string(i)] = std::to_string(i);
  const std::string report(3'000'000, '{');
  {
    TraceWriter writer(folder / "t.h5");
    for (std::int64_t layer = 0; layer < 100; ++layer) writer.add(layer, 0, small);
    writer.commit(provenance, {report});
  }
  const TraceReader reader(folder / "t.h5");
  CHECK(reader.layers().size() == 100);
  CHECK(difference(reader.read_all(99, 0), small) == "");
  CHECK(difference(reader.provenance(), provenance) == "");
  CHECK(reader.report().json == report);
}

TEST_CASE("a trace without any sequence has its provenance and report") {
  const Folder folder;
  TraceWriter writer(folder / "t.h5");
  writer.commit(sample_provenance(), {""});
  const TraceReader reader(folder / "t.h5");
  CHECK(reader.layers().empty());
  CHECK(reader.report().json.empty());
}

TEST_CASE("work records come back sorted by start, whatever their order was") {
  CAPTURE(kSeed);
  const Folder folder;
  const Sequence sorted = full_sequence(problem_of(1, 2, 4), kSeed);
  Sequence shuffled = sorted;
  std::reverse(shuffled.work->begin(), shuffled.work->end());
  write_trace(folder / "t.h5", shuffled);
  const auto work = TraceReader(folder / "t.h5").overview(0, 0).work;
  REQUIRE(work->size() == sorted.work->size());
  CHECK(std::is_sorted(work->begin(), work->end(),
                       [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; }));
  CHECK(work->front().start_ns == sorted.work->front().start_ns);
  CHECK(work->front().qk_products == sorted.work->front().qk_products);
}

TEST_CASE("the same content gives the same bytes") {
  CAPTURE(kSeed);
  const Folder folder;
  const Sequence data = full_sequence(problem_of(3, 90, 300), kSeed);
  write_trace(folder / "a.h5", data);
  write_trace(folder / "b.h5", data);
  CHECK(read_bytes(folder / "a.h5") == read_bytes(folder / "b.h5"));
}

TEST_CASE("one reader serves many threads at once") {
  const Folder folder;
  const Sequence written = full_sequence(problem_of(8, 100, 300), kSeed);
  write_trace(folder / "t.h5", written);
  const TraceReader reader(folder / "t.h5");
  std::vector<std::vector<float>> heads(64);
  // Reading itself is parallel: threads that wait within it must not start another read.
  tbb::parallel_for(std::size_t{0}, heads.size(), [&](std::size_t i) {
    heads[i] = *reader.head(0, 0, TileField::kTileMax, static_cast<std::int64_t>(i % 8));
  });
  for (std::size_t i = 0; i < heads.size(); ++i) {
    CAPTURE(i);
    const auto first = written.tile_max->begin() + static_cast<std::ptrdiff_t>(i % 8 * 30'000);
    CHECK(same_bits(heads[i], std::vector<float>(first, first + 30'000)));
  }
}

TEST_CASE("what a trace does not have is refused by name") {
  const Folder folder;
  write_trace(folder / "t.h5", full_sequence(problem_of(2, 3, 6), kSeed));
  const TraceReader reader(folder / "t.h5");
  const std::string file = (folder / "t.h5").string();
  CHECK(message_of<core::InputError>([&] { reader.overview(7, 0); }) == file + ": has no layer 7");
  CHECK(message_of<core::InputError>([&] { reader.overview(0, 1); }) ==
        file + ": has no sequence 1 (layer 0)");
  for (const std::int64_t head : {-1, 2}) {
    CHECK(message_of<core::InputError>([&] { reader.head(0, 0, TileField::kTileMax, head); }) ==
          file + ": has no head " + std::to_string(head) + " (/layers/0/seq/0)");
  }
  CHECK_FALSE(reader.level(0, 0, TileField::kTileMax, 0, 1).has_value());
  CHECK_FALSE(reader.level(0, 0, TileField::kTileMax, 0, -1).has_value());
}

}  // namespace
}  // namespace bsfa::traces::test
