// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <catch2/catch.hpp>

#include "tests/analysis/fixture.h"

namespace bsfa::analysis {

TEST_CASE("the method's error compares masked and dense references, not the kernel") {
  Fixture f;
  f.out(0, 0) += 100.0F;
  const MethodFinding m = f.judge().method;
  CHECK(m.squared_difference == 12 * 0x1p-6);
  CHECK(m.max_difference == 0.125);
  double dense = 0.0;
  for (const double value : f.evaluation.dense.o) dense += value * value;
  CHECK(m.squared_dense == dense);
  CHECK(m.relative_l2() == std::sqrt(12 * 0x1p-6 / dense));
}

TEST_CASE("retained mass is the mean and the minimum over rows") {
  Fixture f;
  f.masked().retained_mass = {1.0, 0.5, 0.75, 0.25};
  const MethodFinding m = f.judge().method;
  CHECK(m.retained_mass == 0.625);
  CHECK(m.retained_mass_min == 0.25);
  CHECK(m.mass_rows == 4);
}

TEST_CASE("rows without a softmax and exempt channels are left out of the method's error") {
  Fixture f;
  f.masked().lse[0] = kNan;
  f.evaluation.dense.lse[1] = kInf;
  f.evaluation.dense.exempt_channel[2] = 1;
  for (std::size_t c = 0; c < 3; ++c) f.masked().o[c] = kNan;
  for (std::size_t r = 0; r < 4; ++r) f.evaluation.dense.o[r * 3 + 2] = kInf;
  f.masked().retained_mass = {kNan, 0.0, 0.5, 1.0};
  const MethodFinding m = f.judge().method;
  CHECK(m.squared_difference == 4 * 0x1p-6);
  CHECK(m.retained_mass == 0.75);
  CHECK(m.retained_mass_min == 0.5);
  CHECK(m.mass_rows == 2);
}

TEST_CASE("the certificate bounds lost over kept mass per row from skipped tiles alone") {
  Fixture f;
  f.masked().lse = {2.0, 1.0, 2.0, 3.0};
  // Two columns each of tiles 2 and 3; the row with the smallest LSE is the worst.
  const double expected = 2 * std::exp(1.0 + 0x1p-6 - 1.0) + 2 * std::exp(0.0 + 0x1p-6 - 1.0);
  CHECK(f.judge().method.certificate == Approx(expected).epsilon(1e-14));
}

TEST_CASE("a certificate promises nothing where nothing is bounded") {
  Fixture f;
  SECTION("β of a skipped tile") {
    f.evaluation.statistics.beta[2] = kInf;
  }
  SECTION("β of a skipped tile of -inf") {
    f.score(2, -kInf);
    f.evaluation.statistics.beta[2] = kInf;
  }
  SECTION("a row that keeps nothing") {
    f.masked().lse[3] = -kInf;
  }
  SECTION("a skipped NaN") {
    f.score(2, kNan);
  }
  CHECK(f.judge().method.certificate == kInf);
}

TEST_CASE("skipping what weighs nothing costs nothing") {
  Fixture f;
  f.score(2, -kInf);
  f.score(3, -kInf);
  CHECK(f.judge().method.certificate == 0.0);
}

TEST_CASE("a skipped diagonal tile counts with the columns that the row sees") {
  Fixture f;
  f.score(2, -kInf);
  f.score(3, -kInf);
  f.score(5, 0.0);  // columns 10, 11: one of them seen by row 10, both by row 11
  f.evaluation.statistics.beta[5] = 0.0;
  f.decide(5, core::TileCode::kSkipped);
  f.masked().lse = {-5.0, -5.0, 0.0, 0.0};
  CHECK(f.judge().method.certificate == 2.0);
  f.masked().lse = {-5.0, -5.0, -1.0, 0.0};
  CHECK(f.judge().method.certificate == Approx(std::exp(1.0)));
}

TEST_CASE("a block distinguishes skipping only if its outputs differ by more than the tolerance") {
  Fixture f;
  CHECK(f.judge().distinguishes);
  const auto shift_dense = [&f](double by) {
    for (std::size_t i = 0; i < f.evaluation.dense.o.size(); ++i) {
      f.evaluation.dense.o[i] = f.masked().o[i] + by;
    }
  };
  SECTION("by the bound: no") {
    shift_dense(-Fixture::kBound);
    CHECK_FALSE(f.judge().distinguishes);
  }
  SECTION("by more in one entry: yes") {
    shift_dense(0.0);
    f.evaluation.dense.o[7] += 1.001 * Fixture::kBound;
    CHECK(f.judge().distinguishes);
  }
  SECTION("in an exempt channel or a NaN row: no") {
    shift_dense(0.0);
    f.evaluation.dense.exempt_channel[1] = 1;
    f.evaluation.dense.o[1] += 1.0;
    f.evaluation.dense.lse[3] = kNan;
    f.evaluation.dense.o[9] = kNan;
    f.evaluation.dense.o[10] += 1.0;
    CHECK_FALSE(f.judge().distinguishes);
  }
}

TEST_CASE("relative L2 of nothing lost is 0, of something out of nothing infinite") {
  MethodFinding m;
  CHECK(m.relative_l2() == 0.0);
  m.squared_difference = 1.0;
  CHECK(m.relative_l2() == kInf);
}

}  // namespace bsfa::analysis
