// SPDX-License-Identifier: Apache-2.0
// The cpu kernel seen through the bare C interface.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "kernels/host/library.h"
#include "tests/kernels/support.h"
#include "tests/support/half_bits.h"

using namespace bsfa;

namespace {

const bsfa_kernel& cpu() {
  return *kernels::find_kernel("cpu").table;
}

bsfa_problem plain_problem() {
  bsfa_problem p{};
  p.size = sizeof(p);
  p.version = BSFA_ABI_VERSION;
  p.causal = 1;
  p.batch = p.heads = p.kv_heads = 1;
  p.q_len = 200;
  p.kv_len = 256;
  p.head_dim = 64;
  p.dtype_q = p.dtype_k = p.dtype_v = p.dtype_o = BSFA_FLOAT16;
  p.scale = 0.125F;
  p.gate_q_block = 128;
  p.gate_k_block = 64;
  return p;
}

struct Answer {
  bsfa_status status;
  std::string text;
};

Answer ask(const bsfa_problem& problem) {
  char text[256] = "";
  const bsfa_status status = cpu().supports(&cpu(), &problem, text, sizeof text);
  return {status, text};
}

template <typename Change>
Answer ask_changed(Change&& change) {
  bsfa_problem problem = plain_problem();
  change(problem);
  return ask(problem);
}

/// A caller from the future: our struct followed by fields that we do not know.
struct LaterProblem {
  bsfa_problem known = plain_problem();
  std::uint64_t unknown = 0;
};

/// Buffers and arguments for one run of a problem of one head.
struct Call {
  explicit Call(const bsfa_problem& p) : problem(p) {
    inputs = test::gaussian(test::problem(p.q_len, p.kv_len, p.head_dim), 41);
    o.assign(inputs.q.size(), 0x7FDB);
    mask.assign(8, 0xEE);
    a.size = sizeof(a);
    a.version = BSFA_ABI_VERSION;
    a.q = {inputs.q.data(), {0, 0, p.head_dim, 1}};
    a.k = {inputs.k.data(), {0, 0, p.head_dim, 1}};
    a.v = {inputs.v.data(), {0, 0, p.head_dim, 1}};
    a.o = {o.data(), {0, 0, p.head_dim, 1}};
  }

  Answer enqueue() {
    char text[256] = "";
    bsfa_plan* plan = nullptr;
    REQUIRE(cpu().plan(&cpu(), &problem, &plan, text, sizeof text) == BSFA_OK);
    bsfa_plan_info info{};
    info.size = sizeof(info);
    info.version = BSFA_ABI_VERSION;
    REQUIRE(cpu().describe(plan, &info, text, sizeof text) == BSFA_OK);
    workspace.resize(info.workspace_bytes + info.workspace_alignment);
    const auto address = reinterpret_cast<std::uintptr_t>(workspace.data());
    a.workspace =
        workspace.data() + (info.workspace_alignment - address % info.workspace_alignment);
    if (a.workspace_bytes == 0) a.workspace_bytes = info.workspace_bytes;
    const bsfa_status status = cpu().enqueue(plan, &a, text, sizeof text);
    cpu().destroy(plan);
    return {status, text};
  }

  bsfa_problem problem;
  bsfa_arguments a{};
  test::Inputs inputs;
  std::vector<std::uint16_t> o;
  std::vector<std::uint8_t> mask;
  std::vector<unsigned char> workspace;
};

}  // namespace

TEST_CASE("a plain problem is supported") {
  CHECK(ask(plain_problem()).status == BSFA_OK);
}

TEST_CASE("what the cpu kernel does not do is answered unsupported, with the limit") {
  const auto refused = [](const char* limit, auto&& change) {
    const Answer answer = ask_changed(change);
    CAPTURE(limit);
    CHECK(answer.status == BSFA_UNSUPPORTED);
    CHECK_THAT(answer.text, Catch::Contains(limit));
  };
  refused("forward", [](auto& p) { p.operation = BSFA_TILE_STATISTICS; });
  refused("head_dim", [](auto& p) { p.head_dim = 80; });
  refused("v_head_dim", [](auto& p) { p.v_head_dim = 128; });
  refused("fp16", [](auto& p) { p.dtype_k = BSFA_FLOAT8_E4M3; });
  refused("fp16", [](auto& p) { p.dtype_o = BSFA_FLOAT32; });
  refused("128x64", [](auto& p) { p.gate_k_block = 32; });
  refused("absolute", [](auto& p) { p.gate_kind = BSFA_GATE_RELATIVE; });
  refused("vote", [](auto& p) { p.gate_vote = BSFA_VOTE_ROW; });
  refused("bytes", [](auto& p) { p.mask_encoding = BSFA_MASK_BITS; });
  refused("warp", [](auto& p) { p.instrumentation = BSFA_INSTRUMENT_WARPS; });
  refused("page tables", [](auto& p) { p.features = BSFA_FEATURE_PAGE_TABLE; });
  refused("version", [](auto& p) { p.version = 2; });
}

