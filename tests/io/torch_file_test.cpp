// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "io/threshold_file.h"
#include "tests/io/pickle_builder.h"
#include "tests/support/scratch.h"

namespace bsfa::io {
namespace {

using test::PickleText;
using test::proto;
using test::raw_list;
using test::refusal;
using test::Scratch;
using test::write_zip;
using test::ZipEntry;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// A table of two k, one layer, one head and two blocks, as torch.save pickles it. Every part can
/// be replaced.
struct Table {
  PickleText thresholds =
      PickleText{}.tensor("FloatStorage", "0", 4, 0, {2, 1, 1, 2}, {2, 2, 2, 1});
  PickleText k_values = PickleText{}.op("](").number(8).number(16).op("e");
  PickleText q_block_size = PickleText{}.number(128);
  PickleText extra;
  std::string storage = raw_list({1.0F, 2.0F, 3.0F, 4.0F});
  std::string byteorder = "little";

  std::string pickle() const {
    return proto()
        .op("}(")
        .text("thresholds")
        .op(thresholds.bytes)
        .text("k_values")
        .op(k_values.bytes)
        .text("q_block_size")
        .op(q_block_size.bytes)
        .text("k_block_size")
        .number(64)
        .op(extra.bytes)
        .op("u.")
        .bytes;
  }
  std::vector<ZipEntry> entries() const {
    return {{"archive/data.pkl", pickle()},
            {"archive/byteorder", byteorder},
            {"archive/data/0", storage},
            {"archive/version", "3\n"}};
  }
};

core::ThresholdTable read(const std::vector<ZipEntry>& entries) {
  const Scratch scratch;
  write_zip(scratch / "t.pt", entries);
  return read_thresholds(scratch / "t.pt");
}

std::string refusal_of(const std::vector<ZipEntry>& entries) {
  return refusal([&] { read(entries); });
}

TEST_CASE("a table is read from every storage type and any strides") {
  Table table;
  CHECK(read(table.entries()).values == std::vector<float>{1, 2, 3, 4});
  table.thresholds = PickleText{}.tensor("FloatStorage", "0", 4, 0, {2, 1, 1, 2}, {1, 2, 2, 2});
  CHECK(read(table.entries()).values == std::vector<float>{1, 3, 2, 4});
  table.thresholds = PickleText{}.tensor("FloatStorage", "0", 4, 1, {1, 1, 1, 2}, {9, 9, 9, 2});
  table.k_values = PickleText{}.number(8).op("\x85");
  CHECK(read(table.entries()).values == std::vector<float>{2, 4});
  table.thresholds = PickleText{}.tensor("DoubleStorage", "0", 2, 0, {1, 1, 1, 2}, {2, 2, 2, 1});
  table.storage = raw_list({0.25, -1e300});
  CHECK(read(table.entries()).values ==
        std::vector<float>{0.25F, -std::numeric_limits<float>::infinity()});
  table.thresholds = PickleText{}.tensor("HalfStorage", "0", 2, 0, {1, 1, 1, 2}, {2, 2, 2, 1});
  table.storage = raw_list<std::uint16_t>({0x3C00, 0xFC00});
  CHECK(read(table.entries()).values ==
        std::vector<float>{1, -std::numeric_limits<float>::infinity()});
  table.thresholds = PickleText{}.tensor("BFloat16Storage", "0", 2, 0, {1, 1, 1, 2}, {2, 2, 2, 1});
  table.storage = raw_list<std::uint16_t>({0x3F80, 0xBF80});
  CHECK(read(table.entries()).values == std::vector<float>{1, -1});
}

TEST_CASE("an imported table numbers its layers from 0 and is a mean unless it says otherwise") {
  Table table;
  const core::ThresholdTable mean = read(table.entries());
  CHECK(mean.layers == std::vector<std::int64_t>{0});
  CHECK(mean.aggregation == core::Aggregation::kMean);
  CHECK(mean.samples.empty());
  table.extra = PickleText{}.text("aggregation_method").text("median");
  CHECK(read(table.entries()).aggregation == core::Aggregation::kMedian);
  table.extra = PickleText{}.text("aggregation_method").text("mode");
  CHECK_THAT(refusal_of(table.entries()), Catch::Contains("aggregation 'mode'"));
}

TEST_CASE("a malicious pickle inside a sound archive is refused by name") {
  Table table;
  table.extra =
      PickleText{}.text("more").global("os", "system").text("touch /tmp/bsfa-owned").op("\x85R");
  CHECK_THAT(refusal_of(table.entries()),
             Catch::Contains("t.pt: the pickle names 'os.system', which is not allowed"));
  CHECK_FALSE(std::filesystem::exists("/tmp/bsfa-owned"));
}

TEST_CASE("entries that are missing or of the wrong kind are named") {
  struct Case {
    const char* expected;
    void (*breaks)(Table&);
  };
  const Case cases[] = {
      {"'thresholds' is no tensor", [](Table& t) { t.thresholds = PickleText{"N"}; }},
      {"has shape [4], not [K,L,H,blocks]",
       [](Table& t) { t.thresholds = PickleText{}.tensor("FloatStorage", "0", 4, 0, {4}, {1}); }},
      {"thresholds of shape [0, 1, 1, 2]",
       [](Table& t) {
         t.thresholds = PickleText{}.tensor("FloatStorage", "0", 4, 0, {0, 1, 1, 2}, {2, 2, 2, 1});
       }},
      {"'k_values' is no list", [](Table& t) { t.k_values = PickleText{"N"}; }},
      {"'k_values' is no list", [](Table& t) { t.k_values = PickleText{"](NNe"}; }},
      {"1 k_values for thresholds of 2",
       [](Table& t) {
         t.k_values = PickleText{
             "](K\x01"
             "e"};
       }},
      {"k_values 1 occurs twice",
       [](Table& t) {
         t.k_values = PickleText{
             "](K\x01K\x01"
             "e"};
       }},
      {"k_values -1 is negative",
       [](Table& t) { t.k_values = PickleText{}.op("](").number(-1).number(2).op("e"); }},
      {"'q_block_size' is no integer", [](Table& t) { t.q_block_size = PickleText{"\x88"}; }},
      {"block sizes -3x64, which must be positive",
       [](Table& t) { t.q_block_size = PickleText{}.number(-3); }},
      {"storage '0' has 12 bytes, not 4 elements of fp32", [](Table& t) { t.storage.resize(12); }},
      {"NaN (k = 16, layer 0, head 0, block 1)",
       [](Table& t) {
         t.storage = raw_list({1.0F, 2.0F, 3.0F, kNan});
       }},
      {"byte order 'big'", [](Table& t) { t.byteorder = "big"; }},
      {"has no storage '../0'",
       [](Table& t) {
         t.thresholds =
             PickleText{}.tensor("FloatStorage", "../0", 4, 0, {2, 1, 1, 2}, {2, 2, 2, 1});
       }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expected);
    Table table;
    c.breaks(table);
    CHECK_THAT(refusal_of(table.entries()), Catch::Contains(c.expected));
  }
  CHECK_THAT(refusal_of({{"archive/data.pkl", proto().op("}.").bytes}}),
             Catch::Contains("'thresholds' is missing"));
  CHECK_THAT(refusal_of({{"archive/data.pkl", proto().op("].").bytes}}),
             Catch::Contains("no dictionary of thresholds"));
}

TEST_CASE("archives that torch did not write are refused") {
  const Table table;
  CHECK_THAT(refusal_of({{"a.npy", "x"}}), Catch::Contains("without torch's data.pkl"));
  auto twice = table.entries();
  twice.push_back({"other/data.pkl", table.pickle()});
  CHECK_THAT(refusal_of(twice), Catch::Contains("more than one data.pkl"));
  auto packed = table.entries();
  packed[2].deflated = true;
  CHECK(refusal_of(packed) == "no error");
  packed[2].content = std::string(78'000'000, '\0');
  CHECK_THAT(refusal_of(packed), Catch::Contains("zip bomb (member 'archive/data/0')"));
}

TEST_CASE("a storage whose bytes were changed is refused by its checksum") {
  const Scratch scratch;
  write_zip(scratch / "t.pt", Table().entries());
  std::string content = test::content_of(scratch / "t.pt");
  const std::size_t at = content.find(raw_list({1.0F, 2.0F, 3.0F, 4.0F}));
  REQUIRE(at != std::string::npos);
  content[at] = static_cast<char>(content[at] ^ 1);
  const auto path = scratch.write("t.pt", content);
  CHECK_THAT(refusal([&] { read_thresholds(path); }), Catch::Contains("CRC error"));
}

TEST_CASE("a truncated torch file is refused at every length") {
  const Scratch scratch;
  write_zip(scratch / "t.pt", Table().entries());
  const std::string whole = test::content_of(scratch / "t.pt");
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    CAPTURE(length);
    const auto path = scratch.write("b.pt", whole.substr(0, length));
    CHECK(refusal([&] { read_thresholds(path); }) != "no error");
  }
}

TEST_CASE("torch's format before 1.6 is named") {
  const Scratch scratch;
  const auto path =
      scratch.write("t.pt", "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M");
  CHECK_THAT(refusal([&] { read_thresholds(path); }), Catch::Contains("before 1.6"));
}

}  // namespace
}  // namespace bsfa::io
