// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "tests/analysis/fixture.h"

namespace bsfa::analysis {
namespace {

/// One kept NaN or +inf score: the reference's row is NaN.
void poison_reference(Fixture& f, std::int64_t row, double lse) {
  for (std::int64_t c = 0; c < Fixture::kChannels; ++c) f.ref(row, c) = kNan;
  f.masked().lse[static_cast<std::size_t>(row)] = lse;
}

void set_row(Fixture& f, std::int64_t row, float value, float lse) {
  for (std::int64_t c = 0; c < Fixture::kChannels; ++c) f.out(row, c) = value;
  f.out_lse(row) = lse;
}

}  // namespace

TEST_CASE("a kernel that equals the reference passes with no error") {
  const BlockVerdict block = Fixture().judge();
  CHECK(block.arithmetic.passed);
  CHECK(block.arithmetic.what.empty());
  CHECK(block.arithmetic.error == 0.0);
  CHECK(block.arithmetic.ratio == 0.0);
  CHECK(block.arithmetic.bound == Fixture::kBound);
  CHECK(block.arithmetic.lse_bound == Fixture::kLseBound);
  CHECK(block.arithmetic.row_error == std::vector<double>(4, 0.0));
  CHECK(block.arithmetic.judged_entries == 12);
}

TEST_CASE("an error of exactly the bound passes and the next float above fails") {
  Fixture f;
  f.out(2, 1) = static_cast<float>(f.ref(2, 1) + Fixture::kBound);
  const BlockVerdict at = f.judge();
  CHECK(at.arithmetic.passed);
  CHECK(at.arithmetic.ratio == 1.0);
  CHECK(at.arithmetic.row_error[2] == Fixture::kBound);

  f.out(2, 1) = std::nextafter(f.out(2, 1), kInfF);
  const BlockVerdict above = f.judge();
  CHECK_FALSE(above.arithmetic.passed);
  CHECK(above.arithmetic.ratio > 1.0);
  CHECK(above.arithmetic.worst_row == 10);
  CHECK(above.arithmetic.worst_channel == 1);
}

TEST_CASE("a large error names its row, channel, size and bound in one line") {
  Fixture f;
  f.out(1, 2) += 0.5F;
  f.out(3, 0) += 0.25F;
  const ArithmeticFinding a = f.judge().arithmetic;
  CHECK_FALSE(a.passed);
  CHECK(a.what == "row 9, channel 2: |O - ref| = 0.5, bound 0.0034 (146x)");
  CHECK(a.row_error == std::vector<double>{0.0, 0.5, 0.0, 0.25});
}

TEST_CASE("a bfloat16 problem is judged with its own unit") {
  Fixture f;
  f.problem.dtype = core::Dtype::kBfloat16;
  CHECK(f.judge().arithmetic.bound == 0x1p-9 + 1.5 * 0x1p-7);
}

TEST_CASE("NaN never passes, wherever it stands and whatever else is wrong") {
  const auto row = GENERATE(range(0, 4));
  const auto channel = GENERATE(range(0, 3));
  Fixture f;
  f.out(0, 0) += 1.0F;
  f.out(row, channel) = kNanF;
  f.out(3, 2) += row == 3 && channel == 2 ? 0.0F : 2.0F;
  const ArithmeticFinding a = f.judge().arithmetic;
  CHECK_FALSE(a.passed);
  CHECK(std::isnan(a.error));
  CHECK(std::isnan(a.ratio));
  CHECK(a.worst_row == Fixture::kFirstRow + row);
  CHECK(a.worst_channel == channel);
  CHECK(a.what.find("O is NaN, the reference is not") != std::string::npos);
}

TEST_CASE("an infinite O fails") {
  Fixture f;
  f.out(1, 1) = GENERATE(as<float>{}, kInfF, -kInfF);
  const ArithmeticFinding a = f.judge().arithmetic;
  CHECK_FALSE(a.passed);
  CHECK(a.ratio == kInf);
}

TEST_CASE("where nothing rounds, nothing may differ") {
  Fixture f;
  for (std::int64_t r = 0; r < 4; ++r) {
    for (std::int64_t c = 0; c < 3; ++c) {
      f.ref(r, c) = 0.0;
      f.out(r, c) = 0.0F;
      f.masked().low[Fixture::entry(r, c)] = 0.0F;
    }
  }
  const ArithmeticFinding right = f.judge().arithmetic;
  CHECK(right.passed);
  CHECK(right.bound == 0.0);
  CHECK(right.ratio == 0.0);
  f.out(0, 0) = 1e-30F;
  const ArithmeticFinding wrong = f.judge().arithmetic;
  CHECK_FALSE(wrong.passed);
  CHECK(wrong.ratio == kInf);
}

TEST_CASE("a row with a kept NaN or +inf score must be NaN throughout, its LSE not finite") {
  Fixture f;
  poison_reference(f, 1, GENERATE(as<double>{}, kNan, kInf));
  SECTION("all NaN passes and has no share in the bound") {
    set_row(f, 1, kNanF, GENERATE(as<float>{}, kNanF, kInfF, -kInfF));
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK(a.passed);
    CHECK(a.bound == Fixture::kBound);
    CHECK(a.row_error[1] == 0.0);
  }
  SECTION("one finite channel fails") {
    set_row(f, 1, kNanF, kNanF);
    f.out(1, 2) = 0.25F;
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK_FALSE(a.passed);
    CHECK(a.ratio == kInf);
    CHECK(a.worst_row == 9);
    CHECK(a.worst_channel == 2);
    CHECK(a.what == "row 9, channel 2: O must be NaN (a kept score is NaN or +inf), but is 0.25");
  }
  SECTION("an infinite channel fails too") {
    set_row(f, 1, kNanF, kNanF);
    f.out(1, 0) = kInfF;
    CHECK_FALSE(f.judge().arithmetic.passed);
  }
  SECTION("a finite LSE fails") {
    set_row(f, 1, kNanF, 2.0F);
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK_FALSE(a.passed);
    CHECK(a.lse_ratio == kInf);
    CHECK(a.worst_lse_row == 9);
  }
  SECTION("other rows are still judged") {
    set_row(f, 1, kNanF, kNanF);
    f.out(2, 0) += 1.0F;
    CHECK_FALSE(f.judge().arithmetic.passed);
  }
}

TEST_CASE("a row that keeps nothing must be exactly zero with LSE -inf") {
  Fixture f;
  f.masked().lse[2] = -kInf;
  for (std::int64_t c = 0; c < 3; ++c) {
    f.ref(2, c) = 0.0;
    f.masked().low[Fixture::entry(2, c)] = 0.0F;
  }
  set_row(f, 2, 0.0F, -kInfF);
  CHECK(f.judge().arithmetic.passed);

  SECTION("a value within the other rows' bound fails") {
    f.out(2, 1) = 1e-6F;
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK_FALSE(a.passed);
    CHECK(a.ratio == kInf);
  }
  SECTION("NaN fails") {
    f.out(2, 1) = kNanF;
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK_FALSE(a.passed);
    CHECK(std::isnan(a.ratio));
  }
  SECTION("any other LSE fails") {
    f.out_lse(2) = GENERATE(as<float>{}, -1e30F, kInfF, kNanF, 0.0F);
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK_FALSE(a.passed);
    CHECK(a.what.find("LSE must be -inf") != std::string::npos);
  }
}

TEST_CASE("a row whose scores overflow fp32 is exempt and counted") {
  Fixture f;
  f.masked().low[Fixture::entry(3, 1)] = GENERATE(as<float>{}, kNanF, kInfF);
  set_row(f, 3, kNanF, kNanF);
  const ArithmeticFinding a = f.judge().arithmetic;
  CHECK(a.passed);
  CHECK(a.exempt_rows == 1);
  CHECK(a.judged_entries == 9);
  CHECK(a.bound == 0x1p-9 + 1.25 * 0x1p-10);  // the largest value now stands in row 2
  f.out(0, 0) = kNanF;
  CHECK_FALSE(f.judge().arithmetic.passed);
}

TEST_CASE("a channel with non-finite V is exempt and counted, the others are not") {
  Fixture f;
  f.masked().exempt_channel[1] = 1;
  for (std::int64_t r = 0; r < 4; ++r) {
    f.ref(r, 1) = kNan;
    f.masked().low[Fixture::entry(r, 1)] = kNanF;
    f.out(r, 1) = kInfF;
  }
  const ArithmeticFinding a = f.judge().arithmetic;
  CHECK(a.passed);
  CHECK(a.exempt_channels == 1);
  CHECK(a.exempt_rows == 0);
  CHECK(a.judged_entries == 8);
  f.out(0, 2) = kNanF;
  CHECK_FALSE(f.judge().arithmetic.passed);
}

TEST_CASE("the LSE is judged against the β of kept tiles and the rounding of its sum") {
  Fixture f;
  SECTION("just within passes, just beyond fails") {
    f.out_lse(1) = static_cast<float>(2.0 + Fixture::kLseBound);
    REQUIRE(static_cast<double>(f.out_lse(1)) == 2.0 + Fixture::kLseBound);
    CHECK(f.judge().arithmetic.passed);
    f.out_lse(1) = std::nextafter(f.out_lse(1), kInfF);
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK_FALSE(a.passed);
    CHECK(a.worst_lse_row == 9);
    CHECK(a.lse_ratio > 1.0);
    CHECK(a.what.find("row 9: |LSE - ref|") != std::string::npos);
  }
  SECTION("the β of a skipped tile does not widen it") {
    f.evaluation.statistics.beta[3] = 1.0;
    CHECK(f.judge().arithmetic.lse_bound == Fixture::kLseBound);
  }
  SECTION("the β of a tile that the row cannot see does not widen it") {
    f.evaluation.statistics.beta[5] = 1.0;  // columns 10 and 11: rows 8 and 9 see neither
    f.out_lse(1) = 2.5F;
    CHECK_FALSE(f.judge().arithmetic.passed);
    f.out_lse(1) = 2.0F;
    f.out_lse(2) = 2.5F;
    CHECK(f.judge().arithmetic.passed);
  }
  SECTION("an unbounded β accepts any number but not NaN") {
    f.evaluation.statistics.beta[0] = kInf;
    f.out_lse(0) = 1e9F;
    CHECK(f.judge().arithmetic.passed);
    f.out_lse(0) = kNanF;
    CHECK_FALSE(f.judge().arithmetic.passed);
  }
  SECTION("NaN fails and stays the worst") {
    f.out_lse(0) = kNanF;
    f.out_lse(3) = 1e9F;
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK_FALSE(a.passed);
    CHECK(a.worst_lse_row == 8);
    CHECK(std::isnan(a.lse_ratio));
  }
  SECTION("an absent LSE is not judged") {
    f.reports_lse = false;
    const ArithmeticFinding a = f.judge().arithmetic;
    CHECK(a.passed);
    CHECK(a.worst_lse_row == -1);
  }
}

TEST_CASE("O that cannot be judged is refused") {
  Fixture f;
  core::KernelOutput kernel = f.kernel();
  const auto judge = [&] { return judge_block(f.problem, &f.thresholds, f.evaluation, kernel); };
  SECTION("no data") {
    kernel.o.data = nullptr;
    CHECK_THROWS_WITH(judge(), Catch::Contains("no O to judge"));
  }
  SECTION("a type that is no output") {
    kernel.o.dtype = core::Dtype::kInt32;
    CHECK_THROWS_WITH(judge(), Catch::Contains("O is i32"));
  }
  SECTION("another shape") {
    kernel.o.shape[2] = 15;
    CHECK_THROWS_WITH(judge(), Catch::Contains("O is [1,1,15,3]"));
  }
  SECTION("an evaluation without the naive computation") {
    f.masked().low.clear();
    CHECK_THROWS_AS(judge(), core::InvalidProblem);
  }
  SECTION("an evaluation under another mask than the kernel's") {
    f.masked().mask[2] = core::TileCode::kKept;
    CHECK_THROWS_WITH(judge(), Catch::Contains("not under the kernel's own mask"));
  }
}

TEST_CASE("O is read with its own strides and type") {
  Fixture f;
  std::vector<std::uint16_t> stored(16 * 5, 0x7E00);  // fp16 NaN between the rows
  for (std::int64_t r = 0; r < 4; ++r) {
    for (std::int64_t c = 0; c < 3; ++c) {
      f.ref(r, c) = 1.5;  // 0x3E00
      stored[static_cast<std::size_t>((8 + r) * 5 + c)] = 0x3E00;
    }
  }
  f.masked().low.assign(12, 1.5F);
  core::KernelOutput kernel = f.kernel();
  kernel.o.data = stored.data();
  kernel.o.dtype = core::Dtype::kFloat16;
  kernel.o.stride = {80, 80, 5, 1};
  const BlockVerdict block = judge_block(f.problem, &f.thresholds, f.evaluation, kernel);
  CHECK(block.arithmetic.passed);
  CHECK(block.arithmetic.error == 0.0);
}

}  // namespace bsfa::analysis
