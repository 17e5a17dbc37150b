// SPDX-License-Identifier: Apache-2.0
// The harness around device kernels, on a device made of host memory.
#include <algorithm>
#include <cstring>
#include <vector>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "kernels/host/same_bits.h"
#include "tests/kernels/fake_device.h"
#include "tests/kernels/support.h"

using namespace bsfa;
using test::device_runner;
using test::DeviceLog;
using test::real_kernel;
using Kind = kernels::ContractFault::Kind;

namespace {

test::Inputs two_heads() {
  auto p = test::problem(200, 300);
  p.heads = 2;
  return test::gaussian(p, 31);
}

kernels::RunRequest request_of(const test::Inputs& inputs, const core::Thresholds* thresholds) {
  kernels::RunRequest request;
  request.problem = inputs.problem;
  request.inputs = inputs.views();
  request.thresholds = thresholds;
  request.want_records = true;
  return request;
}

/// The log of the test that runs, for functions of a C table.
DeviceLog* g_log = nullptr;

bsfa_status enqueue_on_device_only(bsfa_plan* plan, const bsfa_arguments* a, char* error,
                                   std::size_t size) {
  const std::vector<const void*> pointers = {
      a->q.data,   a->k.data,        a->v.data,  a->thresholds.data, a->work_items, a->o.data,
      a->lse.data, a->tile_max.data, a->records, a->record_count,    a->mask.data,  a->workspace};
  for (const void* pointer : pointers) {
    if (!g_log->holds(pointer)) {
      std::strncpy(error, "a pointer is not the device's", size);
      return BSFA_INTERNAL_ERROR;
    }
  }
  CHECK(a->stream == g_log);
  return real_kernel().enqueue(plan, a, error, size);
}

}  // namespace

TEST_CASE("a device kernel is given device memory alone and gives what a host kernel gives") {
  const auto inputs = two_heads();
  const auto thresholds = test::skipping(inputs, 0.5);
  const std::vector<core::WorkItem> items = {{0, 0, 1}, {0, 1, 0}};
  auto request = request_of(inputs, &thresholds);
  request.items = items;
  DeviceLog log;
  g_log = &log;
  auto runner = device_runner(log, [](bsfa_kernel& k) { k.enqueue = enqueue_on_device_only; });
  const auto result = runner.run(request, {});
  CHECK(result.faults.empty());
  CHECK(result.elapsed_ms == 12.5);
  CHECK(result.gpu == "Fake 100");
  CHECK(result.driver == "1.2.3");
  CHECK(test::run_cpu(inputs, nullptr).gpu.empty());
  CHECK_FALSE(result.whole_problem);
  CHECK(result.records.size() == items.size());
  const auto host = test::run_cpu(inputs, &thresholds, items);
  CHECK(kernels::first_difference(inputs.problem, items, host, result) == "");
  CHECK(test::count(result.mask, 1) > 0);
  CHECK(test::count(result.mask, 2) > 0);
}

TEST_CASE("the device's number reaches the kernel") {
  const auto inputs = two_heads();
  DeviceLog log;
  auto runner = device_runner(log, [](bsfa_kernel& k) {
    k.supports = [](const bsfa_kernel* self, const bsfa_problem* p, char* e, std::size_t n) {
      CHECK(p->device == 3);
      return real_kernel().supports(self, p, e, n);
    };
  });
  CHECK(runner.run(request_of(inputs, nullptr), {}).faults.empty());
}

TEST_CASE("writes outside device buffers and rows left unwritten there are seen") {
  const auto inputs = two_heads();
  DeviceLog log;
  auto runner = device_runner(log, [](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      auto* const row = static_cast<std::uint16_t*>(a->o.data) + 137 * 64;
      std::uint16_t before[64];
      std::memcpy(before, row, sizeof before);
      const bsfa_status status = real_kernel().enqueue(plan, a, e, n);
      std::memcpy(row, before, sizeof before);
      static_cast<std::uint16_t*>(a->o.data)[2 * 200 * 64 + 3] = 1;
      static_cast<float*>(a->lse.data)[-1] = 0.0F;
      static_cast<std::uint8_t*>(a->workspace)[a->workspace_bytes] = 0;
      a->record_count[1] = 0;
      return status;
    };
  });
  const auto result = runner.run(request_of(inputs, nullptr), {});
  REQUIRE(result.faults.size() == 5);
  CHECK_THAT(result.faults[0].text, Catch::Contains("o:") && Catch::Contains("3 elements past"));
  CHECK_THAT(result.faults[1].text, Catch::Contains("lse: written outside"));
  CHECK_THAT(result.faults[2].text, Catch::Contains("record_count: written outside"));
  CHECK_THAT(result.faults[3].text, Catch::Contains("o: 1 row") && Catch::Contains("row 137"));
  CHECK_THAT(result.faults[4].text, Catch::Contains("workspace"));
}

TEST_CASE("a record count that a kernel expects to be zero, or forgets, is a fault") {
  const auto inputs = two_heads();
  DeviceLog log;
  auto forgets = device_runner(log, [](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      bsfa_arguments without = *a;
      without.record_count = nullptr;
      return real_kernel().enqueue(plan, &without, e, n);
    };
  });
  const auto result = forgets.run(request_of(inputs, nullptr), {});
  REQUIRE(result.faults.size() == 1);
  CHECK(result.faults[0].kind == Kind::kUnwritten);
  CHECK(result.faults[0].text == "record_count: never written");
  CHECK(result.records.empty());
  auto adds = device_runner(log, [](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      const std::uint64_t before = *a->record_count;
      const bsfa_status status = real_kernel().enqueue(plan, a, e, n);
      *a->record_count += before;
      return status;
    };
  });
  CHECK_THROWS_WITH(adds.run(request_of(inputs, nullptr), {}), Catch::Contains("planned at most"));
}

