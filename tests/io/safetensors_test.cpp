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
using test::raw;
using test::refusal;
using test::safetensors;
using test::Scratch;

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

std::string refusal_of(const std::string& content) {
  const Scratch scratch;
  const auto path = scratch.write("bad.safetensors", content);
  const std::string message = refusal([&] { open_tensor_file(path); });
  CHECK((message == "no error" || message.starts_with(path.string() + ": ")));
  CHECK(message.find('\n') == std::string::npos);
  return message;
}

TEST_CASE("tensors and metadata of a safetensors file come back, in the order of their data") {
  const Scratch scratch;
  const std::string header = "{\"__metadata__\":{\"scale\":\"0.5\"}," +
                             entry("late", "F32", "[2]", "[4,12]") + "," +
                             entry("early", "BF16", "[1,2]", "[0,4]") + "," +
                             entry("none", "I64", "[0,7]", "[12,12]") + "}  ";
  const auto path = scratch.write("good", safetensors(header, "abcd" + raw(1.5F) + raw(-2.0F)));
  const auto file = open_tensor_file(path);
  REQUIRE(file->tensors().size() == 3);
  CHECK(file->tensors()[0].name == "early");
  CHECK(file->at("early").dtype == Dtype::kBfloat16);
  CHECK(file->at("early").shape == std::vector<std::int64_t>{1, 2});
  CHECK(file->at("late").elements() == 2);
  CHECK(file->at("none").elements() == 0);
  CHECK(file->metadata().at("scale") == "0.5");
  CHECK(file->find("absent") == nullptr);
  CHECK(refusal([&] { static_cast<void>(file->at("absent")); }) ==
        path.string() + ": no tensor 'absent' (it holds 'early', 'late', 'none')");
}

TEST_CASE("a file without tensors is a file without tensors") {
  const Scratch scratch;
  CHECK(open_tensor_file(scratch.write("empty", safetensors("{}", "")))->tensors().empty());
}

TEST_CASE("a header that is too long for the file or the format is refused before it is read") {
  CHECK_THAT(refusal_of(raw<std::uint64_t>(~0ULL) + "{}"), Catch::Contains("100000000"));
  CHECK_THAT(refusal_of(raw<std::uint64_t>(100'000'001) + "{}"), Catch::Contains("100000000"));
  CHECK_THAT(refusal_of(raw<std::uint64_t>(3) + "{}"), Catch::Contains("truncated"));
  CHECK_THAT(refusal_of(raw<std::uint64_t>(0) + "{}"), Catch::Contains("not valid JSON"));
}

TEST_CASE("files that are something else are refused") {
  CHECK_THAT(refusal_of("{}"), Catch::Contains("no safetensors, npy or npz file"));
  CHECK_THAT(refusal_of("GIF89a and a lot more"), Catch::Contains("no safetensors"));
  CHECK_THAT(refusal_of(std::string(100, '\0')), Catch::Contains("no safetensors"));
}

TEST_CASE("paths that lead to no file are refused") {
  const Scratch scratch;
  scratch.write("empty", "");
  const auto says = [&](const std::string& name) {
    return refusal([&] { open_tensor_file(scratch / name); });
  };
  CHECK_THAT(says("missing"), Catch::Contains("missing: No such file or directory"));
  CHECK_THAT(says("empty"), Catch::Contains("empty: is empty"));
  CHECK_THAT(says("."), Catch::Contains("is a directory"));
  CHECK_THAT(refusal([] { open_tensor_file("/dev/null"); }),
             Catch::Contains("is not a regular file"));
}

TEST_CASE("a truncated safetensors file is refused at every length") {
  const std::string whole =
      safetensors("{" + entry("q", "F16", "[2,2]", "[0,8]") + "}", "12345678");
  REQUIRE(refusal_of(whole) == "no error");
  for (std::size_t length = 1; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(refusal_of(whole.substr(0, length)) != "no error");
  }
}

TEST_CASE("a header that is not exactly what the format allows is refused with its place") {
  struct Case {
    std::string header, expected;
  };
  const std::string q = entry("q", "F16", "[2]", "[0,4]");
  const Case cases[] = {
      {"{\"q\":", "not valid JSON"},
      {"{" + q + "}}", "not valid JSON"},
      {"{\"\xFF\":1}", "not valid JSON"},
      {"{\"q\":1}", "a number where none is allowed (top level)"},
      {"{\"q\":[]}", "an array where none is allowed"},
      {"{\"q\":{\"dtype\":{}}}", "an object where none is allowed (tensor 'q')"},
      {"{\"q\":{\"shape\":[[1]]}}", "an array where none is allowed"},
      {"{\"__metadata__\":{\"a\":{}}}", "an object where none is allowed (__metadata__)"},
      {"{\"__metadata__\":{\"a\":1}}", "a number where none is allowed"},
      {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "the key 'a' occurs twice"},
      {"{" + q + "," + q + "}", "the name 'q' occurs twice"},
      {"{\"q\":{\"dtype\":\"F16\",\"dtype\":\"F16\"}}", "the key 'dtype' twice"},
      {"{\"q\":{\"dtype\":\"F16\",\"size\":1}}", "an unknown key 'size'"},
      {"{\"q\":{\"shape\":[2],\"data_offsets\":[0,4]}}", "no dtype (tensor 'q')"},
      {"{\"q\":{\"dtype\":\"F16\",\"data_offsets\":[0,4]}}", "no shape"},
      {"{\"q\":{\"dtype\":\"F16\",\"shape\":[2]}}", "no data_offsets"},
      {"{" + entry("q", "F8_E4M3", "[4]", "[0,4]") + "}",
       "dtype 'F8_E4M3', which is not supported (tensor 'q')"},
      {"{" + entry("q", "F16", "[-2]", "[0,4]") + "}", "a negative number"},
      {"{" + entry("q", "F16", "[2.0]", "[0,4]") + "}", "no integer"},
      {"{" + entry("q", "F16", "[99999999999999999999]", "[0,4]") + "}", "no integer"},
      {"{" + entry("q", "F16", "[18446744073709551615]", "[0,4]") + "}", "exceeds 2^63"},
      {"{" + entry("q", "F16", "[2]", "[0,4,8]") + "}", "two numbers"},
      {"{" + entry("q", "F16", "[2]", "[4,0]") + "}", "data_offsets descend (tensor 'q')"},
      {"{" + entry("q", "F16", "[4611686018427387904,4]", "[0,4]") + "}", "overflows"},
      {"{" + entry("q", "F16", "[3]", "[0,4]") + "}", "needs 6 bytes, data_offsets give 4"},
      {"{" + entry("a\\nb", "F16", "[3]", "[0,4]") + "}", "tensor 'a\\x0ab'"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.header);
    CHECK_THAT(refusal_of(safetensors(c.header, "1234")), Catch::Contains(c.expected));
  }
}

