// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/reader.h"
#include "traces/src/dataset_reader.h"
#include "traces/trace.h"

namespace bsfa::traces {

/// One /layers/L/seq/S of an open file. The constructor reads its attributes and index; every
/// other function opens the datasets that it needs.
///
/// Errors  throws Fault.
class SequenceReader {
 public:
  SequenceReader(hid_t file, std::int64_t layer, std::int64_t sequence, FileContext& context);

  const TileShape& shape() const noexcept { return frame_.shape; }
  int levels() const noexcept { return levels_; }

  Sequence overview() const;
  /// What cannot be read is absent and named; throws nothing for it.
  Sequence part(SequencePart part, std::vector<std::string>& faults) const;
  bool has(const std::string& name) const;
  Sequence read_all() const;

  /// One head of a per-tile array at a level, 0 being the data; nullopt where it is not there.
  template <typename T>
  std::optional<std::vector<T>> plane(const std::string& name, std::int64_t head, int level) const;
  /// Rows and columns of a level.
  TileShape shape_of(int level) const noexcept;

 private:
  void read_problem();
  void count_levels();
  Handle open_level(int level) const;
  void read_work(Sequence& out) const;
  template <typename T>
  std::optional<std::vector<T>> array(const std::string& name, const Layout& layout) const;

  std::string path_;
  FileContext& context_;
  Handle group_;
  Sequence frame_;  ///< problem, shape and index only
  int levels_ = 0;
};

}  // namespace bsfa::traces
