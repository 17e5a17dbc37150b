// SPDX-License-Identifier: Apache-2.0
#include "cli/support/format.h"

#include <cmath>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/dtype.h"

namespace bsfa::cli {

std::string percent(std::optional<double> share, int digits) {
  if (!share) return "-";
  if (!std::isfinite(*share)) return figure(*share);
  return fmt::format("{:.{}f} %", 100.0 * *share, digits);
}

std::string relative_change(std::optional<double> share) {
  return share && std::isfinite(*share) ? fmt::format("{:+.1f} %", 100.0 * *share) : "-";
}

std::string excerpt(const std::string& line) {
  constexpr std::size_t kMost = 60;
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  std::string text = line.substr(begin);
  if (text.size() <= kMost) return text;
  std::size_t end = kMost - 3;
  // Not in the middle of a character, whose further bytes are 10xxxxxx.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string mass(double share) {
  if (share < 1.0 && share > 0.9999) return fmt::format("{:.5f} %", 100.0 * share);
  return percent(share);
}

std::string figure(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0.0 ? "inf" : "-inf";
  if (value == 0.0) return "0";
  const double size = std::abs(value);
  if (size < 1e-3 || size >= 1e4) return fmt::format("{:.2e}", value);
  const int decimals = 2 - static_cast<int>(std::floor(std::log10(size)));
  return fmt::format("{:.{}f}", value, decimals > 0 ? decimals : 0);
}

std::string duration(double seconds) {
  if (seconds < 0.01) return fmt::format("{:.2f} ms", 1e3 * seconds);
  if (seconds < 1.0) return fmt::format("{:.0f} ms", 1e3 * seconds);
  if (seconds < 60.0) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string bytes(std::uint64_t count) {
  constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  if (count < 1024) return fmt::format("{} bytes", count);
  double value = static_cast<double>(count);
  std::size_t unit = 0;
  for (; value >= 1024.0 && unit + 1 < std::size(kUnits); ++unit) value /= 1024.0;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string count(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::ptrdiff_t first = value < 0 ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ' ');
  }
  return digits;
}

std::string quantity(double value) {
  constexpr double kExact = 0x1p53;
  const bool whole = std::abs(value) < kExact && value == std::floor(value);
  return whole ? count(static_cast<std::int64_t>(value)) : figure(value);
}

std::string describe(const core::GateShape& gate) {
  return fmt::format("{}x{}", gate.q_block, gate.k_block);
}

std::string describe(const core::Problem& p) {
  return fmt::format("B {}  H {}  Hkv {}  M {}  N {}  D {}  {}  {}  scale {:.6g}  gate {}", p.batch,
                     p.heads, p.kv_heads, p.q_len, p.kv_len, p.head_dim, core::name_of(p.dtype),
                     p.causal ? "causal" : "not causal", p.scale, describe(p.gate));
}

std::string describe(const core::WorkItem& item, const core::Problem& problem) {
  const std::string place = fmt::format("head {}, Q block {}", item.head, item.q_block);
  return problem.batch > 1 ? fmt::format("batch {}, {}", item.batch, place) : place;
}

std::string utc_now() {
  return fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace bsfa::cli
