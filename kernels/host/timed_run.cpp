// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/timed_run.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/random.h"
#include "core/tile_geometry.h"
#include "kernels/host/call.h"
#include "kernels/host/with_name.h"
#include "kernels/host/work_records.h"

namespace bsfa::kernels {
namespace {

constexpr std::uint8_t kNoCode = 0xEE;
constexpr const char* kLevelNames[] = {"none", "mask", "work", "warps"};

std::size_t rows_of(const core::Problem& p) {
  return static_cast<std::size_t>(p.batch * p.heads * p.q_len);
}

std::size_t output_bytes(const core::Problem& p) {
  return rows_of(p) * static_cast<std::size_t>(p.head_dim) * core::size_of(p.dtype);
}

std::size_t tiles_of(const core::Problem& p) {
  const core::TileGeometry geometry(p);
  return static_cast<std::size_t>(p.batch * p.heads * geometry.q_blocks() * geometry.k_blocks());
}

/// Once; later calls leave it as it is.
void* ensure(Buffer& buffer, Memory& memory, std::size_t bytes) {
  if (buffer.data() == nullptr) buffer = Buffer(memory, bytes);
  return buffer.data();
}

/// Bytes that no memory compresses or recognises.
std::vector<std::uint64_t> random_words(std::size_t count) {
  core::SplitMix64 random(0);
  std::vector<std::uint64_t> words(count);
  std::generate(words.begin(), words.end(), [&] { return random.next(); });
  return words;
}

}  // namespace

TimedProblem::TimedProblem(std::unique_ptr<Memory> memory, const core::Problem& problem,
                           const core::AttentionInputs& inputs, const core::RunControl& control)
    : memory_(std::move(memory)), control_(control), cancel_(control) {
  request_.problem = problem;
  request_.inputs = inputs;
  check_request(request_);
}

void TimedProblem::bind(bsfa_arguments& a, bool with_mask) {
  const core::Problem& p = request_.problem;
  const core::TileGeometry geometry(p);
  a.q = inputs_.q.place(*memory_, request_.inputs.q);
  a.k = inputs_.k.place(*memory_, request_.inputs.k);
  a.v = inputs_.v.place(*memory_, request_.inputs.v);
  a.o = {ensure(o_, *memory_, output_bytes(p)),
         {p.heads * p.q_len * p.head_dim, p.q_len * p.head_dim, p.head_dim, 1}};
  a.lse = {ensure(lse_, *memory_, rows_of(p) * sizeof(float)), {p.heads * p.q_len, p.q_len, 1, 0}};
  if (!with_mask) return;
  const std::int64_t tiles = geometry.q_blocks() * geometry.k_blocks();
  a.mask = {ensure(mask_, *memory_, tiles_of(p)), {p.heads * tiles, tiles, geometry.k_blocks(), 1}};
  a.tile_max = a.mask;
  a.tile_max.data = ensure(tile_max_, *memory_, tiles_of(p) * sizeof(float));
}

void TimedProblem::upload() {
  for (PlacedTensor* tensor : {&inputs_.q, &inputs_.k, &inputs_.v}) tensor->copy_again(*memory_);
}

void TimedProblem::flush_cache() {
  const std::size_t bytes = flush_bytes();
  if (bytes == 0) return;
  if (flush_to_.data() == nullptr) {
    const auto words = random_words(bytes / sizeof(std::uint64_t));
    flush_from_ = Buffer(*memory_, bytes);
    flush_to_ = Buffer(*memory_, bytes);
    memory_->copy_in(flush_from_.data(), words.data(), words.size() * sizeof(std::uint64_t));
  }
  memory_->copy_within(flush_to_.data(), flush_from_.data(), bytes);
}

TimedRun::TimedRun(Kernel kernel, TimedProblem& problem, const core::Thresholds* thresholds,
                   bsfa_instrumentation level, bool with_mask)
    : kernel_(std::move(kernel)), problem_(problem), level_(level) {
  if (thresholds != nullptr) thresholds_ = *thresholds;
  RunRequest request = problem.request_;
  request.thresholds = thresholds_ ? &*thresholds_ : nullptr;
  check_request(request);
  described_ = describe_problem(request, problem.control_, problem.memory_->device(), false);
  described_.instrumentation = level;
  if (level > kernel_.table->instrumentation) {
    throw core::UsageError(who(kernel_) + ": unsupported: no instrumentation level " +
                           kLevelNames[level]);
  }
  ErrorText text;
  const bsfa_status status = guarded(who(kernel_), "supports", [&] {
    return kernel_.table->supports(kernel_.table, &described_, text.data(), text.size());
  });
  throw_unless_ok(status, who(kernel_), "supports", text);
  with_name(kernel_, [&] {
    plan_ = std::make_unique<Plan>(kernel_, described_);
    const bsfa_plan_info info = plan_->describe();
    workspace_ = std::make_unique<Workspace>(info, *problem_.memory_);
    settings_ = std::make_unique<Settings>(request.thresholds, std::span<const bsfa_work_item>{},
                                           *problem_.memory_);
    place_arguments(info, with_mask && level >= BSFA_INSTRUMENT_MASK);
  });
}

void TimedRun::place_arguments(const bsfa_plan_info& info, bool with_mask) {
  arguments_.size = sizeof(arguments_);
  arguments_.version = BSFA_ABI_VERSION;
  problem_.bind(arguments_, with_mask);
  settings_->bind(arguments_);
  arguments_.workspace = workspace_->data();
  arguments_.workspace_bytes = info.workspace_bytes;
  arguments_.stream = problem_.memory_->stream();
  arguments_.cancel = problem_.cancel_.flag();
  if (level_ < BSFA_INSTRUMENT_WORK) return;
  if (info.max_records > kMostRecords) throw std::bad_alloc();
  records_ = Buffer(*problem_.memory_, info.max_records * sizeof(bsfa_work_record));
  record_count_ = Buffer(*problem_.memory_, sizeof(std::uint64_t));
  arguments_.records = static_cast<bsfa_work_record*>(records_.data());
  arguments_.record_capacity = info.max_records;
  arguments_.record_size = sizeof(bsfa_work_record);
  arguments_.record_count = static_cast<std::uint64_t*>(record_count_.data());
  problem_.memory_->fill(record_count_.data(), 0, sizeof(std::uint64_t));
}

/// False where the kernel does not give LSE; it is not asked for again.
bool TimedRun::enqueue() {
  ErrorText text;
  const bsfa_status status = plan_->enqueue(arguments_, text);
  if (status == BSFA_UNSUPPORTED && arguments_.lse.data != nullptr) {
    arguments_.lse.data = nullptr;
    return false;
  }
  throw_unless_ok(status, who(kernel_), "enqueue", text);
  return true;
}

double TimedRun::time(CacheState cache) {
  problem_.control_.throw_if_cancelled();
  return with_name(kernel_, [&] {
    bool ran = false;
    double ms = 0.0;
    while (!ran) {
      if (cache == CacheState::kFlushed) problem_.flush_cache();
      ms = problem_.memory_->time([&] { return ran = enqueue(); });
    }
    return ms;
  });
}

std::vector<core::WorkRecord> TimedRun::records() {
  if (record_count_.data() == nullptr) return {};
  std::uint64_t count = 0;
  std::vector<bsfa_work_record> told;
  with_name(kernel_, [&] {
    problem_.memory_->copy_out(&count, record_count_.data(), sizeof(count));
    told.resize(std::min(count, arguments_.record_capacity));
    records_lost_ = count - told.size();
    if (told.empty()) return;
    problem_.memory_->copy_out(told.data(), records_.data(),
                               told.size() * sizeof(bsfa_work_record));
  });
  std::vector<core::WorkRecord> records(told.size());
  std::transform(told.begin(), told.end(), records.begin(), work_record);
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  return records;
}

ComputedOutput TimedRun::download() {
  const core::Problem& p = problem_.request_.problem;
  ComputedOutput output;
  output.o.resize(output_bytes(p));
  if (arguments_.lse.data != nullptr) output.lse.resize(rows_of(p));
  with_name(kernel_, [&] {
    Memory& memory = *problem_.memory_;
    memory.copy_out(output.o.data(), arguments_.o.data, output.o.size());
    if (output.lse.empty()) return;
    memory.copy_out(output.lse.data(), arguments_.lse.data, output.lse.size() * sizeof(float));
  });
  return output;
}

GatingOutput TimedRun::gating() {
  GatingOutput output;
  output.mask.resize(tiles_of(problem_.request_.problem));
  output.tile_max.resize(output.mask.size());
  Memory& memory = *problem_.memory_;
  with_name(kernel_, [&] { memory.fill(arguments_.mask.data, kNoCode, output.mask.size()); });
  time();
  with_name(kernel_, [&] {
    memory.copy_out(output.mask.data(), arguments_.mask.data, output.mask.size());
    memory.copy_out(output.tile_max.data(), arguments_.tile_max.data,
                    output.tile_max.size() * sizeof(float));
  });
  const auto wrong = std::find_if(output.mask.begin(), output.mask.end(),
                                  [](std::uint8_t code) { return code > BSFA_TILE_DIAGONAL; });
  if (wrong != output.mask.end()) {
    throw core::PluginError(who(kernel_), "mask: tile " +
                                              std::to_string(wrong - output.mask.begin()) +
                                              " was not written, or with no code of the interface");
  }
  return output;
}

}  // namespace bsfa::kernels
