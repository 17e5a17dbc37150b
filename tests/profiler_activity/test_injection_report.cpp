// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "profiler/host/injection_report.h"
#include "profiler/host/kernel_table.h"

using namespace bsfa;
using profiler::InjectionReport;
using profiler::KernelTable;
using profiler::LaunchShape;

namespace {

InjectionReport example() {
  InjectionReport report;
  report.process = 1234;
  report.command = "python model.py";
  report.cupti = "/usr/lib/libcupti.so.13";
  report.dropped = 3;
  report.refusals = {{"activity", "cuptiX: REFUSED", "do something"}};
  report.counters = {
      {"fmha", {132, 1, 1}, {384, 1, 1}, 14, {{"a.sum", 1.5}, {"b.sum", NAN}}, {"c"}}};
  KernelTable table;
  const LaunchShape shape{{132, 1, 1}, {384, 1, 1}, 1024, 200000, 168};
  for (std::uint64_t ns : {100UL, 300UL, 200UL})
    table.add("_Z9fmha_coreI3int", shape, 1000, 1000 + ns, 0, 7);
  table.add("vector_add", {}, 5000, 5010, 0, 7);
  table.write_to(report);
  return report;
}

}  // namespace

TEST_CASE("kernels that compute attention are known by their names") {
  for (const char* name :
       {"void pytorch_flash::flash_fwd_kernel<...>", "fmha_cutlassF_f16_aligned_64x64_rf_sm80",
        "cudnn_generated_fort_native_sdpa_sm90_flash_fprop", "BatchedAttention",
        "void bsfa::kernels::cuda::forward<...>", "_attn_fwd", "cudnn::sdp_fprop"}) {
    CAPTURE(name);
    CHECK(profiler::is_attention_like(name));
  }
  for (const char* name : {"ampere_fp16_s16816gemm", "vectorized_elementwise_kernel", "sdp_router",
                           "cudnn_convolution", ""}) {
    CAPTURE(name);
    CHECK(!profiler::is_attention_like(name));
  }
}

TEST_CASE("launches alike are counted together, and the kernel with the most time comes first") {
  KernelTable table;
  const LaunchShape small{{1, 1, 1}, {64, 1, 1}, 0, 0, 32}, large{{9, 1, 1}, {64, 1, 1}, 0, 0, 32};
  table.add("copy", small, 100, 110, 0, 1);
  for (std::uint64_t ns : {40UL, 10UL, 30UL, 20UL})
    table.add("attention", small, 1000 + ns, 1000 + 2 * ns, 1, 2);
  table.add("attention", large, 500, 600, 1, 2);
  InjectionReport report;
  table.write_to(report);
  REQUIRE(report.kernels.size() == 3);
  CHECK(report.kernels[0].launches + report.kernels[1].launches == 5);
  CHECK(report.kernels[2].name == "copy");
  CHECK(!report.kernels[2].attention_like);
  const auto& four = report.kernels[0].launches == 4 ? report.kernels[0] : report.kernels[1];
  CHECK(four.total_ns == 100);
  CHECK(four.median_ns == 20);
  CHECK(four.least_ns == 10);
  CHECK(four.most_ns == 40);
  REQUIRE(report.timeline.size() == 5);
  CHECK(report.timeline.front().start_ns == 500);
  CHECK(report.kernels[report.timeline.front().kernel].shape == large);
  CHECK(report.timeline_omitted == 0);
}

TEST_CASE("a timeline is bounded, and says what it left out") {
  KernelTable table;
  for (std::uint64_t i = 0; i < KernelTable::kMostLaunches + 5; ++i) {
    table.add("flash", {}, i, i + 10, 0, 0);
  }
  InjectionReport report;
  table.write_to(report);
  CHECK(report.timeline.size() == KernelTable::kMostLaunches);
  CHECK(report.timeline_omitted == 5);
  CHECK(report.kernels.front().launches == KernelTable::kMostLaunches + 5);
}

TEST_CASE("a report reads back as it was written") {
  const auto report = example();
  const auto text = profiler::to_json(report);
  const auto back = profiler::parse_injection_report(text, "r.json");
  CHECK(profiler::to_json(back) == text);
  CHECK(back.command == "python model.py");
  REQUIRE(back.kernels.size() == 2);
  CHECK(back.kernels[0].median_ns == 200);
  CHECK(back.kernels[0].shape.dynamic_shared_bytes == 200000);
  CHECK(back.timeline.size() == 3);
  REQUIRE(back.counters.size() == 1);
  CHECK(back.counters[0].values[0] == std::pair<std::string, double>("a.sum", 1.5));
  CHECK(std::isnan(back.counters[0].values[1].second));
  CHECK(back.refusals.front().words == "cuptiX: REFUSED");
}

TEST_CASE("names that are not UTF-8 are written all the same") {
  InjectionReport report;
  report.command = "bad \xff\xfe name";
  CHECK_NOTHROW(profiler::parse_injection_report(profiler::to_json(report), "r.json"));
}

TEST_CASE("what is no report is refused by name, wherever it is broken") {
  const auto whole = profiler::to_json(example());
  const auto refuse = [](const std::string& text) {
    CAPTURE(text);
    CHECK_THROWS_AS(profiler::parse_injection_report(text, "r.json"), core::InputError);
  };
  for (std::size_t length = 0; length < whole.size(); length += 7) refuse(whole.substr(0, length));
  refuse("null");
  refuse("[]");
  const auto fields = nlohmann::json::parse(whole);
  for (const auto& [key, value] : fields.items()) {
    auto without = fields;
    without.erase(key);
    refuse(without.dump());
    auto other = fields;
    other[key] = value.is_string() ? nlohmann::json(7) : nlohmann::json("text");
    refuse(other.dump());
  }
  auto astray = fields;
  astray["timeline"][0]["kernel"] = 2;
  refuse(astray.dump());
}
