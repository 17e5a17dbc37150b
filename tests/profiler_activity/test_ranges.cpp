// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "profiler/host/nvtx.h"
#include "profiler/host/range_nesting.h"

using namespace bsfa;
using profiler::RangeMark;

namespace {

std::string outline(const std::vector<traces::Span>& ranges) {
  std::string text;
  for (const auto& range : ranges) {
    text += std::string(range.depth, '>') + range.name + "@" + std::to_string(range.track) + " " +
            std::to_string(range.start_ns) + "-" + std::to_string(range.end_ns) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("ranges are paired and nested by thread, in whatever order their ends were recorded") {
  std::vector<RangeMark> marks = {{10, 1, 1, true, "outer"},  {20, 2, 1, true, "inner"},
                                  {30, 3, 1, true, "inmost"}, {15, 4, 2, true, "other thread"},
                                  {35, 3, 1, false, ""},      {40, 2, 1, false, ""},
                                  {50, 1, 1, false, ""},      {60, 4, 2, false, ""},
                                  {52, 5, 1, true, "after"},  {53, 5, 1, false, ""}};
  const std::string expected =
      "outer@1 10-50\n"
      "other thread@2 15-60\n"
      ">inner@1 20-40\n"
      ">>inmost@1 30-35\n"
      "after@1 52-53\n";
  CHECK(outline(profiler::nested_ranges(marks, 100)) == expected);
  std::reverse(marks.begin(), marks.end());
  CHECK(outline(profiler::nested_ranges(marks, 100)) == expected);
}

TEST_CASE("a range still open ends with the recording, one begun before it is left out") {
  const std::vector<RangeMark> marks = {{10, 1, 1, true, "open"},
                                        {20, 2, 1, false, ""},
                                        {30, 3, 1, true, "in it"},
                                        {40, 3, 1, false, ""}};
  CHECK(outline(profiler::nested_ranges(marks, 70)) == "open@1 10-70\n>in it@1 30-40\n");
  CHECK(outline(profiler::nested_ranges({{90, 1, 1, true, "late"}}, 70)) == "late@1 90-90\n");
  CHECK(profiler::nested_ranges({}, 70).empty());
}

TEST_CASE("ranges may be opened where nothing listens to them") {
  const profiler::NvtxRange outer("outer");
  const profiler::NvtxRange inner(std::string(10000, 'x'));
  SUCCEED();
}
