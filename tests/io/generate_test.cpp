// SPDX-License-Identifier: Apache-2.0
#include "io/generate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "tests/io/attention_math.h"

namespace bsfa::test {

std::vector<double> Widened::attention(std::int64_t batch, std::int64_t head,
                                       std::int64_t row) const {
  std::vector<double> weights(static_cast<std::size_t>(visible(row)));
  double largest = -INFINITY;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    weights[j] = score(batch, head, row, static_cast<std::int64_t>(j));
    largest = std::max(largest, weights[j]);
  }
  double sum = 0;
  for (double& w : weights) sum += w = std::exp(w - largest);
  for (double& w : weights) w /= sum;
  return weights;
}

}  // namespace bsfa::test

namespace bsfa::io {
namespace {

using core::Dtype;
using core::Problem;
using test::Widened;

Problem shape(std::int64_t heads, std::int64_t kv_heads, std::int64_t q_len, std::int64_t kv_len,
              std::int64_t head_dim = 128, Dtype dtype = Dtype::kFloat16) {
  Problem p;
  p.heads = heads;
  p.kv_heads = kv_heads;
  p.q_len = q_len;
  p.kv_len = kv_len;
  p.head_dim = head_dim;
  p.dtype = dtype;
  return p;
}

std::uint64_t checksum(const std::vector<std::uint16_t>& values, std::uint64_t hash) {
  for (const std::uint16_t value : values) hash = (hash ^ value) * 0x100000001B3U;
  return hash;
}

TEST_CASE("every kind fits its problem, with the default scale filled in") {
  for (const GeneratorInfo& kind : generators()) {
    CAPTURE(std::string(kind.name));
    CHECK_FALSE(kind.description.empty());
    Problem p = shape(4, 2, 65, 130, 64, Dtype::kBfloat16);
    p.batch = 2;
    const GeneratedAttention made = generate(kind.name, p, 3);
    CHECK(made.problem.scale == 0.125F);
    CHECK(made.q.size() == 2 * 4 * 65 * 64);
    CHECK(made.k.size() == 2 * 2 * 130 * 64);
    CHECK(made.v.size() == 2 * 2 * 130 * 64);
    CHECK(made.inputs().q.data == made.q.data());
    CHECK(made.inputs().k.shape == std::array<std::int64_t, 4>{2, 2, 130, 64});
    CHECK_NOTHROW(generate(kind.name, shape(1, 1, 1, 1), 3));
  }
  CHECK(generators().size() == 15);
}

TEST_CASE("a seed means the same bits on every machine") {
  // The bits themselves: a change of any generator is a change of every seeded result ever
  // reported.
  const std::map<std::string_view, std::uint64_t> expected{
      {"gaussian", 0xE13930ECF3DFCF73U},       {"structured", 0x64DC6B73D38C4BAFU},
      {"needle", 0xF98E5C5BE0B1CF59U},         {"integers", 0xCAF2ED3397E34A25U},
      {"nan-q", 0xA82D19478E23ADE9U},          {"nan-k", 0xFA8D252F67616D88U},
      {"nan-v", 0x489755C6C82945CDU},          {"inf-q", 0x2EBE1070EFD0B9E9U},
      {"inf-k", 0x758CE5BF03A3B388U},          {"inf-v", 0x897E1F83FCD4CBCDU},
      {"negative-inf-k", 0xDBD6492149C4465AU}, {"all-equal", 0xA468D968F6FD55ABU},
      {"one-hot-row", 0xB883691038DC4F73U},    {"near-overflow", 0x21A3CF52AACE56ABU},
      {"all-negative", 0xE7CA433149A8E0EBU},
  };
  for (const GeneratorInfo& kind : generators()) {
    CAPTURE(std::string(kind.name));
    const GeneratedAttention made = generate(kind.name, shape(2, 1, 70, 200), 42);
    const std::uint64_t sum =
        checksum(made.v, checksum(made.k, checksum(made.q, 0xCBF29CE484222325U)));
    CHECK(sum == expected.at(kind.name));
  }
}

TEST_CASE("seeds, heads and batches differ from one another") {
  Problem p = shape(2, 2, 64, 64);
  p.batch = 2;
  const GeneratedAttention a = generate("gaussian", p, 1);
  CHECK(generate("gaussian", p, 1).q == a.q);
  CHECK(generate("gaussian", p, 2).q != a.q);
  CHECK(a.q != a.k);
  std::set<std::vector<std::uint16_t>> heads;
  for (std::ptrdiff_t i = 0; i < 4; ++i) {
    heads.insert({a.q.begin() + i * 64 * 128, a.q.begin() + (i + 1) * 64 * 128});
  }
  CHECK(heads.size() == 4);
}

TEST_CASE("an unknown kind and a bad problem are refused") {
  CHECK_THROWS_AS(generate("gauss", shape(1, 1, 4, 4), 0), core::UsageError);
  CHECK_THROWS_WITH(generate("gauss", shape(1, 1, 4, 4), 0),
                    Catch::Contains("no generator 'gauss'; there are gaussian, structured"));
  CHECK_THROWS_AS(generate("gaussian", shape(1, 1, 5, 4), 0), core::InvalidProblem);
  CHECK_THROWS_AS(generate("gaussian", shape(3, 2, 4, 4), 0), core::InvalidProblem);
}

TEST_CASE("gaussian values have the moments and tails of the normal distribution") {
  const Widened made(generate("gaussian", shape(4, 4, 1024, 1024), 5));
  const double n = static_cast<double>(made.k.size());
  double moments[5] = {};
  double beyond_3 = 0;
  for (const float x : made.k) {
    double power = 1;
    for (double& m : moments) {
      m += power / n;
      power *= static_cast<double>(x);
    }
    beyond_3 += std::abs(x) > 3.0F ? 1 : 0;
  }
  // Six standard errors of each estimate; the variance of x^k is E x^2k - (E x^k)^2.
  const double unit = 6 / std::sqrt(n);
  CHECK(std::abs(moments[1]) < unit);
  CHECK(std::abs(moments[2] - 1) < unit * std::sqrt(2.0));
  CHECK(std::abs(moments[3]) < unit * std::sqrt(15.0));
  CHECK(std::abs(moments[4] - 3) < unit * std::sqrt(96.0));
  const double tail = std::erfc(3 / std::sqrt(2.0));
  // Rounding to fp16 near 3 moves at most one spacing, 2^-9, of density 0.009 over the boundary.
  CHECK(std::abs(beyond_3 / n - tail) < unit * std::sqrt(tail) + 0.009 * 0x1p-9);
}

TEST_CASE("integers make scores exact in fp32 and ties of tile maxima frequent") {
  const Problem wanted = shape(1, 1, 128, 1024);
  const Widened made(generate("integers", wanted, 9));
  CHECK(made.problem.scale == 0.125F);
  for (const float x : made.q) REQUIRE((x == -1 || x == 0 || x == 1));
  for (const float x : made.v) REQUIRE(x == std::nearbyint(x));
  std::map<double, int> maxima;
  for (std::int64_t n = 0; n < 14; ++n) {
    double largest = -INFINITY;
    for (std::int64_t row = 0; row < 128; ++row) {
      for (std::int64_t c = n * 64; c < (n + 1) * 64; ++c) {
        largest = std::max(largest, made.score(0, 0, row, c));
      }
    }
    CHECK(largest * 8 == std::nearbyint(largest * 8));
    ++maxima[largest];
  }
  CHECK(maxima.size() > 1);
  CHECK(maxima.size() <= 10);
  Problem scaled = wanted;
  scaled.scale = 0.5F;
  CHECK(generate("integers", scaled, 9).problem.scale == 0.5F);
}

TEST_CASE("structured attention has sinks and locality, and heads from local to diffuse") {
  const Problem p = shape(8, 2, 128, 4096);
  const Widened made(generate("structured", p, 17));
  double all_sinks = 0;
  std::vector<double> near_share, tiles_for_90;
  for (std::int64_t head = 0; head < 8; ++head) {
    double sinks = 0, near = 0, needed = 0;
    for (const std::int64_t row : {5, 64, 127}) {
      const std::vector<double> weights = made.attention(0, head, row);
      const std::size_t last = weights.size();
      std::vector<double> tiles((last + 63) / 64);
      for (std::size_t j = 0; j < last; ++j) {
        sinks += j < 4 ? weights[j] / 3 : 0;
        near += j + 256 >= last ? weights[j] / 3 : 0;
        tiles[j / 64] += weights[j];
      }
      std::sort(tiles.rbegin(), tiles.rend());
      double held = 0;
      for (const double share : tiles) {
        if (held > 0.9) break;
        held += share;
        needed += 1.0 / 3;
      }
    }
    UNSCOPED_INFO("head " << head << ": sinks " << sinks << ", last 256 " << near
                          << ", tiles for 90 % " << needed << " of 64");
    all_sinks += sinks / 8;
    near_share.push_back(near);
    tiles_for_90.push_back(needed);
  }
  // Four keys of 4096 hold far more than their share.
  CHECK(all_sinks > 20 * 4.0 / 4096);
  CHECK(*std::max_element(near_share.begin(), near_share.end()) > 0.5);
  CHECK(*std::min_element(near_share.begin(), near_share.end()) < 0.25);
  CHECK(*std::min_element(tiles_for_90.begin(), tiles_for_90.end()) < 12);
  CHECK(*std::max_element(tiles_for_90.begin(), tiles_for_90.end()) > 24);
}

TEST_CASE("a needle draws most of the attention of every row that sees it, one per head") {
  Problem p = shape(4, 2, 64, 4096);
  p.causal = false;
  const std::int64_t dim = GENERATE(64, 128);
  p.head_dim = dim;
  const Widened made(generate("needle", p, 23));
  std::set<std::size_t> needles;
  for (std::int64_t head = 0; head < 4; ++head) {
    std::set<std::size_t> found;
    for (std::int64_t row = 0; row < 64; row += 7) {
      const std::vector<double> weights = made.attention(0, head, row);
      const auto top = std::max_element(weights.begin(), weights.end());
      CHECK(*top > 0.5);
      found.insert(static_cast<std::size_t>(top - weights.begin()));
    }
    CHECK(found.size() == 1);
    needles.insert(*found.begin());
  }
  CHECK(needles.size() == 2);
}

}  // namespace
}  // namespace bsfa::io
