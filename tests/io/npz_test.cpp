// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "io/tensor_file.h"
#include "tests/io/builders.h"
#include "tests/support/scratch.h"

namespace bsfa::io {
namespace {

using test::npy;
using test::npy_floats;
using test::refusal;
using test::Scratch;
using test::write_zip;
using test::ZipEntry;

std::string refusal_of(const std::vector<ZipEntry>& entries) {
  const Scratch scratch;
  write_zip(scratch / "bad.npz", entries);
  return refusal([&] { open_tensor_file(scratch / "bad.npz"); });
}

std::string float_array(std::size_t count) {
  return npy(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }",
      std::string(count * sizeof(float), '\0'));
}

TEST_CASE("stored and deflated members of an npz file are read under their names") {
  const Scratch scratch;
  write_zip(scratch / "a.npz", {{"layers.0.q.npy", npy_floats("(2, 1)", {1, 2}), false},
                                {"k.npy", npy_floats("(3,)", {3, 4, 5}), true}});
  const auto file = open_tensor_file(scratch / "a.npz");
  REQUIRE(file->tensors().size() == 2);
  CHECK(file->at("layers.0.q").shape == std::vector<std::int64_t>{2, 1});
  const auto bytes = file->at("k").bytes;
  float last = 0;
  REQUIRE(bytes.size() == 3 * sizeof(float));
  std::memcpy(&last, bytes.data() + 2 * sizeof(float), sizeof(float));
  CHECK(last == 5.0F);
}

TEST_CASE("a member that is no plain array is refused by its name") {
  CHECK_THAT(refusal_of({{"readme.txt", "hello"}}),
             Catch::Contains("no .npy array (member 'readme.txt')"));
  CHECK_THAT(refusal_of({{"a.npy", "hello"}}), Catch::Contains("(member 'a.npy')"));
  CHECK_THAT(refusal_of({{"a.npy", ""}}), Catch::Contains("(member 'a.npy')"));
  CHECK_THAT(refusal_of({{"a.npy", float_array(3) + "x"}}),
             Catch::Contains("needs") && Catch::Contains("the member has"));
  CHECK_THAT(refusal_of({{"a.npy", float_array(3) + "x", true}}),
             Catch::Contains("the member has"));
  CHECK_THAT(
      refusal_of({{"a.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': ()}", "x")}}),
      Catch::Contains("dtype object"));
}

TEST_CASE("a zip bomb is refused before it is expanded") {
  // 78 MB of zeros in 76 kB.
  CHECK_THAT(refusal_of({{"a.npy", float_array(19'500'000), true}}),
             Catch::Contains("zip bomb (member 'a.npy')"));
  std::vector<ZipEntry> many;
  for (int i = 0; i < 20; ++i) {
    many.push_back({"a" + std::to_string(i) + ".npy", float_array(1'000'000), true});
  }
  CHECK_THAT(refusal_of(many), Catch::Contains("zip bomb"));
  // A compressible array of modest size is no bomb.
  CHECK(refusal_of({{"a.npy", float_array(1'000'000), true}}) == "no error");
}

TEST_CASE("an encrypted member is refused") {
  CHECK_THAT(refusal_of({{"a.npy", npy_floats("(1,)", {1}), false, true}}),
             Catch::Contains("is encrypted (member 'a.npy')"));
}

TEST_CASE("a compressed member whose bytes were changed is refused") {
  const Scratch scratch;
  write_zip(scratch / "a.npz", {{"a.npy", float_array(1000), true}});
  std::string content = test::content_of(scratch / "a.npz");
  // The local header has 30 bytes and the name; the deflated stream follows.
  const std::size_t stream = 30 + std::string("a.npy").size();
  int refused = 0;
  for (std::size_t at = stream; at < stream + 60; ++at) {
    content[at] = static_cast<char>(content[at] ^ 0x55);
    const auto path = scratch.write("b.npz", content);
    refused += refusal([&] { open_tensor_file(path); }) != "no error" ? 1 : 0;
    content[at] = static_cast<char>(content[at] ^ 0x55);
  }
  CHECK(refused == 60);
}

TEST_CASE("a truncated npz file is refused at every length") {
  const Scratch scratch;
  write_zip(scratch / "a.npz", {{"a.npy", npy_floats("(2,)", {1, 2}), false},
                                {"b.npy", npy_floats("(2,)", {1, 2}), true}});
  const std::string whole = test::content_of(scratch / "a.npz");
  for (std::size_t length = 1; length < whole.size(); ++length) {
    CAPTURE(length);
    const auto path = scratch.write("b.npz", whole.substr(0, length));
    CHECK(refusal([&] { open_tensor_file(path); }) != "no error");
  }
}

TEST_CASE("an npz file that announces a name twice is refused") {
  const Scratch scratch;
  write_zip(scratch / "a.npz",
            {{"a.npy", npy_floats("(1,)", {1})}, {"b.npy", npy_floats("(1,)", {1})}});
  std::string content = test::content_of(scratch / "a.npz");
  for (std::size_t at = content.find("b.npy"); at != std::string::npos;
       at = content.find("b.npy")) {
    content[at] = 'a';
  }
  const auto path = scratch.write("b.npz", content);
  CHECK_THAT(refusal([&] { open_tensor_file(path); }), Catch::Contains("a name twice"));
}

}  // namespace
}  // namespace bsfa::io
