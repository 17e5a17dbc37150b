// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "io/tensor_file.h"
#include "tests/io/builders.h"
#include "tests/support/scratch.h"

namespace bsfa::io {
namespace {

using core::Dtype;
using test::npy;
using test::npy_floats;
using test::refusal;
using test::Scratch;

std::string refusal_of(const std::string& content) {
  const Scratch scratch;
  const auto path = scratch.write("bad.npy", content);
  const std::string message = refusal([&] { open_tensor_file(path); });
  CHECK(message.find('\n') == std::string::npos);
  return message;
}

std::string with_descr(const std::string& descr) {
  return "{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }";
}

TEST_CASE("an npy array of every version is read as 'data'") {
  const Scratch scratch;
  for (const char major : {'\1', '\2', '\3'}) {
    const auto path =
        scratch.write("a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }",
                                   test::raw_list({1.0F, 2.0F}), major));
    const auto file = open_tensor_file(path);
    REQUIRE(file->tensors().size() == 1);
    CHECK(file->at("data").dtype == Dtype::kFloat32);
    CHECK(file->at("data").shape == std::vector<std::int64_t>{2, 1});
    CHECK(file->at("data").elements() == 2);
  }
}

TEST_CASE("scalars, empty arrays and other spellings of the dictionary are read") {
  const Scratch scratch;
  CHECK(open_tensor_file(scratch.write("a", npy_floats("()", {1})))->at("data").elements() == 1);
  CHECK(open_tensor_file(scratch.write("a", npy_floats("(0, 5)", {})))->at("data").elements() == 0);
  const auto other = npy("{\"shape\":(1 ,),'fortran_order':False,\"descr\":\"|u1\"}", "x");
  CHECK(open_tensor_file(scratch.write("a", other))->at("data").dtype == Dtype::kUint8);
}

TEST_CASE("arrays that would have to be rearranged or run are refused by their kind") {
  CHECK_THAT(refusal_of(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "1234")),
             Catch::Contains("Fortran order"));
  CHECK_THAT(refusal_of(npy(with_descr("'>f4'"), "1234")), Catch::Contains("big-endian"));
  CHECK_THAT(refusal_of(npy(with_descr("'|O'"), "1234")), Catch::Contains("dtype object"));
  CHECK_THAT(refusal_of(npy(with_descr("[('a', '<f4')]"), "1234")),
             Catch::Contains("structured dtype"));
  CHECK_THAT(refusal_of(npy(with_descr("'<V2'"), "12")), Catch::Contains("use safetensors"));
  CHECK_THAT(refusal_of(npy(with_descr("'<c8'"), "12345678")),
             Catch::Contains("unsupported dtype '<c8'"));
  CHECK_THAT(refusal_of(npy(with_descr("'|f4'"), "1234")), Catch::Contains("unsupported dtype"));
  CHECK_THAT(refusal_of(npy(with_descr("''"), "1234")), Catch::Contains("empty dtype"));
}

TEST_CASE("a broken npy header is refused") {
  struct Case {
    std::string content, expected;
  };
  const Case cases[] = {
      {"\x93NUMPY", "truncated"},
      {npy(with_descr("'<f4'"), "1234", 4), "unknown version 4"},
      {npy("", ""), "'{' expected"},
      {npy("{}", ""), "without descr"},
      {npy("{'descr': '<f4'}", ""), "without descr, fortran_order or shape"},
      {npy("{'descr': '<f4', 'descr': '<f4'}", ""), "repeated key 'descr'"},
      {npy("{'evil': 1}", ""), "unknown or repeated key 'evil'"},
      {npy("{'descr': '<f4", ""), "a string does not end"},
      {npy("{'descr' '<f4'}", ""), "':' expected at character"},
      {npy("{'fortran_order': 0}", ""), "neither True nor False"},
      {npy("{'shape': (1)}", ""), "a shape that is no tuple"},
      {npy("{'shape': (-1,)}", ""), "no tuple of sizes"},
      {npy("{'shape': (99999999999999999999,)}", ""), "no tuple of sizes"},
      {npy("{'shape': __import__('os').system('x')}", ""), "'(' expected"},
      {npy(with_descr("'<f4'") + "x", "1234"), "text after"},
      {npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 8)}", ""),
       "overflows"},
      {npy_floats("(3,)", {1, 2}), "needs 12 bytes, the file has 8"},
      {npy_floats("(1,)", {1, 2}), "needs 4 bytes, the file has 8"},
      {std::string("\x93NUMPY\x02\x00", 8) + test::raw<std::uint32_t>(0xFFFFFFFF) + "{}",
       "announces a header"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.content);
    CHECK_THAT(refusal_of(c.content), Catch::Contains(c.expected));
  }
  std::string ones = "{'shape': (";
  for (int i = 0; i < 40; ++i) ones += "1, ";
  CHECK_THAT(refusal_of(npy(ones + ")}", "")), Catch::Contains("more than 32 dimensions"));
}

TEST_CASE("a truncated npy file is refused at every length") {
  const std::string whole = npy_floats("(2,)", {1, 2});
  REQUIRE(refusal_of(whole) == "no error");
  for (std::size_t length = 1; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(refusal_of(whole.substr(0, length)) != "no error");
  }
}

TEST_CASE("what write_npy writes reads back bit for bit") {
  const Scratch scratch;
  const std::vector<std::uint16_t> values{1, 2, 3, 4, 5, 6};
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{6}, {2, 3}, {1, 2, 3, 1}, {}}) {
    const auto path = scratch / "out.npy";
    write_npy(path, {"any", Dtype::kFloat16, shape, values.data()});
    const auto file = open_tensor_file(path);
    const StoredTensor& stored = file->at("data");
    CHECK(stored.shape == shape);
    CHECK(std::memcmp(stored.bytes.data(), values.data(), stored.bytes.size()) == 0);
    CHECK((test::content_of(path).size() - stored.bytes.size()) % 64 == 0);
  }
  CHECK_THROWS_WITH(write_npy(scratch / "b", {"b", Dtype::kBfloat16, {6}, values.data()}),
                    Catch::Contains("npy cannot hold bf16"));
  CHECK_FALSE(std::filesystem::exists(scratch / "b"));
}

}  // namespace
}  // namespace bsfa::io