TEST_CASE("offsets that overlap, leave holes, or miss the data's end are refused") {
  const auto two = [](const std::string& a, const std::string& b) {
    return "{" + entry("a", "U8", "[4]", a) + "," + entry("b", "U8", "[4]", b) + "}";
  };
  const std::string data = "12345678";
  REQUIRE(refusal_of(safetensors(two("[0,4]", "[4,8]"), data)) == "no error");
  CHECK_THAT(refusal_of(safetensors(two("[0,4]", "[3,7]"), data)), Catch::Contains("overlap"));
  CHECK_THAT(refusal_of(safetensors(two("[0,4]", "[0,4]"), data)), Catch::Contains("overlap"));
  CHECK_THAT(refusal_of(safetensors(two("[0,4]", "[5,9]"), data + "9")),
             Catch::Contains("hole of 1 bytes (tensor 'b')"));
  CHECK_THAT(refusal_of(safetensors(two("[0,4]", "[4,8]"), data + "9")),
             Catch::Contains("1 bytes after the last tensor"));
  CHECK_THAT(refusal_of(safetensors(two("[0,4]", "[4,8]"), "1234567")),
             Catch::Contains("reach byte 8, the file's data has 7"));
  CHECK_THAT(
      refusal_of(safetensors(
          "{" + entry("a", "U8", "[9223372036854775807]", "[0,9223372036854775807]") + "}", data)),
      Catch::Contains("overflows"));
}

TEST_CASE("a header bomb of nested brackets or countless numbers is refused at once") {
  const std::size_t many = 20'000'000;
  CHECK_THAT(refusal_of(safetensors("{\"q\":{\"shape\":" + std::string(many, '['), "")),
             Catch::Contains("array where none is allowed"));
  std::string objects = "{";
  for (int i = 0; i < 1000; ++i) objects += "\"a\":{";
  CHECK_THAT(refusal_of(safetensors(objects, "")), Catch::Contains("unknown key"));
  std::string ones = "{\"q\":{\"shape\":[1";
  for (int i = 0; i < 1'000'000; ++i) ones += ",1";
  CHECK_THAT(refusal_of(safetensors(ones + "]}}", "")), Catch::Contains("more than 32 numbers"));
}

TEST_CASE("what write_safetensors writes reads back bit for bit") {
  const Scratch scratch;
  const std::vector<float> a{1.0F, -0.0F, 3.5F};
  const std::vector<std::uint16_t> b{1, 2, 3, 4};
  const std::vector<TensorToWrite> tensors{{"a", Dtype::kFloat32, {3}, a.data()},
                                           {"na\"me\n", Dtype::kBfloat16, {2, 1, 2}, b.data()},
                                           {"none", Dtype::kInt8, {0, 4}, nullptr}};
  const auto path = scratch / "out.safetensors";
  write_safetensors(path, tensors, {{"key", "va\"lue"}, {"not utf-8", "\xFF"}});
  const auto file = open_tensor_file(path);
  REQUIRE(file->tensors().size() == 3);
  for (const TensorToWrite& tensor : tensors) {
    const StoredTensor& stored = file->at(tensor.name);
    CHECK(stored.dtype == tensor.dtype);
    CHECK(stored.shape == tensor.shape);
    CHECK((stored.bytes.empty() ||
           std::memcmp(stored.bytes.data(), tensor.data, stored.bytes.size()) == 0));
  }
  CHECK(file->metadata().at("key") == "va\"lue");
  // Data starts at a multiple of 8 bytes, so that it can be used in place.
  CHECK(reinterpret_cast<std::uintptr_t>(file->at("a").bytes.data()) % 8 == 0);
  CHECK(test::entries_of(scratch.folder()) == 1);
}

TEST_CASE("tensors that cannot be told apart or counted are not written") {
  const Scratch scratch;
  const float value = 1.0F;
  const auto path = scratch / "out";
  const auto write = [&](const std::vector<TensorToWrite>& tensors) {
    write_safetensors(path, tensors, {});
  };
  const TensorToWrite a{"a", Dtype::kFloat32, {1}, &value};
  CHECK_THROWS_AS(write({a, a}), core::OutputError);
  CHECK_THROWS_AS(write({{"__metadata__", Dtype::kFloat32, {1}, &value}}), core::OutputError);
  CHECK_THROWS_AS(write({{"b", Dtype::kFloat32, {-1}, &value}}), core::OutputError);
  CHECK(test::entries_of(scratch.folder()) == 0);
}

}  // namespace
}  // namespace bsfa::io
