// SPDX-License-Identifier: Apache-2.0
// What the portable kernel's tile statistics ask of a problem and its buffers; needs no device.
#include <string>

#include <catch2/catch.hpp>

#include "kernels/common/checks.h"
#include "kernels/cuda/portable/limits.h"
#include "tests/kernels/support.h"

using namespace bsfa;
using kernels::cuda::unsupported_buffers;
using kernels::cuda::unsupported_problem;

namespace {

bsfa_problem statistics_problem() {
  bsfa_problem p = test::gated(test::problem(200, 256));
  p.operation = BSFA_TILE_STATISTICS;
  p.gate_kind = BSFA_GATE_OFF;
  return p;
}

std::string said(const char* text) {
  return text == nullptr ? "" : text;
}

template <typename Change>
std::string problem_text(Change&& change) {
  bsfa_problem problem = statistics_problem();
  change(problem);
  return said(unsupported_problem(problem));
}

/// Somewhere that nothing looks at.
alignas(64) unsigned char memory[64];

bsfa_tensor tensor() {
  return {memory, {256, 128, 64, 1}};
}

bsfa_arguments plain_arguments() {
  bsfa_arguments a{};
  a.q = a.k = tensor();
  a.tile_max = {memory, {64, 16, 4, 1}};
  return a;
}

/// Both answers to changed arguments: what is unsupported, and what is invalid.
template <typename Change>
std::string arguments_text(Change&& change) {
  bsfa_arguments a = plain_arguments();
  change(a);
  const bsfa_problem problem = statistics_problem();
  const char* unsupported = unsupported_buffers(problem, a);
  if (unsupported != nullptr) return std::string("unsupported: ") + unsupported;
  const char* invalid = kernels::invalid_arguments(problem, a);
  return invalid != nullptr ? std::string("invalid: ") + invalid : "";
}

}  // namespace

TEST_CASE("tile statistics are supported, whatever the problem says of V, O and thresholds") {
  CHECK(problem_text([](auto&) {}) == "");
  CHECK(problem_text([](auto& p) { p.gate_kind = BSFA_GATE_ABSOLUTE; }) == "");
  CHECK(problem_text([](auto& p) { p.v_head_dim = 80; }) == "");
  CHECK(problem_text([](auto& p) { p.dtype_v = p.dtype_o = BSFA_DTYPE_NONE; }) == "");
  CHECK(problem_text([](auto& p) { p.instrumentation = BSFA_INSTRUMENT_MASK; }) == "");
  CHECK(problem_text([](auto& p) { p.max_work_items = 7; }) == "");
}

TEST_CASE("what tile statistics do not do is named") {
  CHECK(problem_text([](auto& p) { p.dtype_k = BSFA_BFLOAT16; }) ==
        "q and k must both be fp16 or both bf16");
  CHECK(problem_text([](auto& p) { p.dtype_q = p.dtype_k = BSFA_FLOAT32; }) ==
        "q and k must both be fp16 or both bf16");
  for (const auto level : {BSFA_INSTRUMENT_WORK, BSFA_INSTRUMENT_WARPS}) {
    CHECK(problem_text([&](auto& p) { p.instrumentation = level; }) ==
          "tile statistics give no work records");
  }
  CHECK(problem_text([](auto& p) { p.head_dim = 96; }) == "head_dim must be 64 or 128");
  CHECK_THAT(problem_text([](auto& p) { p.gate_k_block = 32; }), Catch::Contains("128x64"));
  CHECK_THAT(problem_text([](auto& p) { p.features = BSFA_FEATURE_PAGE_TABLE; }),
             Catch::Contains("page tables"));
  CHECK_THAT(problem_text([](auto& p) { p.operation = BSFA_BACKWARD; }),
             Catch::Contains("tile statistics"));
}

TEST_CASE("tile statistics need Q, K and, for masses, LSE; V and thresholds are not looked at") {
  CHECK(arguments_text([](auto&) {}) == "");
  CHECK(arguments_text([](auto& a) { a.v = {memory + 1, {1, 1, 1, 1}}; }) == "");
  CHECK(arguments_text([](auto& a) { a.thresholds = tensor(); }) == "");
  const auto masses = [](bsfa_arguments& a) { a.tile_mass = a.tile_mass_max = a.tile_max; };
  CHECK(arguments_text([&](auto& a) { masses(a), a.lse_in = tensor(); }) == "");
  CHECK(arguments_text(masses) == "invalid: tile_mass and tile_mass_max need lse_in");
  CHECK(arguments_text([](auto& a) { a.tile_mass_max = a.tile_max; }) ==
        "invalid: tile_mass and tile_mass_max need lse_in");
  CHECK(arguments_text([](auto& a) { a.k = {}; }) == "invalid: q, k or v is missing");
}

