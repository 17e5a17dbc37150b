// SPDX-License-Identifier: Apache-2.0
#include "core/problem.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "core/error.h"

namespace bsfa::core {
namespace {

Problem sound() {
  Problem p;
  p.batch = 2;
  p.heads = 8;
  p.kv_heads = 2;
  p.q_len = 100;
  p.kv_len = 300;
  p.head_dim = 128;
  p.scale = 0.25F;
  return p;
}

TEST_CASE("a sound problem of every gate and dtype is accepted") {
  for (const GateShape gate : {GateShape{128, 64}, GateShape{64, 64}, GateShape{128, 128}}) {
    for (const Dtype dtype : {Dtype::kFloat16, Dtype::kBfloat16}) {
      Problem p = sound();
      p.gate = gate;
      p.dtype = dtype;
      CHECK_NOTHROW(validate(p));
    }
  }
}

TEST_CASE("every broken limit of a problem is refused by name") {
  struct Case {
    const char* expected;
    std::function<void(Problem&)> breaks;
  };
  const Case cases[] = {
      {"batch size B is 0", [](Problem& p) { p.batch = 0; }},
      {"batch size B is -1", [](Problem& p) { p.batch = -1; }},
      {"query heads H is 0", [](Problem& p) { p.heads = 0; }},
      {"key/value heads Hkv is 0", [](Problem& p) { p.kv_heads = 0; }},
      {"query length M is 0", [](Problem& p) { p.q_len = 0; }},
      {"key length N is 0", [](Problem& p) { p.kv_len = 0; }},
      {"key length N is 4294967296", [](Problem& p) { p.kv_len = std::int64_t{1} << 32; }},
      {"M = 301 exceeds key length N = 300", [](Problem& p) { p.q_len = 301; }},
      {"head dimension D is 80", [](Problem& p) { p.head_dim = 80; }},
      {"head dimension D is 0", [](Problem& p) { p.head_dim = 0; }},
      {"H = 8 query heads are no multiple of Hkv = 3", [](Problem& p) { p.kv_heads = 3; }},
      {"H = 8 query heads are no multiple of Hkv = 16", [](Problem& p) { p.kv_heads = 16; }},
      {"dtype fp32", [](Problem& p) { p.dtype = Dtype::kFloat32; }},
      {"gate 64x128",
       [](Problem& p) {
         p.gate = {64, 128};
       }},
      {"gate 0x0",
       [](Problem& p) {
         p.gate = {0, 0};
       }},
      {"scale", [](Problem& p) { p.scale = 0.0F; }},
      {"scale", [](Problem& p) { p.scale = -1.0F; }},
      {"scale", [](Problem& p) { p.scale = std::numeric_limits<float>::infinity(); }},
      {"scale", [](Problem& p) { p.scale = std::numeric_limits<float>::quiet_NaN(); }},
      {"2^62", [](Problem& p) { p.batch = p.heads = p.kv_len = std::int64_t{1} << 30; }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expected);
    Problem p = sound();
    c.breaks(p);
    CHECK_THROWS_WITH(validate(p), Catch::Contains(c.expected));
    CHECK_THROWS_AS(validate(p), InvalidProblem);
  }
}

TEST_CASE("the default scale is 1/sqrt(D) and a given one stays") {
  Problem p = sound();
  CHECK(with_default_scale(p).scale == 0.25F);
  p.scale = 0.0F;
  CHECK(with_default_scale(p).scale == static_cast<float>(1.0 / std::sqrt(128.0)));
}

TEST_CASE("consecutive query heads share a key/value head") {
  const Problem p = sound();
  for (std::int64_t head = 0; head < 8; ++head) CHECK(p.kv_head_of(head) == (head < 4 ? 0 : 1));
}

}  // namespace
}  // namespace bsfa::core
