// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "io/generate.h"
#include "tests/io/attention_math.h"

namespace bsfa::io {
namespace {

using core::Dtype;
using core::Problem;
using test::Widened;

Problem problem_of(Dtype dtype) {
  Problem p;
  p.batch = 2;
  p.heads = 4;
  p.kv_heads = 2;
  p.q_len = 192;
  p.kv_len = 192;
  p.head_dim = 128;
  p.dtype = dtype;
  return p;
}

/// How many values of each head satisfy a predicate, heads being `length` rows.
template <typename Predicate>
std::vector<std::ptrdiff_t> count_by_head(const std::vector<float>& values, std::int64_t rows,
                                          const Predicate& predicate) {
  std::vector<std::ptrdiff_t> counts;
  const auto size = static_cast<std::ptrdiff_t>(rows * 128);
  for (auto head = values.begin(); head != values.end(); head += size) {
    counts.push_back(std::count_if(head, head + size, predicate));
  }
  return counts;
}

TEST_CASE("a poisoned operand has one bad value in every head, the others none") {
  struct Case {
    const char* kind;
    int operand;  // 0 Q, 1 K, 2 V
    bool nan;
  };
  const auto c = GENERATE(values<Case>({{"nan-q", 0, true},
                                        {"nan-k", 1, true},
                                        {"nan-v", 2, true},
                                        {"inf-q", 0, false},
                                        {"inf-k", 1, false},
                                        {"inf-v", 2, false}}));
  const Dtype dtype = GENERATE(Dtype::kFloat16, Dtype::kBfloat16);
  CAPTURE(c.kind);
  const Widened made(generate(c.kind, problem_of(dtype), 77));
  const std::vector<float>* tensors[] = {&made.q, &made.k, &made.v};
  for (int operand = 0; operand < 3; ++operand) {
    const auto bad =
        count_by_head(*tensors[operand], 192, [](float x) { return !std::isfinite(x); });
    const auto kind = count_by_head(*tensors[operand], 192,
                                    [&](float x) { return c.nan ? std::isnan(x) : x == INFINITY; });
    const std::ptrdiff_t expected = operand == c.operand ? 1 : 0;
    CHECK(bad == std::vector<std::ptrdiff_t>(operand == 0 ? 8 : 4, expected));
    CHECK(kind == bad);
  }
}

TEST_CASE("negative-inf-k gives rows that see nothing but -inf and rows that see more") {
  const Widened made(generate("negative-inf-k", problem_of(Dtype::kFloat16), 3));
  for (std::int64_t head = 0; head < 4; ++head) {
    for (const std::int64_t row : {0, 127}) {
      for (std::int64_t j = 0; j <= row; ++j) REQUIRE(made.score(1, head, row, j) == -INFINITY);
    }
    int finite = 0;
    for (std::int64_t j = 0; j < 192; ++j) {
      const double score = made.score(1, head, 191, j);
      REQUIRE((score == -INFINITY || std::isfinite(score)));
      finite += std::isfinite(score) ? 1 : 0;
    }
    CHECK(finite <= 64);
  }
  Problem longer = problem_of(Dtype::kFloat16);
  longer.q_len = longer.kv_len = 640;
  const Widened more(generate("negative-inf-k", longer, 3));
  CHECK(std::isfinite(more.score(0, 0, 639, 200)) + std::isfinite(more.score(0, 0, 639, 300)) > 0);
}

TEST_CASE("all-equal gives every score the same value while V differs") {
  const Widened made(generate("all-equal", problem_of(Dtype::kBfloat16), 3));
  for (std::int64_t j = 0; j < 192; ++j) {
    REQUIRE(made.score(1, 3, 5, j) == made.score(0, 0, 100, 0));
  }
  CHECK(made.v[0] != made.v[1]);
}

TEST_CASE("one hot row per head puts nearly all its attention on one key") {
  const Widened made(generate("one-hot-row", problem_of(Dtype::kFloat16), 3));
  for (std::int64_t head = 0; head < 4; ++head) {
    std::vector<double> sizes;
    for (std::int64_t row = 0; row < 192; ++row) {
      double sum = 0;
      for (int d = 0; d < 128; ++d) {
        sum += std::pow(static_cast<double>(made.q_row(0, head, row)[d]), 2);
      }
      sizes.push_back(std::sqrt(sum));
    }
    std::sort(sizes.rbegin(), sizes.rend());
    CHECK(sizes[0] > 20 * sizes[1]);
  }
}

TEST_CASE("scores near overflow reach for fp16's limit in both signs and never exceed it") {
  const Dtype dtype = GENERATE(Dtype::kFloat16, Dtype::kBfloat16);
  const Widened made(generate("near-overflow", problem_of(dtype), 3));
  double largest = 0, smallest = 0, raw = 0;
  for (std::int64_t head = 0; head < 4; ++head) {
    for (std::int64_t row = 0; row < 192; ++row) {
      for (std::int64_t j = 0; j < 192; j += 3) {
        const double score = made.score(0, head, row, j);
        largest = std::max(largest, score);
        smallest = std::min(smallest, score);
        raw = std::max(raw, std::abs(score) / static_cast<double>(made.problem.scale));
      }
    }
  }
  CHECK(largest > 40000);
  CHECK(largest < 65504);
  CHECK(smallest < -40000);
  CHECK(smallest > -65504);
  CHECK(raw > 65504);
  for (const float x : made.q) REQUIRE(std::isfinite(x));
}

TEST_CASE("all-negative scores stay clearly below zero") {
  const Widened made(generate("all-negative", problem_of(Dtype::kFloat16), 3));
  for (std::int64_t head = 0; head < 4; ++head) {
    for (std::int64_t row = 0; row < 192; row += 5) {
      for (std::int64_t j = 0; j < 192; ++j) REQUIRE(made.score(1, head, row, j) < -1);
    }
  }
}

}  // namespace
}  // namespace bsfa::io
