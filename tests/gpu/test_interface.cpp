// SPDX-License-Identifier: Apache-2.0
// The kernel seen through the bare C interface.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <cuda_runtime_api.h>

#include "kernels/cuda/runtime/check.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/cuda/runtime/device_buffer.h"
#include "tests/kernels/tested.h"

using namespace bsfa;
using kernels::cuda::DeviceBuffer;

namespace {

const bsfa_kernel& kernel() {
  static const kernels::Kernel tested = test::tested_kernel();
  return *tested.table;
}

bsfa_problem plain_problem() {
  auto p = test::gated(test::problem(200, 256));
  p.gate_kind = BSFA_GATE_OFF;
  return p;
}

struct Answer {
  bsfa_status status;
  std::string text;
};

template <typename Change>
Answer ask_changed(Change&& change) {
  bsfa_problem problem = plain_problem();
  change(problem);
  char text[256] = "";
  const bsfa_status status = kernel().supports(&kernel(), &problem, text, sizeof text);
  return {status, text};
}

DeviceBuffer filled(std::size_t bytes, int value) {
  DeviceBuffer buffer(bytes);
  kernels::cuda::check(cudaMemset(buffer.data(), value, bytes), "filling a buffer");
  return buffer;
}

/// Device buffers and arguments for one run of a problem of one head.
struct Call {
  explicit Call(const bsfa_problem& p) : problem(p) {
    a.size = sizeof(a);
    a.version = BSFA_ABI_VERSION;
    a.q = {q.data(), {0, 0, p.head_dim, 1}};
    a.k = {k.data(), {0, 0, p.head_dim, 1}};
    a.v = {v.data(), {0, 0, p.head_dim, 1}};
    a.o = {o.data(), {0, 0, p.head_dim, 1}};
  }

  Answer enqueue() {
    char text[256] = "";
    bsfa_plan* plan = nullptr;
    REQUIRE(kernel().plan(&kernel(), &problem, &plan, text, sizeof text) == BSFA_OK);
    bsfa_plan_info info{};
    info.size = sizeof(info);
    info.version = BSFA_ABI_VERSION;
    REQUIRE(kernel().describe(plan, &info, text, sizeof text) == BSFA_OK);
    workspace = DeviceBuffer(info.workspace_bytes);
    needed_bytes = info.workspace_bytes;
    a.workspace = without_workspace ? nullptr : workspace.data();
    a.workspace_bytes = without_workspace ? 0 : info.workspace_bytes;
    const bsfa_status status = kernel().enqueue(plan, &a, text, sizeof text);
    kernels::cuda::check(cudaDeviceSynchronize(), "waiting for the kernel");
    kernel().destroy(plan);
    return {status, text};
  }

  bool wrote_nothing() const {
    std::vector<unsigned char> bytes(kOutBytes);
    kernels::cuda::check(cudaMemcpy(bytes.data(), o.data(), kOutBytes, cudaMemcpyDeviceToHost),
                         "reading O");
    return bytes == std::vector<unsigned char>(kOutBytes, 0x7F);
  }

  static constexpr std::size_t kOutBytes = std::size_t{200} * 64 * 2;
  static constexpr std::size_t kInBytes = std::size_t{256} * 64 * 2;

  bsfa_problem problem;
  bsfa_arguments a{};
  bool without_workspace = false;
  std::uint64_t needed_bytes = 0;
  DeviceBuffer q = filled(kInBytes, 0x20), k = filled(kInBytes, 0x20), v = filled(kInBytes, 0x20);
  DeviceBuffer o = filled(kOutBytes, 0x7F), small = filled(4096, 0);
  DeviceBuffer workspace;
};

}  // namespace

TEST_CASE("a plain problem is supported, and its plan says how it will run", "[small]") {
  CHECK(ask_changed([](auto&) {}).status == BSFA_OK);
  const auto info =
      test::plan_of(test::tested_kernel(), test::problem(200, 256), BSFA_INSTRUMENT_WORK);
  CHECK(info.max_records >= 2);
  CHECK(info.clock_domain == BSFA_CLOCK_GLOBALTIMER_NS);
  CHECK(info.compute_q_block > 0);
  CHECK(info.compute_k_block > 0);
  CHECK(info.threads_per_cta % 32 == 0);
  CHECK(info.threads_per_cta > 0);
  CHECK(info.ctas > 0);
  CHECK(info.tensor_instructions_per_qk > 0);
  CHECK(info.tensor_instructions_per_pv > 0);
}

