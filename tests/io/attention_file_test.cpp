// SPDX-License-Identifier: Apache-2.0
#include "io/attention_file.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "io/half.h"
#include "tests/io/builders.h"
#include "tests/support/scratch.h"

namespace bsfa::io {
namespace {

using core::Dtype;
using test::refusal;
using test::Scratch;
using Shape = std::vector<std::int64_t>;

/// A file with q, k and v of the given shapes, every element the same.
class Writer {
 public:
  explicit Writer(Dtype dtype = Dtype::kFloat16) : dtype_(dtype) {}

  Writer& add(const std::string& name, const Shape& shape) { return add(name, shape, dtype_); }
  Writer& add(const std::string& name, const Shape& shape, Dtype dtype) {
    tensors_.push_back({name, dtype, shape, zeros_.data()});
    return *this;
  }
  Writer& note(const std::string& key, const std::string& value) {
    notes_[key] = value;
    return *this;
  }
  AttentionFile open() const {
    write_safetensors(scratch_ / "a", tensors_, notes_);
    return AttentionFile::open(scratch_ / "a");
  }
  LoadedAttention load(const AttentionOptions& options = {}, std::int64_t layer = 0) const {
    return open().load(layer, options);
  }
  /// What opening or loading layer 0 says.
  std::string refusal_of(const AttentionOptions& options = {}) const {
    try {
      load(options);
    } catch (const core::Error& error) {
      CHECK(error.exit_code() == core::ExitCode::kInput);
      CHECK(std::string(error.what()).starts_with((scratch_ / "a: ").string()));
      return error.what();
    }
    return "no error";
  }