TEST_CASE("inputs are copied to the device once, however often the kernel runs") {
  const auto inputs = two_heads();
  DeviceLog log;
  auto runner = device_runner(log);
  const auto request = request_of(inputs, nullptr);
  const auto first = runner.run(request, {});
  const std::size_t with_inputs = log.bytes_in;
  CHECK(kernels::first_difference(inputs.problem, {}, first, runner.run(request, {})) == "");
  const std::size_t input_bytes = 2 * (inputs.q.size() + inputs.k.size() + inputs.v.size());
  CHECK(log.bytes_in == 2 * with_inputs - input_bytes);

  // Another tensor of the same shape is another copy.
  const auto others = test::gaussian(inputs.problem, 32);
  const auto other = runner.run(request_of(others, nullptr), {});
  CHECK(kernels::first_difference(inputs.problem, {}, other, test::run_cpu(others, nullptr)) == "");
  CHECK(log.bytes_in == 3 * with_inputs - input_bytes);
}

TEST_CASE("strides reach a device kernel unless rows lie far apart") {
  auto p = test::problem(130, 130);
  p.heads = p.kv_heads = 2;
  const auto inputs = test::gaussian(p, 13);
  // [B,rows,H,D] with a gap after every row that holds NaN.
  const std::int64_t gap = GENERATE(8, 1000);
  const std::int64_t width = p.head_dim + gap;
  const auto spread = [&](const std::vector<std::uint16_t>& from) {
    std::vector<std::uint16_t> to(static_cast<std::size_t>(p.q_len * 2 * width), 0x7E00);
    for (std::int64_t h = 0; h < 2; ++h) {
      for (std::int64_t r = 0; r < p.q_len; ++r) {
        std::copy_n(from.begin() + (h * p.q_len + r) * p.head_dim, p.head_dim,
                    to.begin() + (r * 2 + h) * width);
      }
    }
    return to;
  };
  const auto q = spread(inputs.q);
  const auto k = spread(inputs.k);
  const auto v = spread(inputs.v);
  auto request = request_of(inputs, nullptr);
  request.inputs.q.data = q.data();
  request.inputs.k.data = k.data();
  request.inputs.v.data = v.data();
  for (auto* view : {&request.inputs.q, &request.inputs.k, &request.inputs.v}) {
    view->stride = {0, width, 2 * width, 1};
  }
  static std::int64_t row_stride;
  DeviceLog log;
  auto runner = device_runner(log, [](bsfa_kernel& kernel) {
    kernel.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      row_stride = a->k.stride[2];
      return real_kernel().enqueue(plan, a, e, n);
    };
  });
  const auto result = runner.run(request, {});
  CHECK(row_stride == (gap == 8 ? 2 * width : p.head_dim));
  CHECK(kernels::first_difference(p, {}, test::run_cpu(inputs, nullptr), result) == "");
}

TEST_CASE("wherever device memory runs out, the kernel is named and nothing is leaked") {
  const auto inputs = two_heads();
  const auto thresholds = test::skipping(inputs, 0.5);
  const auto request = request_of(inputs, &thresholds);
  std::size_t failed = 0;
  for (bool more = true; more; ++failed) {
    DeviceLog log;
    log.fail_allocation = failed + 1;
    {
      auto runner = device_runner(log);
      try {
        runner.run(request, {});
        more = false;
      } catch (const core::DeviceError& error) {
        CHECK_THAT(error.what(),
                   Catch::StartsWith("fake.so:cpu: allocating ") && Catch::Contains("no more"));
      }
      // The same runner works once there is memory again.
      log.fail_allocation = 0;
      CHECK(runner.run(request, {}).faults.empty());
    }
    CHECK(log.live.empty());
  }
  // Three inputs, thresholds, workspace, four outputs, records and their count.
  CHECK(failed == 12);
}

TEST_CASE("a device that is lost while it computes ends the run with the kernel's name") {
  DeviceLog log;
  log.lost = true;
  {
    auto runner = device_runner(log);
    CHECK_THROWS_AS(runner.run(request_of(two_heads(), nullptr), {}), core::DeviceError);
    CHECK_THROWS_WITH(runner.run(request_of(two_heads(), nullptr), {}),
                      "fake.so:cpu: copying from the device: it is lost");
  }
  CHECK(log.live.empty());
}

TEST_CASE("a workspace lies at the alignment that the kernel asked for, full of NaN") {
  const auto alignment = GENERATE(as<std::uint64_t>{}, 0, 1, 16, 512, 65536);
  const bool on_device = GENERATE(true, false);
  static std::uint64_t asked;
  asked = alignment;
  const auto change = [](bsfa_kernel& k) {
    k.describe = [](const bsfa_plan* plan, bsfa_plan_info* info, char* e, std::size_t n) {
      const bsfa_status status = real_kernel().describe(plan, info, e, n);
      info->workspace_alignment = asked;
      return status;
    };
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      CHECK(reinterpret_cast<std::uintptr_t>(a->workspace) % std::max<std::uint64_t>(asked, 1) ==
            0);
      const auto* bytes = static_cast<const unsigned char*>(a->workspace);
      CHECK(std::all_of(bytes, bytes + a->workspace_bytes,
                        [](unsigned char byte) { return byte == 0xFF; }));
      return real_kernel().enqueue(plan, a, e, n);
    };
  };
  DeviceLog log;
  const auto request_inputs = two_heads();
  const auto request = request_of(request_inputs, nullptr);
  if (on_device) {
    CHECK(device_runner(log, change).run(request, {}).faults.empty());
  } else {
    CHECK(kernels::run(test::fake_kernel(change), request, {}).faults.empty());
  }
}
