// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/request.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/error.h"

namespace bsfa::kernels {
namespace {

void check_inputs(const core::Problem& p, const core::AttentionInputs& inputs) {
  const std::array<std::int64_t, 4> q{p.batch, p.heads, p.q_len, p.head_dim};
  const std::array<std::int64_t, 4> kv{p.batch, p.kv_heads, p.kv_len, p.head_dim};
  const auto check = [&](const core::TensorView& tensor, const auto& shape, const char* name) {
    if (tensor.data == nullptr || tensor.dtype != p.dtype || tensor.shape != shape ||
        tensor.stride[3] != 1) {
      throw core::InvalidProblem(std::string(name) +
                                 " does not have the problem's dtype and shape, D contiguous");
    }
  };
  check(inputs.q, q, "q");
  check(inputs.k, kv, "k");
  check(inputs.v, kv, "v");
}

}  // namespace

void check_request(const RunRequest& request) {
  core::validate(request.problem);
  check_inputs(request.problem, request.inputs);
  if (request.thresholds != nullptr) core::validate(*request.thresholds, request.problem);
}

bsfa_problem describe_problem(const RunRequest& request, const core::RunControl& control,
                              int device, bool with_items) {
  const core::Problem& from = request.problem;
  const auto dtype = static_cast<std::uint32_t>(
      from.dtype == core::Dtype::kFloat16 ? BSFA_FLOAT16 : BSFA_BFLOAT16);
  bsfa_problem p{};
  p.size = sizeof(p);
  p.version = BSFA_ABI_VERSION;
  p.operation = BSFA_FORWARD;
  p.causal = from.causal ? 1 : 0;
  p.batch = from.batch;
  p.heads = from.heads;
  p.kv_heads = from.kv_heads;
  p.q_len = from.q_len;
  p.kv_len = from.kv_len;
  p.head_dim = from.head_dim;
  p.dtype_q = p.dtype_k = p.dtype_v = p.dtype_o = dtype;
  p.scale = from.scale;
  p.gate_kind = request.thresholds != nullptr ? BSFA_GATE_ABSOLUTE : BSFA_GATE_OFF;
  p.gate_q_block = static_cast<std::int32_t>(from.gate.q_block);
  p.gate_k_block = static_cast<std::int32_t>(from.gate.k_block);
  p.device = device;
  p.max_workers = std::max(control.threads, 0);
  p.max_work_items = with_items ? static_cast<std::int64_t>(request.items.size()) : 0;
  return p;
}

std::vector<bsfa_work_item> item_list(std::span<const core::WorkItem> items) {
  std::vector<bsfa_work_item> list;
  list.reserve(items.size());
  for (const core::WorkItem& item : items) {
    list.push_back({static_cast<std::int32_t>(item.batch), static_cast<std::int32_t>(item.head),
                    static_cast<std::int32_t>(item.q_block), 0, 0});
  }
  return list;
}

Settings::Settings(const core::Thresholds* table, std::span<const bsfa_work_item> list,
                   Memory& memory)
    : items_(memory, list.data(), list.size() * sizeof(bsfa_work_item)), count_(list.size()) {
  if (table == nullptr) return;
  thresholds_ = Readable(memory, table->tau.data(), table->tau.size() * sizeof(float));
  blocks_ = table->blocks;
}

void Settings::bind(bsfa_arguments& a) const {
  if (blocks_ > 0) a.thresholds = {thresholds_.data(), {0, blocks_, 1, 0}};
  a.threshold_blocks = blocks_;
  if (count_ == 0) return;
  a.work_items = static_cast<const bsfa_work_item*>(items_.data());
  a.work_item_count = static_cast<std::int64_t>(count_);
  a.work_item_size = sizeof(bsfa_work_item);
}

}  // namespace bsfa::kernels
