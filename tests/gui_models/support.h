// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <QtCore/QString>

#include "gui/models/tile_field.h"
#include "traces/trace.h"

namespace bsfa::gui::test {

/// A folder of its own that goes away with the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  QString operator/(const char* name) const {
    return QString::fromStdString((path_ / name).string());
  }

 private:
  std::filesystem::path path_;
};

/// A causal problem whose heads have so many tiles.
core::Problem problem_of(std::int64_t heads, std::int64_t q_blocks, std::int64_t k_blocks);

/// All arrays of all heads, as a run of `compare` would give them: seeded normal scores, masses
/// that sum to one in every row, masks of a threshold that keeps about a third.
traces::Sequence sequence_of(const core::Problem& problem, std::uint64_t seed);

/// Adds the curves of kept share that `compare` stores.
void add_curves(traces::Sequence& sequence);

/// Work records for every checked item of a sequence on so many units, one after another.
std::vector<core::WorkRecord> records_of(const traces::Sequence& sequence, std::uint32_t units);

/// The arrays of one head of a sequence.
HeadArrays head_of(const traces::Sequence& sequence, std::int64_t head);

/// Writes a trace with these sequences as layer 0, 1, ...
void write_trace(const QString& path, const std::vector<traces::Sequence>& layers,
                 const std::string& report = "{}", const std::string& command_line = "");

/// Handles events until `done` holds; false if that takes longer than so many milliseconds.
bool wait_until(const std::function<bool()>& done, int timeout_ms = 20000);

/// The shortest time of a few calls in milliseconds: what they take when nothing else runs.
double best_ms(const std::function<void()>& call, int calls = 7);

}  // namespace bsfa::gui::test
