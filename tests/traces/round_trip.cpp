// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

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
      GENERATE(table<int, int, int>({{1, 1, 2}, {3, 9, 20}, {2, 300, 601}}));
  CAPTURE(kSeed, heads, q_blocks, k_blocks);
  const Folder folder;
  const Sequence written = full_sequence(problem_of(heads, q_blocks, k_blocks), kSeed);
  write_trace(folder / "t.h5", written, "{\"größe\": 1}");
  const TraceReader reader(folder / "t.h5");
  CHECK(difference(reader.read_all(0, 0), written) == "");
  CHECK(difference(reader.provenance(), sample_provenance()) == "");
  CHECK(reader.report().json == "{\"größe\": 1}");
}

}  // namespace
}  // namespace bsfa::traces::test
