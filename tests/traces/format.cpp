// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "core/error.h"
#include "tests/traces/profiles.h"
#include "traces/reader.h"

namespace bsfa::traces::test {
namespace {

constexpr std::uint64_t kSeed = 11;

void check_by_python(const std::string& what, const std::filesystem::path& path) {
  std::string out;
  const int status = run_python("check_trace.py", {what, path.string()}, &out);
  CAPTURE(out);
  CHECK(status == 0);
}

std::uint64_t chunk_bytes_by_python(const std::filesystem::path& path, const std::string& name,
                                    int head) {
  std::string out;
  REQUIRE(run_python("check_trace.py", {"chunks", path.string(), name, std::to_string(head)},
                     &out) == 0);
  return std::stoull(out);
}

TEST_CASE("h5py reads a trace as the format's description says") {
  CAPTURE(kSeed);
  const Folder folder;
  write_trace(folder / "formula.h5", formula_sequence());
  check_by_python("formula", folder / "formula.h5");
  write_profiled(folder / "profile.h5", formula_profile());
  check_by_python("formula", folder / "profile.h5");
  check_by_python("profile", folder / "profile.h5");
  write_trace(folder / "layout.h5", full_sequence(problem_of(2, 300, 601), kSeed));
  check_by_python("layout", folder / "layout.h5");
}

TEST_CASE("a trace of version 1.0 stays readable") {
  const std::filesystem::path old = BSFA_SOURCE_DIR "/tests/traces/data/v1.0.h5";
  const TraceReader reader(old);
  CHECK(reader.layers() == std::vector<std::int64_t>{0});
  CHECK(difference(reader.read_all(0, 0), formula_sequence()) == "");
  CHECK(difference(reader.provenance(), sample_provenance()) == "");
  CHECK(reader.report().json == "{\"verdict\":\"pass\"}");
  CHECK_FALSE(reader.has_profile(0));
  check_by_python("formula", old);
}

TEST_CASE("a trace of version 1.1 stays readable with its profile") {
  const std::filesystem::path old = BSFA_SOURCE_DIR "/tests/traces/data/v1.1.h5";
  const TraceReader reader(old);
  CHECK(difference(reader.read_all(0, 0), formula_sequence()) == "");
  REQUIRE(reader.profile(0).has_value());
  CHECK(difference(*reader.profile(0), formula_profile()) == "");
  check_by_python("profile", old);
}

TEST_CASE("opening and the overview read no chunk of a tile array, a head its own chunks only") {
  CAPTURE(kSeed);
  const Folder folder;
  const Sequence written = full_sequence(problem_of(4, 260, 520), kSeed);
  write_trace(folder / "t.h5", written);
  const TraceReader reader(folder / "t.h5");
  CHECK(reader.chunk_bytes_read() < 100);  // the report
  CHECK(reader.levels(0, 0) == 2);
  const std::uint64_t index = reader.chunk_bytes_read();
  CHECK(index < 8 * 260);
  reader.overview(0, 0);
  const std::uint64_t overview = reader.chunk_bytes_read();
  CHECK(overview > index);
  CHECK(overview - index < 8 * 260 * (9 + 2 * 64) * 4 + 1000 * 128);

  reader.head(0, 0, TileField::kTileMax, 3);
  CHECK(reader.chunk_bytes_read() - overview ==
        chunk_bytes_by_python(folder / "t.h5", "tile_max", 3));
  const std::uint64_t before = reader.chunk_bytes_read();
  reader.level(0, 0, TileField::kTileMass, 2, 2);
  CHECK(reader.chunk_bytes_read() - before ==
        chunk_bytes_by_python(folder / "t.h5", "pyramid/2/tile_mass", 2));
}

TEST_CASE("a head is read whatever happened to the others") {
  CAPTURE(kSeed);
  const Folder folder;
  Sequence data = full_sequence(problem_of(3, 260, 520), kSeed);
  write_trace(folder / "t.h5", data);
  std::vector<char> bytes = read_bytes(folder / "t.h5");
  // tile_max is the first large dataset written, its chunks head after head: the middle of the
  // file's first quarter is in it.
  bytes[bytes.size() / 8] = static_cast<char>(~bytes[bytes.size() / 8]);
  write_bytes(folder / "damaged.h5", bytes);
  const TraceReader whole(folder / "t.h5"), damaged(folder / "damaged.h5");
  int lost = 0;
  for (std::int64_t h = 0; h < 3; ++h) {
    const std::string message = message_of<core::InputError>([&] {
      const auto head = damaged.head(0, 0, TileField::kTileMax, h);
      CHECK(same_bits(head, whole.head(0, 0, TileField::kTileMax, h)));
    });
    lost += message.empty() ? 0 : 1;
    if (!message.empty()) {
      CHECK(message == (folder / "damaged.h5").string() +
                           ": a compressed chunk is damaged (/layers/0/seq/0/tile_max)");
    }
  }
  CHECK(lost == 1);
}

}  // namespace
}  // namespace bsfa::traces::test
