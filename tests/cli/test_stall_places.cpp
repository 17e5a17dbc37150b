// SPDX-License-Identifier: Apache-2.0
// Lines of source files as reports name them.
#include <algorithm>

#include <catch2/catch.hpp>

#include "cli/profile/report.h"
#include "cli/support/short_paths.h"
#include "cli/trace/profile_diff.h"

using namespace bsfa;
using namespace bsfa::cli;

namespace {

traces::StallLine stall(const std::string& file, std::uint64_t samples,
                        const std::string& text = "") {
  return {"forward()", file, 12, text, "wait", samples};
}

std::vector<std::string> places(const std::vector<traces::StallLine>& stalls) {
  std::vector<std::string> found;
  for (const auto& line : sum_stalls(stalls).lines) found.push_back(line.place);
  return found;
}

}  // namespace

TEST_CASE("a path is as short as tells it from the others") {
  ShortPaths paths;
  paths.keep_apart({"/b/x/a.cuh", "/b/y/a.cuh", "/b/y/b.cuh", "c.cuh", ""});
  CHECK(paths.of("/b/x/a.cuh") == "x/a.cuh");
  CHECK(paths.of("/b/y/a.cuh") == "y/a.cuh");
  CHECK(paths.of("/b/y/b.cuh") == "b.cuh");
  CHECK(paths.of("c.cuh") == "c.cuh");
  CHECK(paths.of("") == "");
  CHECK(paths.of("/never/seen.h") == "/never/seen.h");
}

TEST_CASE("paths of which one ends as another does are whole") {
  ShortPaths paths;
  paths.keep_apart({"/a.cuh", "a.cuh", "x/a.cuh"});
  CHECK(paths.of("/a.cuh") == "/a.cuh");
  CHECK(paths.of("a.cuh") == "a.cuh");
  CHECK(paths.of("x/a.cuh") == "x/a.cuh");
}

TEST_CASE("files of one name in two folders have samples of their own") {
  const std::vector<traces::StallLine> stalls = {
      stall("/k/portable/forward.cuh", 5), stall("/k/hopper/forward.cuh", 7),
      stall("/k/hopper/forward.cuh", 1), stall("/k/hopper/store.cuh", 2)};
  CHECK(places(stalls) == std::vector<std::string>{"hopper/forward.cuh:12",
                                                   "portable/forward.cuh:12", "store.cuh:12"});
  CHECK(sum_stalls(stalls).lines.front().samples == 8);
  CHECK(places({stall("/k/portable/forward.cuh", 5)}) ==
        std::vector<std::string>{"forward.cuh:12"});
}

TEST_CASE("a file is the same in builds of two folders, and another of its name is not") {
  traces::Profile a, b;
  a.stalls = {stall("/one/portable/forward.cuh", 30, "wait();"),
              stall("/one/hopper/forward.cuh", 70, "wait();")};
  b.stalls = {stall("/two/hopper/forward.cuh", 100, "wait();")};
  const auto diff = diff_profiles(a, b);
  REQUIRE(diff.lines.size() == 2);
  for (const auto& line : diff.lines) {
    const bool hopper = line.what == "hopper/forward.cuh:12";
    CHECK((hopper || line.what == "portable/forward.cuh:12"));
    CHECK(line.a == Approx(hopper ? 0.7 : 0.3));
    CHECK(line.b == Approx(hopper ? 1.0 : 0.0));
  }
}