TEST_CASE("cuda and auto are the fastest built-in kernel, and a run says what it ran on",
          "[small]") {
  const auto best = kernels::find_kernel("cuda");
  CHECK(best.table->memory_space == BSFA_CUDA_DEVICE);
  CHECK(kernels::find_kernel("auto").table == best.table);
  const auto device = kernels::cuda::device_info(0);
  CHECK(device.capability >= 80);
  const auto result = test::run(best, test::gaussian(test::problem(200, 256), 1), nullptr);
  CHECK(result.gpu == device.name);
  CHECK_FALSE(result.gpu.empty());
  CHECK(result.driver == device.driver);
  CHECK_FALSE(result.driver.empty());
  CHECK(result.elapsed_ms > 0.0);
}

TEST_CASE("what the kernel does not do is answered unsupported, with the limit", "[small]") {
  const auto refused = [](const char* limit, auto&& change) {
    const Answer answer = ask_changed(change);
    CAPTURE(limit, answer.text);
    CHECK(answer.status == BSFA_UNSUPPORTED);
    CHECK_THAT(answer.text, Catch::Contains(limit));
  };
  refused("forward", [](auto& p) { p.operation = BSFA_BACKWARD; });
  refused("head_dim", [](auto& p) { p.head_dim = 80; });
  refused("head_dim", [](auto& p) { p.head_dim = 256; });
  refused("v_head_dim", [](auto& p) { p.v_head_dim = 128; });
  refused("fp16", [](auto& p) { p.dtype_k = BSFA_FLOAT8_E4M3; });
  refused("fp16", [](auto& p) { p.dtype_v = BSFA_BFLOAT16; });
  refused("fp16", [](auto& p) { p.dtype_o = BSFA_FLOAT32; });
  refused("128x64", [](auto& p) { p.gate_k_block = 32; });
  refused("absolute", [](auto& p) { p.gate_kind = BSFA_GATE_RELATIVE; });
  refused("vote", [](auto& p) { p.gate_vote = BSFA_VOTE_ROW; });
  refused("bytes", [](auto& p) {
    p.mask_encoding = BSFA_MASK_BITS;
    p.instrumentation = BSFA_INSTRUMENT_MASK;
  });
  refused("", [](auto& p) { p.instrumentation = 4; });
  refused("page tables", [](auto& p) { p.features = BSFA_FEATURE_PAGE_TABLE; });
  refused("version", [](auto& p) { p.version = 2; });
}

TEST_CASE("every combination of shape, dtype and gate that the method has is supported",
          "[small]") {
  for (const int dim : {64, 128}) {
    for (const auto dtype : {BSFA_FLOAT16, BSFA_BFLOAT16}) {
      for (const auto& gate : {std::pair{128, 64}, std::pair{64, 64}, std::pair{128, 128}}) {
        const Answer answer = ask_changed([&](auto& p) {
          p.head_dim = dim;
          p.dtype_q = p.dtype_k = p.dtype_v = p.dtype_o = dtype;
          p.gate_q_block = gate.first;
          p.gate_k_block = gate.second;
          p.gate_kind = BSFA_GATE_ABSOLUTE;
        });
        CAPTURE(dim, static_cast<int>(dtype), gate.first, gate.second, answer.text);
        CHECK(answer.status == BSFA_OK);
      }
    }
  }
  const auto warps = [](auto& p) { p.instrumentation = BSFA_INSTRUMENT_WARPS; };
  CHECK(ask_changed(warps).status == BSFA_OK);
}

TEST_CASE("a problem that makes no sense is an invalid argument", "[small]") {
  CHECK(ask_changed([](auto& p) { p.q_len = 300; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.q_len = 0; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.batch = -1; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.heads = 3, p.kv_heads = 2; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.scale = std::numeric_limits<float>::quiet_NaN(); }).status ==
        BSFA_INVALID_ARGUMENT);
  CHECK(ask_changed([](auto& p) { p.size = 0; }).status == BSFA_INVALID_ARGUMENT);
  CHECK(kernel().supports(&kernel(), nullptr, nullptr, 0) == BSFA_INVALID_ARGUMENT);
}

