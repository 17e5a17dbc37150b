// SPDX-License-Identifier: Apache-2.0
#include "io/pickle.h"

#include <cstddef>
#include <span>
#include <string>

#include <catch2/catch.hpp>

#include "tests/io/pickle_builder.h"

namespace bsfa::io {
namespace {

using test::PickleText;
using test::proto;
using test::refusal;

std::string refusal_of(const std::string& bytes) {
  return refusal(
      [&] { const Pickle pickle(std::as_bytes(std::span(bytes.data(), bytes.size())), "t.pt"); });
}

TEST_CASE("every way for a pickle to run or name foreign code is refused by name") {
  struct Case {
    std::string bytes, expected;
  };
  const Case cases[] = {
      {proto().global("os", "system").text("id").op("\x85R.").bytes, "'os.system'"},
      {proto().global("builtins", "eval").text("1").op("\x85R.").bytes, "'builtins.eval'"},
      {proto().global("posix", "system").op(".").bytes, "'posix.system'"},
      {proto().text("os").text("system").op("\x93.").bytes, "'os.system'"},
      {proto().op("\x8c\x02os\x8c\x06system\x93)R.").bytes, "'os.system'"},
      {proto().op("(ios\nsystem\n.").bytes, "INST (0x69)"},
      {proto().op("(o.").bytes, "OBJ (0x6f)"},
      {proto().op("}}b.").bytes, "BUILD (0x62)"},
      {proto().op(")\x81.").bytes, "NEWOBJ (0x81)"},
      {proto().op(")}\x92.").bytes, "NEWOBJ_EX (0x92)"},
      {proto().op("\x82\x01.").bytes, "EXT1 (0x82)"},
      {proto().op(std::string("\x83\x01\x00.", 4)).bytes, "EXT2 (0x83)"},
      {proto().op(std::string("\x84\x01\x00\x00\x00.", 6)).bytes, "EXT4 (0x84)"},
      {proto().op("Pname\n.").bytes, "PERSID (0x50)"},
      {proto().op("I01\n.").bytes, "INT (0x49)"},
      {proto().op("S'a'\n.").bytes, "STRING (0x53)"},
      {proto().op("\x97.").bytes, "NEXT_BUFFER (0x97)"},
      {proto().op("\xff.").bytes, "unknown (0xff)"},
      {proto().global("torch", "load").op(".").bytes, "'torch.load'"},
      {proto().global("torch._utils", "_rebuild_tensor_v3").op(".").bytes, "_rebuild_tensor_v3"},
      {proto().global("collections", "OrderedDict.fromkeys").op(".").bytes, "fromkeys"},
      {proto().global("a\x01", "b").op(".").bytes, "'a\\x01.b'"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expected);
    const std::string message = refusal_of(c.bytes);
    CHECK_THAT(message, Catch::StartsWith("t.pt: the pickle ") && Catch::Contains(c.expected) &&
                            Catch::Contains("not allowed") && Catch::Contains("data.pkl, byte "));
  }
}

TEST_CASE("REDUCE makes tensors and empty dictionaries and nothing else") {
  CHECK_THAT(refusal_of(proto().global("torch", "FloatStorage").op(")R.").bytes),
             Catch::Contains("call torch.FloatStorage, which is not allowed"));
  CHECK_THAT(refusal_of(proto().global("collections", "OrderedDict").op("]\x85R.").bytes),
             Catch::Contains("collections.OrderedDict"));
  CHECK_THAT(refusal_of(proto().text("eval").op(")R.").bytes), Catch::Contains("no name"));
  CHECK_THAT(refusal_of(proto().global("collections", "OrderedDict").op("]R.").bytes),
             Catch::Contains("no tuple"));
  CHECK(refusal_of(proto().global("collections", "OrderedDict").op(")R.").bytes) == "no error");
}

TEST_CASE("broken pickles are refused") {
  struct Case {
    std::string bytes, expected;
  };
  const Case cases[] = {
      {"", "truncated"},
      {"\x80", "truncated"},
      {"\x80\x01N.", "protocol 1"},
      {"\x80\x06N.", "protocol 6"},
      {proto().op("N").bytes, "truncated"},
      {proto().op(".").bytes, "empty stack"},
      {proto().op("NN.").bytes, "leaves values behind"},
      {proto().op("(N.").bytes, "leaves values behind"},
      {proto().op("t.").bytes, "mark that is not there"},
      {proto().op("]e.").bytes, "mark that is not there"},
      {proto().op("N(\x85.").bytes, "empty stack"},
      {proto().op("\x86.").bytes, "empty stack"},
      {proto().op("h\x05.").bytes, "memo 5, which is empty"},
      {proto().op("q\x05.").bytes, "empty stack"},
      {proto().op("NNa.").bytes, "no list"},
      {proto().op("NNNs.").bytes, "no dictionary"},
      {proto().op("}(Nu.").bytes, "without a value"},
      {proto().op("X\xff\xff\xff\xff").bytes, "truncated"},
      {proto().op("\x8d\xff\xff\xff\xff\xff\xff\xff\xff").bytes, "truncated"},
      {proto().op("\x8a\x09\x01\x01\x01\x01\x01\x01\x01\x01\x01.").bytes, "more than 64 bits"},
      {proto().op("ctorch").bytes, "truncated"},
      {proto().op("NN\x93.").bytes, "without two names"},
      {proto().op("NQ.").bytes, "no torch storage"},
      {proto().text("storage").op("\x85Q.").bytes, "no torch storage"},
      {std::string((1U << 20) + 1, ']'), "larger than 1 MiB"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expected);
    CHECK_THAT(refusal_of(c.bytes), Catch::Contains(c.expected));
  }
}

TEST_CASE("values that contain themselves are read and let go") {
  CHECK(refusal_of(proto()
                       .op("]q")
                       .op(std::string(1, '\0'))
                       .op("h")
                       .op(std::string(1, '\0'))
                       .op("a.")
                       .bytes) == "no error");
  // A million levels deep: no recursion anywhere.
  std::string deep = proto().bytes + std::string(400'000, ']') + std::string(399'999, 'a') + ".";
  CHECK(refusal_of(deep) == "no error");
}

TEST_CASE("numbers of every opcode have their values") {
  const std::string bytes = proto()
                                .op("}(")
                                .text("a")
                                .op("K\xff")
                                .text("b")
                                .op("M\xff\xff")
                                .text("c")
                                .number(-7)
                                .text("d")
                                .op("\x8a\x01\x80")
                                .text("e")
                                .op(std::string("\x8a\x00", 2))
                                .text("f")
                                .op(std::string("G\xc0\x04\x00\x00\x00\x00\x00\x00", 9))
                                .text("g")
                                .op("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f")
                                .op("u.")
                                .bytes;
  const Pickle pickle(std::as_bytes(std::span(bytes.data(), bytes.size())), "t.pt");
  const auto* dict = pickle.root()->as<PickleDict>();
  REQUIRE(dict != nullptr);
  const auto integer = [&](const char* key) {
    return *Pickle::find(*dict, key)->as<std::int64_t>();
  };
  CHECK(integer("a") == 255);
  CHECK(integer("b") == 65535);
  CHECK(integer("c") == -7);
  CHECK(integer("d") == -128);
  CHECK(integer("e") == 0);
  CHECK(*Pickle::find(*dict, "f")->as<double>() == -2.5);
  CHECK(integer("g") == std::numeric_limits<std::int64_t>::max());
  CHECK(Pickle::find(*dict, "h") == nullptr);
}

TEST_CASE("a tensor view that leaves its storage or repeats it is refused") {
  using Sizes = std::vector<std::int32_t>;
  const auto says = [](std::int32_t offset, const Sizes& shape, const Sizes& stride) {
    return refusal_of(proto().tensor("FloatStorage", "0", 12, offset, shape, stride).op(".").bytes);
  };
  const int big = 2'000'000'000;
  CHECK(says(0, {3, 4}, {4, 1}) == "no error");
  CHECK(says(0, {4, 3}, {1, 4}) == "no error");
  CHECK(says(11, {1}, {big}) == "no error");
  CHECK(says(12, {0, 7}, {1, 1}) == "no error");
  CHECK_THAT(says(1, {3, 4}, {4, 1}), Catch::Contains("does not fit its storage of 12 elements"));
  CHECK_THAT(says(12, {1}, {1}), Catch::Contains("does not fit"));
  CHECK_THAT(says(0, {2}, {big}), Catch::Contains("does not fit"));
  CHECK_THAT(says(0, {big, big, big, big}, {big, big, big, big}), Catch::Contains("does not fit"));
  CHECK_THAT(says(0, {big}, {0}), Catch::Contains("does not fit"));
  CHECK_THAT(says(0, {13}, {0}), Catch::Contains("does not fit"));
  CHECK_THAT(says(-1, {1}, {1}), Catch::Contains("odd arguments"));
  CHECK_THAT(says(0, {-1}, {1}), Catch::Contains("negative or odd size"));
  CHECK_THAT(says(0, {1}, {-1}), Catch::Contains("negative or odd size"));
  CHECK_THAT(says(0, {1, 2}, {1}), Catch::Contains("differ in length"));
}

}  // namespace
}  // namespace bsfa::io