 private:
  Scratch scratch_;
  Dtype dtype_;
  std::vector<TensorToWrite> tensors_;
  std::map<std::string, std::string> notes_;
  std::vector<double> zeros_ = std::vector<double>(1 << 16);
};

TEST_CASE("shapes of two, three and four dimensions give the problem") {
  const auto two = Writer().add("q", {3, 64}).add("k", {5, 64}).add("v", {5, 64}).load();
  CHECK(two.problem.batch == 1);
  CHECK(two.problem.heads == 1);
  CHECK(two.problem.q_len == 3);
  CHECK(two.problem.kv_len == 5);
  const auto three = Writer().add("q", {4, 3, 64}).add("k", {2, 5, 64}).add("v", {2, 5, 64}).load();
  CHECK(three.problem.heads == 4);
  CHECK(three.problem.kv_heads == 2);
  const auto four =
      Writer().add("q", {2, 4, 3, 128}).add("k", {2, 1, 3, 128}).add("v", {2, 1, 3, 128}).load();
  CHECK(four.problem.batch == 2);
  CHECK(four.problem.head_dim == 128);
  CHECK(four.inputs.q.shape == std::array<std::int64_t, 4>{2, 4, 3, 128});
  CHECK(four.inputs.k.stride == std::array<std::int64_t, 4>{384, 384, 128, 1});
  CHECK(four.inputs.v.data != four.inputs.k.data);
  CHECK_FALSE(four.rounded);
}

TEST_CASE("layers are listed in ascending order and loaded by number") {
  Writer writer;
  for (const char* layer : {"layers.10.", "layers.2."}) {
    for (const char* part : {"q", "k", "v"}) {
      writer.add(std::string(layer) + part, {layer[7] == '2' ? 7 : 9, 64});
    }
  }
  writer.add("layers.02.q", {1, 1}).add("layers.x.q", {1, 1}).add("layers.3.w", {1, 1});
  const AttentionFile file = writer.open();
  CHECK(file.layers() == std::vector<std::int64_t>{2, 10});
  CHECK(file.load(2, {}).problem.q_len == 7);
  CHECK(file.load(10, {}).problem.q_len == 9);
  CHECK_THAT(refusal([&] { file.load(3, {}); }), Catch::Contains("has no layer 3 (it has 2, 10)"));
}

TEST_CASE("the scale comes from the options, else the file, else the head dimension") {
  Writer writer;
  writer.add("q", {3, 64}).add("k", {5, 64}).add("v", {5, 64});
  CHECK(writer.load().problem.scale == 0.125F);
  writer.note("scale", "0.08838834764831845");
  CHECK(writer.load().problem.scale == static_cast<float>(0.08838834764831845));
  AttentionOptions options;
  options.scale = 2.0F;
  CHECK(writer.load(options).problem.scale == 2.0F);
  options.scale = std::numeric_limits<float>::infinity();
  CHECK_THAT(writer.refusal_of(options), Catch::Contains("scale must be finite"));
  for (const char* text : {"", "x", "0.5x", "nan", "inf", "-1", "0", " 1"}) {
    CAPTURE(text);
    CHECK_THAT(writer.note("scale", text).refusal_of(), Catch::Contains("metadata 'scale'"));
  }
}

TEST_CASE("causality and gate are the caller's") {
  AttentionOptions options;
  options.causal = false;
  options.gate = {64, 64};
  Writer writer;
  writer.add("q", {3, 64}).add("k", {5, 64}).add("v", {5, 64});
  const LoadedAttention loaded = writer.load(options);
  CHECK_FALSE(loaded.problem.causal);
  CHECK(loaded.problem.gate == core::GateShape{64, 64});
  options.gate = {32, 32};
  CHECK_THAT(writer.refusal_of(options), Catch::Contains("gate 32x32"));
}

TEST_CASE("tensors that do not make an attention problem are refused by name") {
  const auto says = [](const Shape& q, const Shape& k, const Shape& v) {
    return Writer().add("q", q).add("k", k).add("v", v).refusal_of();
  };
  CHECK_THAT(says({64}, {5, 64}, {5, 64}), Catch::Contains("(tensor 'q')"));
  CHECK_THAT(says({1, 1, 1, 3, 64}, {5, 64}, {5, 64}), Catch::Contains("(tensor 'q')"));
  CHECK_THAT(says({3, 64}, {5, 64}, {6, 64}), Catch::Contains("K and V differ in shape"));
  CHECK_THAT(says({3, 64}, {5, 128}, {5, 128}), Catch::Contains("differ in head dimension"));
  CHECK_THAT(says({2, 1, 3, 64}, {1, 1, 5, 64}, {1, 1, 5, 64}),
             Catch::Contains("differ in batch size"));
  CHECK_THAT(says({6, 64}, {5, 64}, {5, 64}), Catch::Contains("M = 6 exceeds key length N = 5"));
  CHECK_THAT(says({3, 80}, {5, 80}, {5, 80}), Catch::Contains("D is 80"));
  CHECK_THAT(says({3, 3, 64}, {2, 5, 64}, {2, 5, 64}), Catch::Contains("no multiple"));
  CHECK_THAT(says({0, 1, 3, 64}, {0, 1, 5, 64}, {0, 1, 5, 64}),
             Catch::Contains("batch size B is 0"));
  CHECK_THAT(says({0, 64}, {0, 64}, {0, 64}), Catch::Contains("query length M is 0"));
  CHECK_THAT(Writer().add("q", {3, 64}).add("k", {5, 64}).refusal_of(),
             Catch::Contains("no tensor 'v' (it holds 'q', 'k')"));
  CHECK_THAT(Writer().add("weight", {3, 64}).refusal_of(), Catch::Contains("no tensor 'q'"));
  CHECK_THAT(Writer().add("q", {3, 64}).add("layers.0.q", {3, 64}).refusal_of(),
             Catch::Contains("holds both"));
  CHECK_THAT(
      Writer(Dtype::kFloat64).add("q", {3, 64}).add("k", {5, 64}).add("v", {5, 64}).refusal_of(),
      Catch::Contains("dtype fp64 is not fp16, bf16 or fp32 (tensor 'q')"));
  CHECK_THAT(
      Writer().add("q", {3, 64}).add("k", {5, 64}, Dtype::kBfloat16).add("v", {5, 64}).refusal_of(),
      Catch::Contains("Q and K differ in dtype"));
  CHECK_THAT(
      Writer().add("q", {3, 64}).add("k", {5, 64}).add("v", {5, 64}, Dtype::kBfloat16).refusal_of(),
      Catch::Contains("K and V differ in dtype"));
}

TEST_CASE("fp32 inputs are rounded to the wanted dtype, but never to infinity") {
  const Scratch scratch;
  const Dtype dtype = GENERATE(Dtype::kFloat16, Dtype::kBfloat16);
  std::vector<float> values(64 * 200);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i) * 1.234F - 99.0F;
  values[5] = std::numeric_limits<float>::infinity();
  values[6] = std::numeric_limits<float>::quiet_NaN();
  const auto load = [&] {
    const std::vector<TensorToWrite> tensors{{"q", Dtype::kFloat32, {200, 64}, values.data()},
                                             {"k", Dtype::kFloat32, {200, 64}, values.data()},
                                             {"v", Dtype::kFloat32, {200, 64}, values.data()}};
    write_safetensors(scratch / "a", tensors, {});
    AttentionOptions options;
    options.round_to = dtype;
    return AttentionFile::open(scratch / "a").load(0, options);
  };
  const LoadedAttention loaded = load();
  CHECK(loaded.rounded);
  CHECK(loaded.problem.dtype == dtype);
  const auto* v = static_cast<const std::uint16_t*>(loaded.inputs.v.data);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i == 6) {
      REQUIRE(std::isnan(from_half_bits(v[i], dtype)));
    } else {
      REQUIRE(v[i] == to_half_bits(values[i], dtype));
    }
  }
  values[9001] = dtype == Dtype::kFloat16 ? 70000.0F : std::numeric_limits<float>::max();
  CHECK_THAT(refusal(load), Catch::Contains("does not fit " + std::string(core::name_of(dtype))) &&
                                Catch::Contains("element 9001"));
}