TEST_CASE("outputs that tile statistics cannot give are refused") {
  const std::string forward_only = "unsupported: tile statistics give no o, lse or mask";
  CHECK(arguments_text([](auto& a) { a.o = tensor(); }) == forward_only);
  CHECK(arguments_text([](auto& a) { a.lse = tensor(); }) == forward_only);
  CHECK(arguments_text([](auto& a) { a.mask = tensor(); }) == forward_only);
  const std::string no_records = "unsupported: tile statistics give no work records";
  bsfa_work_record record{};
  std::uint64_t count = 0;
  CHECK(arguments_text([&](auto& a) { a.records = &record; }) == no_records);
  CHECK(arguments_text([&](auto& a) { a.record_count = &count; }) == no_records);
  CHECK_THAT(arguments_text([](auto& a) { a.q.data = memory + 2; }),
             Catch::StartsWith("unsupported: rows of q") && Catch::Contains("16 bytes"));
}

TEST_CASE("a forward pass gives no tile masses") {
  bsfa_problem problem = statistics_problem();
  problem.operation = BSFA_FORWARD;
  bsfa_arguments a = plain_arguments();
  a.v = a.o = tensor();
  a.tile_max = {};
  CHECK(said(unsupported_buffers(problem, a)) == "");
  a.tile_mass = tensor();
  CHECK(said(unsupported_buffers(problem, a)) == "tile masses only as tile statistics");
}

TEST_CASE("words that a device would read across their boundary are refused") {
  bsfa_problem problem = statistics_problem();
  problem.operation = BSFA_FORWARD;
  const auto text = [&](auto&& change) {
    bsfa_arguments a = plain_arguments();
    a.v = a.o = tensor();
    change(a);
    return said(unsupported_buffers(problem, a));
  };
  const auto word = [](std::size_t offset) { return reinterpret_cast<void*>(memory + offset); };
  CHECK(text([&](auto& a) { a.lse.data = word(4); }) == "");
  CHECK(text([&](auto& a) { a.lse.data = word(2); }) == "fp32 tensors must be aligned to 4 bytes");
  CHECK(text([&](auto& a) { a.thresholds.data = word(1); }) ==
        "fp32 tensors must be aligned to 4 bytes");
  const auto items = [&](std::size_t offset, std::uint64_t size) {
    return text([&](auto& a) {
      a.work_items = static_cast<const bsfa_work_item*>(word(offset));
      a.work_item_size = size;
    });
  };
  CHECK(items(4, sizeof(bsfa_work_item) + 4) == "");
  CHECK(items(2, sizeof(bsfa_work_item)) == "work items must begin at multiples of 4 bytes");
  CHECK(items(4, sizeof(bsfa_work_item) + 1) == "work items must begin at multiples of 4 bytes");
  const auto records = [&](std::size_t offset, std::uint64_t size) {
    return text([&](auto& a) {
      a.records = static_cast<bsfa_work_record*>(word(offset));
      a.record_size = size;
    });
  };
  const std::string whole = "work records must be whole and begin at multiples of 8 bytes";
  CHECK(records(8, sizeof(bsfa_work_record) + 8) == "");
  CHECK(records(4, sizeof(bsfa_work_record)) == whole);
  CHECK(records(8, sizeof(bsfa_work_record) + 4) == whole);
  CHECK(records(8, sizeof(bsfa_work_record) - 8) == whole);
}

TEST_CASE("a scale whose logarithmic form leaves the floats is refused") {
  CHECK(problem_text([](auto& p) { p.scale = 0x1p-120F; }) == "");
  CHECK(problem_text([](auto& p) { p.scale = 0x1p-121F; }) == "scale must be 2^-120 to 2^120");
  CHECK(problem_text([](auto& p) { p.scale = 0x1p121F; }) == "scale must be 2^-120 to 2^120");
}
