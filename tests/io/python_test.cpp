// SPDX-License-Identifier: Apache-2.0
// Files as numpy, and as torch.save's pickler and archive, write them.
#include <array>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "io/tensor_file.h"
#include "io/threshold_file.h"
#include "tests/io/builders.h"
#include "tests/support/scratch.h"

namespace bsfa::io {
namespace {

using core::Dtype;
using test::refusal;
using test::Scratch;

/// Runs make_files.py and returns what it printed.
std::string make_files(const std::string& arguments) {
  const std::string command =
      "/usr/bin/python3 " BSFA_SOURCE_DIR "/tests/io/make_files.py " + arguments;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 256> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
  REQUIRE(::pclose(pipe) == 0);
  return output;
}

template <typename T>
T last_of(const StoredTensor& tensor) {
  T value;
  std::memcpy(&value, tensor.bytes.data() + tensor.bytes.size() - sizeof(T), sizeof(T));
  return value;
}

TEST_CASE("arrays that numpy saved are read, those in another order refused") {
  const Scratch scratch;
  make_files("arrays " + scratch.folder().string());
  const auto a = open_tensor_file(scratch / "a.npy");
  CHECK(a->at("data").dtype == Dtype::kFloat16);
  CHECK(a->at("data").shape == std::vector<std::int64_t>{2, 3});
  CHECK(last_of<std::uint16_t>(a->at("data")) == 0x4500);
  for (const char* name : {"stored.npz", "packed.npz"}) {
    CAPTURE(name);
    const auto file = open_tensor_file(scratch / name);
    REQUIRE(file->tensors().size() == 3);
    CHECK(last_of<std::uint16_t>(file->at("layers.0.q")) == 0x4500);
    CHECK(file->at("b").elements() == 1000);
    CHECK(last_of<float>(file->at("b")) == 999.0F);
    CHECK(file->at("flag").dtype == Dtype::kBool);
    CHECK(file->at("flag").shape.empty());
  }
  const auto says = [&](const char* name) {
    return refusal([&] { open_tensor_file(scratch / name); });
  };
  CHECK_THAT(says("fortran.npy"), Catch::Contains("Fortran order"));
  CHECK_THAT(says("big.npy"), Catch::Contains("big-endian"));
  CHECK_THAT(says("object.npy"), Catch::Contains("dtype object"));
}

TEST_CASE("numpy reads what write_npy writes") {
  const Scratch scratch;
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  const auto path = scratch / "out.npy";
  write_npy(path, {"x", Dtype::kFloat32, {1, 2, 3}, values.data()});
  CHECK(make_files("check " + path.string()) == "float32 [1, 2, 3] 21.0\n");
  write_npy(path, {"x", Dtype::kFloat32, {}, values.data()});
  CHECK(make_files("check " + path.string()) == "float32 [] 1.0\n");
  write_npy(path, {"x", Dtype::kUint8, {4}, "\x01\x02\x03\x04"});
  CHECK(make_files("check " + path.string()) == "uint8 [4] 10.0\n");
}

TEST_CASE("a threshold file of torch.save is read at every pickle protocol") {
  const Scratch scratch;
  for (const int protocol : {2, 3, 4, 5}) {
    CAPTURE(protocol);
    const auto path = scratch / "thresholds.pt";
    make_files("torch " + path.string() + " " + std::to_string(protocol));
    const core::ThresholdTable table = read_thresholds(path);
    CHECK(table.k_values == std::vector<std::int64_t>{8, 16});
    CHECK(table.layers == std::vector<std::int64_t>{0, 1, 2});
    CHECK(table.heads == 2);
    CHECK(table.blocks == 4);
    CHECK(table.gate == core::GateShape{128, 64});
    CHECK(table.aggregation == core::Aggregation::kMedian);
    REQUIRE(table.values.size() == 48);
    CHECK(table.values[0] == -std::numeric_limits<float>::infinity());
    CHECK(table.values[1] == std::numeric_limits<float>::infinity());
    for (std::size_t i = 2; i < 48; ++i) CHECK(table.values[i] == static_cast<float>(i) - 7);
  }
}

}  // namespace
}  // namespace bsfa::io
