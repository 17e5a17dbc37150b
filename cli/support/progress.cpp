// SPDX-License-Identifier: Apache-2.0
#include "cli/support/progress.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/support/format.h"

namespace bsfa::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr int kBarWidth = 30;

/// A program that shows our progress in its own way reads it from a pipe.
bool is_asked_for() {
  const char* when = std::getenv("BSFA_PROGRESS");
  return when != nullptr && std::string_view(when) == "always";
}

double seconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace

std::string progress_line(const std::string& label, std::int64_t done, std::int64_t total,
                          double elapsed_s) {
  const double share =
      total > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0)
                : 0.0;
  const int filled = static_cast<int>(share * kBarWidth);
  std::string line = fmt::format(
      "{:<22} [{}{}] {:3.0f} %", label, std::string(static_cast<std::size_t>(filled), '#'),
      std::string(static_cast<std::size_t>(kBarWidth - filled), '.'), 100.0 * share);
  if (share > 0.0 && share < 1.0) {
    line += fmt::format("  {} left", duration(elapsed_s * (1.0 - share) / share));
  }
  return line;
}

Progress::Progress(std::string label)
    : label_(std::move(label)),
      visible_(::isatty(STDERR_FILENO) == 1 || is_asked_for()),
      start_(Clock::now()),
      last_(start_) {
  if (visible_) std::fprintf(stderr, "%s ...", label_.c_str());
}

Progress::~Progress() {
  if (visible_) std::fputs("\r\033[K", stderr);
}

void Progress::update(std::int64_t done, std::int64_t total) {
  if (!visible_) return;
  const auto now = Clock::now();
  if (now - last_ < kRedraw) return;
  last_ = now;
  const std::string line = progress_line(label_, done, total, seconds(now - start_));
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
}

core::RunControl Progress::watch(core::RunControl control) {
  control.on_progress = [this](std::int64_t done, std::int64_t total) { update(done, total); };
  return control;
}

}  // namespace bsfa::cli
