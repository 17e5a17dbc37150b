// SPDX-License-Identifier: Apache-2.0
#include "tests/traces/profiles.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "core/random.h"
#include "traces/src/fields.h"
#include "traces/writer.h"

namespace bsfa::traces::test {
namespace {

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

template <typename T>
bool same(const T& a, const T& b) {
  return a == b;
}
bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

template <typename Row>
bool same_rows(const std::vector<Row>& a, const std::vector<Row>& b) {
  bool equal = a.size() == b.size();
  for_each_column<Row>([&](const char*, auto member) {
    for (std::size_t i = 0; equal && i < a.size(); ++i) equal = same(a[i].*member, b[i].*member);
  });
  return equal;
}

bool same_times(const std::vector<LaunchTimes>& a, const std::vector<LaunchTimes>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.variant == y.variant && same_bits(x.times_ns, y.times_ns);
  });
}

bool same_samples(const std::optional<Samples>& a, const std::optional<Samples>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->interval_ns == b->interval_ns && a->start_ns == b->start_ns &&
         std::equal(a->series.begin(), a->series.end(), b->series.begin(), b->series.end(),
                    [](const auto& x, const auto& y) {
                      return x.metric == y.metric && same_bits(x.values, y.values);
                    });
}

}  // namespace

Profile formula_profile() {
  Profile p;
  p.facilities = {
      {"time", Facility::Status::kDone, "", "", 812.5, std::nullopt, 0},
      {"work", Facility::Status::kDone, "", "", 64.0, 0.25, 0},
      {"counters", Facility::Status::kDone, "", "", 96.0, 0.5, 0},
      {"samples", Facility::Status::kDone, "", "", 32.0, 0.0, 3},
      {"stalls", Facility::Status::kRefused, "cuptiX: größer", "ask root", 1.5, std::nullopt, 0}};
  p.multiprocessors = 132;
  p.compute_tile = {128, 64};
  p.tensor_per_qk = 512;
  p.tensor_per_pv = 256;
  p.times = {{"none", {1000.0, 1002.0, 1001.0}}, {"work", {1010.0}}, {"dense", {}}};
  const std::uint64_t start = 1'700'000'000'000'000'000;
  p.spans = {{SpanKind::kRange, "profile", start, start + 500, 0, 77, 0},
             {SpanKind::kRange, "time", start + 100, start + 400, 1, 77, 0},
             {SpanKind::kCopy, "copy to the device", start + 100, start + 150, 0, 7, 4096},
             {SpanKind::kKernel, "forward", start + 200, start + 300, 0, 7, 0},
             {SpanKind::kKernel, "forward", start + 300, start + 400, 0, 7, 0}};
  p.counters = {{"tensor", "inst_executed.sum", 4096.0},
                {"memory", "dram__bytes.sum", 1e9},
                {"memory", "hit_rate.pct", std::numeric_limits<double>::quiet_NaN()}};
  p.samples = Samples{20,
                      {0, 20, 40, 60},
                      {{"tensor.avg", {0, 0.5F, 1, 0.5F}}, {"dram.avg", {0, 0.25F, 0.5F, 0.75F}}}};
  p.stalls = {{"forward", "a.cu", 12, "  wait(barrier);", "long_scoreboard", 900},
              {"forward", "a.cu", 13, "  mma(a, b);", "math_pipe", 100},
              {"forward", "", 0, "", "selected", 5}};
  p.findings = "[{\"rule\":\"late-unit\"}]";
  return p;
}

Profile large_profile(std::uint64_t seed) {
  core::SplitMix64 random(seed);
  Profile p = formula_profile();
  p.facilities[0].refusal.assign(5000, 'x');
  p.facilities[0].refusal += "\nsecond \"line\"";
  p.facilities[0].dropped = kLast;
  p.multiprocessors = 0;
  p.compute_tile = {0, 0};
  p.tensor_per_qk = kLast >> 1U;
  for (auto& t : p.times) t.times_ns.assign(1000, static_cast<double>(random.below(1 << 20)));
  for (std::size_t i = 0; i < 70'000; ++i) {
    Span span = p.spans[i % 5];
    span.start_ns = p.spans.back().start_ns + random.below(100);
    span.end_ns = i % 7 == 0 ? kLast : span.start_ns - 1;
    span.name += std::to_string(random.below(300));
    p.spans.push_back(span);
  }
  for (std::size_t i = 0; i < 3000; ++i) p.stalls.push_back(p.stalls[i % 3]);
  p.samples->start_ns.resize(70'000);
  for (std::size_t i = 0; i < 70'000; ++i) p.samples->start_ns[i] = i * 20;
  for (auto& series : p.samples->series) {
    series.values.resize(70'000);
    for (float& value : series.values) {
      value = std::bit_cast<float>(static_cast<std::uint32_t>(random.next()));
    }
  }
  return p;
}

void write_profiled(const std::filesystem::path& path, const Profile& profile) {
  TraceWriter writer(path);
  writer.add(0, 0, formula_sequence());
  writer.add_profile(0, profile);
  writer.commit(sample_provenance(), {"{\"verdict\":\"pass\"}"});
}

std::string difference(const Profile& a, const Profile& b) {
  std::string names;
  const auto note = [&](bool equal, const std::string& name) {
    if (!equal) names += (names.empty() ? "" : ", ") + name;
  };
  note(same_rows(a.facilities, b.facilities), "facilities");
  note(a.multiprocessors == b.multiprocessors, "multiprocessors");
  note(a.compute_tile == b.compute_tile, "compute_tile");
  note(a.tensor_per_qk == b.tensor_per_qk, "tensor_per_qk");
  note(a.tensor_per_pv == b.tensor_per_pv, "tensor_per_pv");
  note(same_times(a.times, b.times), "times");
  note(same_rows(a.spans, b.spans), "spans");
  note(same_rows(a.counters, b.counters), "counters");
  note(same_samples(a.samples, b.samples), "samples");
  note(same_rows(a.stalls, b.stalls), "stalls");
  note(a.findings == b.findings, "findings");
  return names;
}

}  // namespace bsfa::traces::test