TEST_CASE("a problem that makes no sense is an invalid argument") {
  CHECK(ask_changed([](auto& p) { p.q_len = 300; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.q_len = 0; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.heads = 3, p.kv_heads = 2; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.scale = std::numeric_limits<float>::quiet_NaN(); }).status ==
        BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.size = 0; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(cpu().supports(&cpu(), nullptr, nullptr, 0) == BSFA_INVALID_ARGUMENT);
}

TEST_CASE("a later caller's unknown fields are accepted while zero and refused when set") {
  LaterProblem later;
  later.known.size = sizeof(later);
  CHECK(ask(later.known).status == BSFA_OK);
  later.unknown = 1;
  CHECK(ask(later.known).status == BSFA_UNSUPPORTED);
}

TEST_CASE("an error text is cut to the caller's buffer and terminated") {
  bsfa_problem problem = plain_problem();
  problem.head_dim = 80;
  char text[6] = {'x', 'x', 'x', 'x', 'x', 'x'};
  CHECK(cpu().supports(&cpu(), &problem, text, 5) == BSFA_UNSUPPORTED);
  CHECK(std::strlen(text) == 4);
  CHECK(text[5] == 'x');
}

TEST_CASE("arguments that do not fit the plan are refused and nothing is written") {
  const auto refused = [](bsfa_status status, const char* reason, auto&& change) {
    bsfa_problem problem = plain_problem();
    Call call(problem);
    change(call);
    const Answer answer = call.enqueue();
    CAPTURE(reason);
    CHECK(answer.status == status);
    CHECK_THAT(answer.text, Catch::Contains(reason));
    CHECK(call.o == std::vector<std::uint16_t>(call.o.size(), 0x7FDB));
  };
  refused(BSFA_INVALID_ARGUMENT, "missing", [](Call& c) { c.a.k.data = nullptr; });
  refused(BSFA_INVALID_ARGUMENT, "contiguous", [](Call& c) { c.a.v.stride[3] = 2; });
  refused(BSFA_INVALID_ARGUMENT, "thresholds",
          [](Call& c) { c.problem.gate_kind = BSFA_GATE_ABSOLUTE; });
  refused(BSFA_INVALID_ARGUMENT, "mask_in", [](Call& c) { c.problem.gate_kind = BSFA_GATE_MASK; });
  refused(BSFA_INVALID_ARGUMENT, "INSTRUMENT_MASK", [](Call& c) {
    c.a.mask = {c.mask.data(), {8, 8, 4, 1}};
  });
  static std::uint64_t count = 0;
  refused(BSFA_INVALID_ARGUMENT, "INSTRUMENT_WORK", [](Call& c) { c.a.record_count = &count; });
  refused(BSFA_UNSUPPORTED, "gradients", [](Call& c) { c.a.grad_k = c.a.k; });
  refused(BSFA_INVALID_ARGUMENT, "too small", [](Call& c) { c.a.workspace_bytes = 64; });
  refused(BSFA_INVALID_ARGUMENT, "work list", [](Call& c) { c.problem.max_work_items = 1; });
  static const bsfa_work_item outside = {0, 0, 2, 0, 0};
  refused(BSFA_INVALID_ARGUMENT, "outside the problem", [](Call& c) {
    c.problem.max_work_items = 1;
    c.a.work_items = &outside;
    c.a.work_item_count = 1;
    c.a.work_item_size = sizeof(outside);
  });
  static const std::int32_t lengths[2] = {0, 200};
  refused(BSFA_UNSUPPORTED, "sequence lengths", [](Call& c) { c.a.cu_seqlens_q = lengths; });
}

TEST_CASE("records are counted where only their number is asked for") {
  bsfa_problem problem = plain_problem();
  problem.instrumentation = BSFA_INSTRUMENT_WORK;
  Call call(problem);
  std::uint64_t count = 99;
  call.a.record_count = &count;
  REQUIRE(call.enqueue().status == BSFA_OK);
  CHECK(count == 2);
}

TEST_CASE("a given mask decides which tiles take part") {
  bsfa_problem problem = plain_problem();
  problem.gate_kind = BSFA_GATE_MASK;
  problem.instrumentation = BSFA_INSTRUMENT_MASK;
  Call call(problem);
  // Positions 56 .. 183 and 184 .. 255: tiles 0 .. 2 are diagonal above, 2 and 3 below.
  const std::vector<std::uint8_t> given = {3, 3, 3, 0, 2, 1, 3, 3};
  call.a.mask_in = {const_cast<std::uint8_t*>(given.data()), {8, 8, 4, 1}};
  call.a.mask = {call.mask.data(), {8, 8, 4, 1}};
  REQUIRE(call.enqueue().status == BSFA_OK);
  CHECK(call.mask == given);
  const auto exact = test::attention(call.inputs, given);
  const auto dense = test::run_cpu(call.inputs, nullptr);
  double worst = 0.0;
  for (std::size_t row = 128; row < 200; ++row) {
    for (std::size_t d = 0; d < 64; ++d) {
      const double o = test::half_value(call.o[row * 64 + d], core::Dtype::kFloat16);
      worst = std::max(worst, std::abs(o - exact.o[row * 64 + d]));
    }
  }
  CHECK(worst <= exact.o_bound[1]);
  CHECK(call.o != dense.o);
}
