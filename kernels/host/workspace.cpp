// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/workspace.h"

#include <algorithm>
#include <array>
#include <new>

namespace bsfa::kernels {
namespace {

constexpr std::size_t kBand = 4096;
constexpr std::size_t kMost = std::size_t{1} << 62;
constexpr unsigned char kPoison = 0xFF;

}  // namespace

Workspace::Workspace(const bsfa_plan_info& info, Memory& memory)
    : memory_(memory), bytes_(info.workspace_bytes) {
  if (bytes_ == 0) return;
  if (bytes_ > kMost) throw std::bad_alloc();
  const auto alignment = static_cast<std::size_t>(info.workspace_alignment);
  buffer_ = Buffer(memory_, bytes_ + kBand, alignment);
  memory_.fill(buffer_.data(), kPoison, bytes_ + kBand);
}

bool Workspace::overrun() const {
  if (bytes_ == 0) return false;
  std::array<unsigned char, kBand> band{};
  memory_.copy_out(band.data(), static_cast<unsigned char*>(buffer_.data()) + bytes_, kBand);
  return std::any_of(band.begin(), band.end(), [](unsigned char byte) { return byte != kPoison; });
}

}  // namespace bsfa::kernels
