// SPDX-License-Identifier: Apache-2.0
#include "io/threshold_file.h"

#include <limits>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "io/tensor_file.h"
#include "tests/io/builders.h"
#include "tests/support/scratch.h"

namespace bsfa::io {
namespace {

using test::refusal;
using test::Scratch;

constexpr float kInf = std::numeric_limits<float>::infinity();

core::ThresholdTable small_table() {
  core::ThresholdTable table;
  table.k_values = {16, 8};
  table.layers = {0, 4, 31};
  table.heads = 2;
  table.blocks = 2;
  table.gate = {64, 64};
  table.aggregation = core::Aggregation::kMedian;
  table.samples = {"a, \"b\"", "texts/moby.txt"};
  for (int i = 0; i < 24; ++i) table.values.push_back(static_cast<float>(i) * 0.37F);
  table.values[3] = kInf;
  table.values[4] = -kInf;
  return table;
}

TEST_CASE("a table comes back from its file exactly as it was") {
  const Scratch scratch;
  const core::ThresholdTable table = small_table();
  write_thresholds(scratch / "t.safetensors", table);
  const core::ThresholdTable back = read_thresholds(scratch / "t.safetensors");
  CHECK(back.k_values == table.k_values);
  CHECK(back.layers == table.layers);
  CHECK(back.heads == table.heads);
  CHECK(back.blocks == table.blocks);
  CHECK(back.gate == table.gate);
  CHECK(back.aggregation == table.aggregation);
  CHECK(back.samples == table.samples);
  CHECK(back.values == table.values);
  CHECK(test::entries_of(scratch.folder()) == 1);
}

TEST_CASE("a table whose values do not match its shape is not written") {
  const Scratch scratch;
  core::ThresholdTable table = small_table();
  table.values.pop_back();
  CHECK_THROWS_AS(write_thresholds(scratch / "t", table), core::OutputError);
  CHECK(test::entries_of(scratch.folder()) == 0);
}

TEST_CASE("a NaN threshold is refused with its k, layer, head and block") {
  const Scratch scratch;
  core::ThresholdTable table = small_table();
  table.values[table.index(1, 2, 0, 1)] = std::numeric_limits<float>::quiet_NaN();
  write_thresholds(scratch / "t", table);
  CHECK_THAT(refusal([&] { read_thresholds(scratch / "t"); }),
             Catch::Contains("NaN (k = 8, layer 31, head 0, block 1)"));
}

TEST_CASE("threshold metadata that is missing or wrong is refused by its key") {
  const Scratch scratch;
  const std::map<std::string, std::string> sound{
      {"bsfa_thresholds", "1"}, {"k_values", "[8]"},     {"layers", "[0]"}, {"q_block_size", "128"},
      {"k_block_size", "64"},   {"aggregation", "mean"}, {"samples", "[]"}};
  const float tau = 1.0F;
  const auto says = [&](const std::map<std::string, std::string>& metadata,
                        const TensorToWrite& tensor) {
    write_safetensors(scratch / "t", {&tensor, 1}, metadata);
    return refusal([&] { read_thresholds(scratch / "t"); });
  };
  const TensorToWrite tensor{"thresholds", core::Dtype::kFloat32, {1, 1, 1, 1}, &tau};
  REQUIRE(says(sound, tensor) == "no error");
  for (const auto& [key, value] : sound) {
    auto metadata = sound;
    metadata.erase(key);
    CHECK_THAT(says(metadata, tensor), Catch::Contains("no metadata '" + key + "'"));
  }
  const std::pair<const char*, const char*> wrong[] = {
      {"bsfa_thresholds", "2"}, {"k_values", "8"},        {"k_values", "[8.5]"},
      {"k_values", "[8,9]"},    {"k_values", "[8"},       {"layers", "[-1]"},
      {"layers", "{}"},         {"q_block_size", "128x"}, {"q_block_size", "0"},
      {"k_block_size", ""},     {"aggregation", "sum"},   {"samples", "[1]"}};
  for (const auto& [key, value] : wrong) {
    CAPTURE(key, value);
    auto metadata = sound;
    metadata[key] = value;
    CHECK(says(metadata, tensor) != "no error");
  }
  auto deep = sound;
  deep["samples"] = std::string(2'000'000, '[');
  CHECK_THAT(says(deep, tensor), Catch::Contains("'samples' is longer than 1 MiB"));
  deep["samples"] = std::string(1'000'000, '[') + std::string(1'000'000 / 32, ']');
  CHECK_THAT(says(deep, tensor), Catch::Contains("'samples' is"));
  CHECK_THAT(says(sound, {"other", core::Dtype::kFloat32, {1, 1, 1, 1}, &tau}),
             Catch::Contains("no tensor 'thresholds'"));
  CHECK_THAT(says(sound, {"thresholds", core::Dtype::kFloat32, {1}, &tau}),
             Catch::Contains("fp32 [1], not fp32 [K,L,H,blocks]"));
  CHECK_THAT(says(sound, {"thresholds", core::Dtype::kInt32, {1, 1, 1, 1}, &tau}),
             Catch::Contains("is i32"));
}

}  // namespace
}  // namespace bsfa::io
