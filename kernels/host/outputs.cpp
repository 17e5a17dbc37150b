// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/outputs.h"

#include <bit>
#include <cstring>
#include <utility>

#include "kernels/host/work_records.h"

namespace bsfa::kernels {
namespace {

// NaN whose payload no arithmetic gives: neither the canonical one of a processor nor what a NaN of
// a narrower type becomes. The half pattern is a NaN of fp16 and of bf16.
constexpr std::uint16_t kHalfPoison = 0x7FDB;
constexpr std::uint32_t kFloatPoison = 0x7FD5C3A1;
constexpr std::uint8_t kBytePoison = 0xEE;
constexpr std::uint64_t kCountPoison = 0xEEEEEEEEEEEEEEEE;

std::size_t rows_of(const core::Problem& p) {
  return static_cast<std::size_t>(p.batch * p.heads * p.q_len);
}

std::size_t tiles_of(const core::Problem& p, const core::TileGeometry& geometry) {
  return static_cast<std::size_t>(p.batch * p.heads * geometry.q_blocks() * geometry.k_blocks());
}

/// Index of an item's first row or tile in an output of `per_head` of them a head.
std::size_t base_of(const core::Problem& p, const core::WorkItem& item, std::int64_t per_head) {
  return static_cast<std::size_t>((item.batch * p.heads + item.head) * per_head);
}

std::string place_of(const core::WorkItem& item) {
  return "batch " + std::to_string(item.batch) + ", head " + std::to_string(item.head);
}

/// Counts what was left unwritten in one output and remembers where the first was.
class Unwritten {
 public:
  Unwritten(const char* output, const char* unit) : output_(output), unit_(unit) {}
  void add(const core::WorkItem& item, std::int64_t index) {
    if (count_++ == 0) first_ = place_of(item) + ", " + unit_ + " " + std::to_string(index);
  }
  void report(std::vector<ContractFault>& faults) const {
    if (count_ == 0) return;
    faults.push_back({ContractFault::Kind::kUnwritten,
                      std::string(output_) + ": " + std::to_string(count_) + " " + unit_ +
                          (count_ == 1 ? "" : "s") + " never written, first: " + first_});
  }

 private:
  const char* output_;
  const char* unit_;
  std::int64_t count_ = 0;
  std::string first_;
};

template <typename T>
void report_fences(const Fenced<T>& buffer, const char* output,
                   std::vector<ContractFault>& faults) {
  const std::ptrdiff_t at = buffer.first_write_outside();
  if (at == 0) return;
  const auto count = static_cast<std::ptrdiff_t>(buffer.values().size());
  const std::string where = at < 0 ? std::to_string(-at) + " elements before its start"
                                   : std::to_string(at - count) + " elements past its end";
  faults.push_back({ContractFault::Kind::kWroteOutside,
                    std::string(output) + ": written outside the buffer, " + where});
}

}  // namespace

Outputs::Outputs(const core::Problem& problem, const WantedOutputs& wanted, Memory& memory)
    : problem_(problem),
      geometry_(problem),
      o_(rows_of(problem) * static_cast<std::size_t>(problem.head_dim), kHalfPoison, memory),
      lse_(wanted.lse ? rows_of(problem) : 0, std::bit_cast<float>(kFloatPoison), memory),
      mask_(wanted.mask ? tiles_of(problem, geometry_) : 0, kBytePoison, memory),
      tile_max_(wanted.mask ? tiles_of(problem, geometry_) : 0, std::bit_cast<float>(kFloatPoison),
                memory),
      records_(wanted.records * sizeof(bsfa_work_record), 0, memory),
      record_count_(wanted.records > 0 ? 1 : 0, kCountPoison, memory) {}

void Outputs::bind(bsfa_arguments& arguments) {
  const auto& p = problem_;
  const std::int64_t q_blocks = geometry_.q_blocks();
  const std::int64_t k_blocks = geometry_.k_blocks();
  const bsfa_tensor tiles = {nullptr,
                             {p.heads * q_blocks * k_blocks, q_blocks * k_blocks, k_blocks, 1}};
  arguments.o = {o_.data(), {p.heads * p.q_len * p.head_dim, p.q_len * p.head_dim, p.head_dim, 1}};
  arguments.lse = {lse_.data(), {p.heads * p.q_len, p.q_len, 1, 0}};
  arguments.mask = tiles;
  arguments.mask.data = mask_.data();
  arguments.tile_max = tiles;
  arguments.tile_max.data = tile_max_.data();
  arguments.records = reinterpret_cast<bsfa_work_record*>(records_.data());
  arguments.record_capacity = records_.values().size() / sizeof(bsfa_work_record);
  arguments.record_size = sizeof(bsfa_work_record);
  arguments.record_count = record_count_.data();
}

void Outputs::fetch() {
  o_.fetch();
  lse_.fetch();
  mask_.fetch();
  tile_max_.fetch();
  records_.fetch();
  record_count_.fetch();
}

std::uint64_t Outputs::record_count() const noexcept {
  return record_count_.values().empty() || !record_count_.written(0) ? 0
                                                                     : record_count_.values()[0];
}

std::vector<ContractFault> Outputs::faults(std::span<const core::WorkItem> items) const {
  Unwritten o("o", "row");
  Unwritten lse("lse", "row");
  Unwritten mask("mask", "tile");
  Unwritten tile_max("tile_max", "tile");
  const auto d = static_cast<std::size_t>(problem_.head_dim);
  for (const core::WorkItem& item : items) {
    const core::Range rows = geometry_.q_rows(item.q_block);
    const std::size_t head_row = base_of(problem_, item, problem_.q_len);
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const std::size_t index = head_row + static_cast<std::size_t>(row);
      if (!o_.any_written(index * d, d)) o.add(item, row);
      if (!lse_.values().empty() && !lse_.written(index)) lse.add(item, row);
    }
    if (mask_.values().empty()) continue;
    const std::size_t first_tile =
        (base_of(problem_, item, geometry_.q_blocks()) + static_cast<std::size_t>(item.q_block)) *
        static_cast<std::size_t>(geometry_.k_blocks());
    for (std::int64_t n = 0; n < geometry_.k_blocks(); ++n) {
      const std::size_t index = first_tile + static_cast<std::size_t>(n);
      const std::int64_t tile = item.q_block * geometry_.k_blocks() + n;
      if (!mask_.written(index)) mask.add(item, tile);
      if (!tile_max_.written(index)) tile_max.add(item, tile);
    }
  }
  std::vector<ContractFault> faults;
  report_fences(o_, "o", faults);
  report_fences(lse_, "lse", faults);
  report_fences(mask_, "mask", faults);
  report_fences(tile_max_, "tile_max", faults);
  report_fences(records_, "records", faults);
  report_fences(record_count_, "record_count", faults);
  if (!record_count_.values().empty() && !record_count_.written(0)) {
    faults.push_back({ContractFault::Kind::kUnwritten, "record_count: never written"});
  }
  for (const Unwritten* found : {&o, &lse, &mask, &tile_max}) found->report(faults);
  return faults;
}

void Outputs::release_into(RunResult& result, std::uint64_t records) && {
  result.records.reserve(records);
  for (std::uint64_t i = 0; i < records; ++i) {
    bsfa_work_record from;
    std::memcpy(&from, records_.values().data() + i * sizeof(from), sizeof(from));
    result.records.push_back(work_record(from));
  }
  result.o = std::move(o_).release();
  result.lse = std::move(lse_).release();
  result.mask = std::move(mask_).release();
  result.tile_max = std::move(tile_max_).release();
}

}  // namespace bsfa::kernels