TEST_CASE("arguments that fit the plan are computed", "[small]") {
  const bsfa_problem problem = plain_problem();
  Call call(problem);
  const Answer answer = call.enqueue();
  CAPTURE(answer.text);
  CHECK(answer.status == BSFA_OK);
  CHECK_FALSE(call.wrote_nothing());
}

TEST_CASE("arguments that do not fit the plan are refused and nothing is written", "[small]") {
  const auto refused = [](bsfa_status status, auto&& change) {
    const bsfa_problem problem = plain_problem();
    Call call(problem);
    change(call);
    const Answer answer = call.enqueue();
    CAPTURE(answer.text);
    CHECK(answer.status == status);
    CHECK_FALSE(answer.text.empty());
    CHECK(call.wrote_nothing());
  };
  refused(BSFA_INVALID_ARGUMENT, [](Call& c) { c.a.q.data = nullptr; });
  refused(BSFA_INVALID_ARGUMENT, [](Call& c) { c.a.k.data = nullptr; });
  refused(BSFA_INVALID_ARGUMENT, [](Call& c) { c.a.v.data = nullptr; });
  refused(BSFA_INVALID_ARGUMENT, [](Call& c) { c.problem.gate_kind = BSFA_GATE_ABSOLUTE; });
  refused(BSFA_INVALID_ARGUMENT, [](Call& c) { c.problem.max_work_items = 1; });
  refused(BSFA_INVALID_ARGUMENT, [](Call& c) { c.a.mask = {c.small.data(), {8, 8, 4, 1}}; });
  refused(BSFA_INVALID_ARGUMENT, [](Call& c) {
    c.problem.max_work_items = 1;
    c.a.work_items = static_cast<const bsfa_work_item*>(c.small.data());
    c.a.work_item_count = 2;
    c.a.work_item_size = sizeof(bsfa_work_item);
  });
  refused(BSFA_UNSUPPORTED,
          [](Call& c) { c.a.cu_seqlens_q = static_cast<const std::int32_t*>(c.small.data()); });
  refused(BSFA_UNSUPPORTED, [](Call& c) { c.a.tile_mass = {c.small.data(), {8, 8, 4, 1}}; });
}

TEST_CASE("tensors that no 16-byte access can reach are refused and nothing is written",
          "[small]") {
  const auto refused = [](auto&& change) {
    const bsfa_problem problem = plain_problem();
    Call call(problem);
    change(call.a);
    const Answer answer = call.enqueue();
    CAPTURE(answer.text);
    CHECK((answer.status == BSFA_UNSUPPORTED || answer.status == BSFA_INVALID_ARGUMENT));
    CHECK_FALSE(answer.text.empty());
    CHECK(call.wrote_nothing());
  };
  refused([](bsfa_arguments& a) { a.q.stride[2] = 63; });
  refused([](bsfa_arguments& a) { a.k.stride[2] = 60; });
  refused([](bsfa_arguments& a) { a.v.stride[3] = 2; });
  refused([](bsfa_arguments& a) { a.k.data = static_cast<std::uint16_t*>(a.k.data) + 1; });
}

TEST_CASE("a workspace that is missing or too small is an invalid argument", "[small]") {
  bsfa_problem problem = plain_problem();
  // Room for a list needs a workspace where a whole problem may not.
  problem.max_work_items = GENERATE(0, 1);
  const bsfa_work_item item = {0, 0, 1, 0, 0};
  Call call(problem);
  call.without_workspace = true;
  if (problem.max_work_items > 0) {
    kernels::cuda::check(cudaMemcpy(call.small.data(), &item, sizeof item, cudaMemcpyHostToDevice),
                         "copying a work item");
    call.a.work_items = static_cast<const bsfa_work_item*>(call.small.data());
    call.a.work_item_count = 1;
    call.a.work_item_size = sizeof(bsfa_work_item);
  }
  const Answer answer = call.enqueue();
  CAPTURE(answer.text);
  CHECK(answer.status == (call.needed_bytes > 0 ? BSFA_INVALID_ARGUMENT : BSFA_OK));
  CHECK(call.wrote_nothing() == (call.needed_bytes > 0));
}
