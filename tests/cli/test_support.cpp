// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include <catch2/catch.hpp>

#include "cli/support/format.h"
#include "cli/support/json.h"
#include "cli/support/progress.h"
#include "cli/support/sha256.h"
#include "cli/support/table.h"

using namespace bsfa::cli;

namespace {

std::string sha256(const std::string& text, std::size_t step) {
  Sha256 hash;
  const auto bytes = std::as_bytes(std::span(text));
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    hash.update(bytes.subspan(at, std::min(step, bytes.size() - at)));
  }
  return hash.finish();
}

}  // namespace

TEST_CASE("SHA-256 gives the published digests") {
  const std::size_t step = GENERATE(std::size_t{1}, 7U, 63U, 64U, 65U, 1000U, 1000000U);
  CAPTURE(step);
  CHECK(sha256("", step) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc", step) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", step) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1000000, 'a'), step) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 of every length around a block boundary differs from its neighbours") {
  std::string previous;
  for (std::size_t length = 50; length < 140; ++length) {
    const std::string digest = sha256(std::string(length, 'x'), 64);
    CHECK(digest == sha256(std::string(length, 'x'), 13));
    CHECK(digest != previous);
    previous = digest;
  }
}

TEST_CASE("numbers that JSON does not know become strings") {
  CHECK(number(std::nan("")).dump() == "\"nan\"");
  CHECK(number(std::numeric_limits<double>::infinity()).dump() == "\"inf\"");
  CHECK(number(-std::numeric_limits<double>::infinity()).dump() == "\"-inf\"");
  CHECK(number(std::optional<double>()).dump() == "null");
  CHECK(number(0.5).dump() == "0.5");
}

TEST_CASE("a name that is no UTF-8 still makes valid JSON") {
  const Json json = {{"file", "caf\xe9"}};
  CHECK(Json::parse(dump(json)).is_object());
}

TEST_CASE("figures keep three digits whatever their size") {
  CHECK(figure(0.0) == "0");
  CHECK(figure(0.21345) == "0.213");
  CHECK(figure(12.345) == "12.3");
  CHECK(figure(1234.5) == "1234");
  CHECK(figure(0.00001234) == "1.23e-05");
  CHECK(figure(-2.5) == "-2.50");
  CHECK(figure(std::nan("")) == "nan");
}

TEST_CASE("changes carry their sign, and none is no number") {
  CHECK(relative_change(0.123) == "+12.3 %");
  CHECK(relative_change(-0.5) == "-50.0 %");
  CHECK(relative_change(0.0) == "+0.0 %");
  CHECK(relative_change(std::nullopt) == "-");
  CHECK(relative_change(std::numeric_limits<double>::quiet_NaN()) == "-");
  CHECK(relative_change(std::numeric_limits<double>::infinity()) == "-");
}

TEST_CASE("an excerpt of a line starts with its text and is cut between characters") {
  CHECK(excerpt(" \t  mma(a, b);") == "mma(a, b);");
  CHECK(excerpt("   ").empty());
  CHECK(excerpt(std::string(60, 'x')) == std::string(60, 'x'));
  CHECK(excerpt(std::string(61, 'x')) == std::string(57, 'x') + "...");
  // The 58th byte is the second of a character of two.
  CHECK(excerpt(std::string(56, 'x') + "ö" + std::string(60, 'x')) == std::string(56, 'x') + "...");
}

TEST_CASE("a mass a little below one is not shown as one") {
  CHECK(mass(1.0) == "100.00 %");
  CHECK(mass(0.99999) == "99.99900 %");
  CHECK(mass(0.5) == "50.00 %");
}

TEST_CASE("counts are grouped in threes, durations carry units") {
  CHECK(count(0) == "0");
  CHECK(count(999) == "999");
  CHECK(count(1234567) == "1 234 567");
  CHECK(count(-1234) == "-1 234");
  CHECK(count(-123) == "-123");
  CHECK(duration(0.5) == "500 ms");
  CHECK(duration(75.0) == "1 min 15 s");
  CHECK(duration(7260.0) == "2 h 1 min");
}

TEST_CASE("a table is aligned by characters, not bytes") {
  Table table({"τ", "value"});
  table.add({"é", "1"});
  table.add_rule();
  table.add({"ab", "22"});
  CHECK(table.text("") == " τ  value\n é      1\n---------\nab     22\n");
}

TEST_CASE("progress tells the remaining time from the elapsed one") {
  CHECK(progress_line("checking", 25, 100, 10.0).find("25 %  30.0 s left") != std::string::npos);
  CHECK(progress_line("checking", 0, 100, 10.0).find("left") == std::string::npos);
  CHECK(progress_line("checking", 0, 0, 0.0).find("0 %") != std::string::npos);
}
