// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "traces/profile.h"
#include "traces/trace.h"

namespace bsfa::traces {

/// Writes a trace part by part under a temporary name; commit() renames it into place, the
/// destructor removes what was not committed.
///
/// Errors  throws core::OutputError (folder, permission, full disk, data that contradict
///         themselves); nothing is left behind.
/// Source  docs/trace-format.md.
class TraceWriter {
 public:
  explicit TraceWriter(const std::filesystem::path& path);
  ~TraceWriter();
  TraceWriter(TraceWriter&&) noexcept;
  TraceWriter& operator=(TraceWriter&&) noexcept;

  /// Adds /layers/{layer}/seq/{sequence} with its pyramid levels.
  void add(std::int64_t layer, std::int64_t sequence, const Sequence& data);
  /// Adds /layers/{layer}/profile; spans come out sorted by start.
  void add_profile(std::int64_t layer, Profile profile);
  void commit(const Provenance& provenance, const Report& report);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bsfa::traces
