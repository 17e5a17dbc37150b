// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <catch2/catch.hpp>

#include "gui/models/threshold_model.h"
#include "tests/gui_models/support.h"

namespace bsfa::gui::test {

inline HeadKey head(std::int64_t h, std::int64_t layer = 0) {
  return {{layer, 0}, h};
}

/// A model over a trace of two layers of three heads, with head 0 of layer 0 in view.
struct Desk {
  explicit Desk(bool curves = true, bool work = true, std::int64_t q_blocks = 40) {
    for (const std::uint64_t seed : {1U, 2U}) {
      auto s = sequence_of(problem_of(3, q_blocks, 2 * q_blocks), seed);
      if (curves) add_curves(s);
      if (work) s.work = records_of(s, 4);
      layers.push_back(std::move(s));
    }
    write_trace(folder / "t.h5", layers);
    file = TraceFile::open(folder / "t.h5").file;
    REQUIRE(file != nullptr);
    model.set_file(file);
    model.set_head(head(0), file->read_head(head(0)).arrays);
    REQUIRE(wait_until([&] { return !model.pending(); }));
  }
  void settle() {
    model.effect(ThresholdScope::kAll, head(0));
    REQUIRE(wait_until([&] { return !model.pending(); }));
  }

  Folder folder;
  std::vector<traces::Sequence> layers;
  std::shared_ptr<const TraceFile> file;
  ThresholdModel model;
};

}  // namespace bsfa::gui::test