TEST_CASE("tensors that lie at odd addresses are usable, and loaded ones outlive their file") {
  const Scratch scratch;
  const auto entry = [](const std::string& name, int begin) {
    return "\"" + name + "\":{\"dtype\":\"F16\",\"shape\":[1,64],\"data_offsets\":[" +
           std::to_string(begin) + "," + std::to_string(begin + 128) + "]}";
  };
  std::string header = "{" + entry("q", 0) + "," + entry("k", 128) + "," + entry("v", 256) + "}";
  if (header.size() % 2 == 0) header += " ";
  std::string data;
  for (std::uint16_t i = 0; i < 192; ++i) data += test::raw(i);
  const auto path = scratch.write("odd", test::safetensors(header, data));
  const LoadedAttention loaded = AttentionFile::open(path).load(0, {});
  std::filesystem::remove(path);
  CHECK(loaded.inputs.q.row<std::uint16_t>(0, 0, 0)[63] == 63);
  CHECK(loaded.inputs.v.row<std::uint16_t>(0, 0, 0)[63] == 191);
}

TEST_CASE("the bundled sample of a real model is read in place") {
  const AttentionFile file =
      AttentionFile::open(BSFA_SOURCE_DIR "/examples/data/moby_dick-layer4-4096.safetensors");
  REQUIRE(file.layers() == std::vector<std::int64_t>{4});
  const LoadedAttention loaded = file.load(4, {});
  CHECK(loaded.problem.heads == 4);
  CHECK(loaded.problem.kv_heads == 2);
  CHECK(loaded.problem.q_len == 4096);
  CHECK(loaded.problem.kv_len == 4096);
  CHECK(loaded.problem.head_dim == 128);
  CHECK(loaded.problem.dtype == Dtype::kFloat16);
  CHECK(loaded.problem.scale == static_cast<float>(1 / std::sqrt(128.0)));
  CHECK(loaded.inputs.k.data == file.file().at("layers.4.k").bytes.data());
}

TEST_CASE("attention is read from npz too") {
  const Scratch scratch;
  const std::string array = test::npy(
      "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 64), }", std::string(256, '\0'));
  test::write_zip(scratch / "a.npz", {{"q.npy", array}, {"k.npy", array, true}, {"v.npy", array}});
  const LoadedAttention loaded = AttentionFile::open(scratch / "a.npz").load(0, {});
  CHECK(loaded.problem.q_len == 2);
  CHECK(loaded.problem.dtype == Dtype::kFloat16);
}

}  // namespace
}  // namespace bsfa::io
