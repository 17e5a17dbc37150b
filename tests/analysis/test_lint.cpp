// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <catch2/catch.hpp>

#include "analysis/lint.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Two k, layers 3 and 8, two heads, four blocks; higher thresholds for the smaller k.
core::ThresholdTable good_table() {
  core::ThresholdTable table;
  table.k_values = {16, 8};
  table.layers = {3, 8};
  table.heads = 2;
  table.blocks = 4;
  table.values.assign(16, 1.0F);
  table.values.resize(32, 2.0F);
  return table;
}

core::Problem good_problem() {
  core::Problem problem;
  problem.heads = 2;
  problem.q_len = problem.kv_len = 512;
  problem.head_dim = 64;
  return problem;
}

/// The only finding, which must be of this rule.
LintFinding only(const core::ThresholdTable& table, const std::string& rule) {
  const auto findings = lint(table, good_problem());
  for (const LintFinding& finding : findings) INFO(finding.rule << ": " << finding.text);
  REQUIRE(findings.size() == 1);
  REQUIRE(findings[0].rule == rule);
  return findings[0];
}

}  // namespace

TEST_CASE("a good table has no findings, with or without a problem") {
  CHECK(lint(good_table(), good_problem()).empty());
  CHECK(lint(good_table(), std::nullopt).empty());
}

TEST_CASE("NaN is an error with its place and count") {
  core::ThresholdTable table = good_table();
  table.values[table.index(1, 0, 1, 2)] = kNan;
  table.values[table.index(1, 0, 1, 3)] = kNan;
  const LintFinding finding = only(table, "nan");
  CHECK(finding.severity == Severity::kError);
  CHECK(finding.text == "k = 8, layer 3, head 1, block 2: NaN (2 in this layer)");
  CHECK(name_of(finding.severity) == "error");
}

TEST_CASE("a shape that does not match its values is an error, and nothing is read") {
  core::ThresholdTable table = good_table();
  SECTION("too few values") {
    table.values.pop_back();
  }
  SECTION("too many values") {
    table.values.push_back(0.0F);
  }
  SECTION("no blocks") {
    table.blocks = 0;
  }
  SECTION("negative blocks and layers that multiply up") {
    table.blocks = -4;
  }
  SECTION("sizes that overflow") {
    table.blocks = std::int64_t{1} << 62;
  }
  SECTION("no k") {
    table.k_values.clear();
  }
  SECTION("no values at all") {
    table.blocks = 0;
    table.values.clear();
  }
  CHECK(only(table, "shape").severity == Severity::kError);
}

TEST_CASE("a threshold that rises with k is an error, whatever the order of the k values") {
  core::ThresholdTable table = good_table();
  table.values[table.index(0, 1, 0, 3)] = 2.5F;
  const LintFinding finding = only(table, "increasing-in-k");
  CHECK(finding.severity == Severity::kError);
  CHECK(finding.text.find("k = 16, layer 8, head 0, block 3: higher than for k = 8") == 0);
}

TEST_CASE("all -inf is a warning per k and layer that lists the heads") {
  core::ThresholdTable table = good_table();
  for (std::int64_t block = 0; block < 4; ++block)
    table.values[table.index(0, 1, 1, block)] = -kInf;
  const LintFinding finding = only(table, "all-minus-inf");
  CHECK(finding.severity == Severity::kWarning);
  CHECK(finding.text == "k = 16, layer 8: nothing is ever skipped in heads 1");
  for (std::int64_t block = 0; block < 4; ++block)
    table.values[table.index(0, 1, 0, block)] = -kInf;
  CHECK(only(table, "all-minus-inf").text ==
        "k = 16, layer 8: nothing is ever skipped in any head");
}

TEST_CASE("minus infinity in some blocks only is no finding") {
  core::ThresholdTable table = good_table();
  table.values[table.index(0, 1, 1, 0)] = -kInf;
  CHECK(lint(table, good_problem()).empty());
}

TEST_CASE("+inf is a warning, except for k = 0 where it is the rule") {
  core::ThresholdTable table = good_table();
  table.values[table.index(1, 0, 0, 1)] = kInf;
  CHECK(only(table, "plus-inf").severity == Severity::kWarning);
  table.k_values[1] = 0;
  CHECK(lint(table, good_problem()).empty());
}

TEST_CASE("block sizes must be a gate of the method and the problem's") {
  core::ThresholdTable table = good_table();
  table.gate = {64, 64};
  CHECK(only(table, "block-size").text == "made for 64x64 tiles, the problem has 128x64");
  CHECK(lint(table, std::nullopt).empty());
  table.gate = {64, 0};
  CHECK(lint(table, std::nullopt).size() == 1);
}

TEST_CASE("heads that differ from the problem's are an error") {
  core::Problem problem = good_problem();
  problem.heads = 4;
  const auto findings = lint(good_table(), problem);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "heads");
  CHECK(findings[0].severity == Severity::kError);
}

TEST_CASE("a table that ends before the sequence is a warning") {
  core::Problem problem = good_problem();
  problem.q_len = 1;
  problem.kv_len = 513;
  const auto findings = lint(good_table(), problem);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "short");
  CHECK(findings[0].severity == Severity::kWarning);
  CHECK(findings[0].text.find("4 blocks for a sequence of 5") == 0);
}

TEST_CASE("repeated and negative k and repeated layers are errors") {
  core::ThresholdTable table = good_table();
  SECTION("repeated k") {
    table.k_values = {8, 8};
    table.values.assign(32, 1.0F);
    CHECK(only(table, "k-values").text == "k = 8 is there twice");
  }
  SECTION("negative k") {
    table.k_values = {16, -8};
    CHECK(only(table, "k-values").text == "k = -8 is negative");
  }
  SECTION("repeated layer") {
    table.layers = {3, 3};
    CHECK(only(table, "layers").text == "layer 3 is there twice");
  }
}

TEST_CASE("errors come before warnings") {
  core::ThresholdTable table = good_table();
  for (std::int64_t block = 0; block < 4; ++block)
    table.values[table.index(0, 0, 0, block)] = -kInf;
  table.values[table.index(1, 1, 1, 3)] = kNan;
  const auto findings = lint(table, good_problem());
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].severity == Severity::kError);
  CHECK(findings[1].severity == Severity::kWarning);
}

}  // namespace bsfa::analysis
