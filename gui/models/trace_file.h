// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QString>
#include <QtCore/QStringList>

#include "gui/models/load_job.h"
#include "gui/models/tile_field.h"
#include "traces/profile.h"
#include "traces/reader.h"

namespace bsfa::gui {

/// One layer and batch entry of a trace.
struct SequenceKey {
  std::int64_t layer = 0, sequence = 0;
  friend auto operator<=>(const SequenceKey&, const SequenceKey&) = default;
};

/// One head of a trace.
struct HeadKey {
  SequenceKey sequence;
  std::int64_t head = 0;
  friend auto operator<=>(const HeadKey&, const HeadKey&) = default;
};

/// Which arrays of tiles of a head to read.
struct HeadParts {
  bool tile_max = true, tile_mass = true, tile_mass_max = true;
  bool mask_reference = true, mask_kernel = true;
};

/// One open trace: what is small is in memory, tiles of heads are read on demand.
///
/// A trace that is damaged opens with what is there, and notes() says what is missing. Work
/// records, profiles and curves of kept share are large and read when asked for.
///
/// Errors  no function throws; what cannot be read is absent, with a line that says why.
/// Threads immutable; any function from any thread.
class TraceFile {
 public:
  struct Result {
    std::shared_ptr<const TraceFile> file;  ///< null where it could not be opened
    QString error;                          ///< one line naming file and cause; empty if opened
  };
  /// Opens a file; null and no error where the job was cancelled.
  static Result open(const QString& path, const JobControl& control = {});

  const QString& path() const noexcept { return path_; }
  QString name() const;  ///< of the file, without its folder
  const traces::Provenance& provenance() const noexcept { return reader_->provenance(); }
  const std::string& report_json() const noexcept { return reader_->report().json; }
  /// Layer after layer, batch entry after batch entry; those that cannot be read at all are left
  /// out and noted.
  const std::vector<SequenceKey>& sequences() const noexcept { return keys_; }
  /// Problem, shape and figures of Q blocks, without tiles, curves and work records; null where
  /// there is no such sequence.
  const traces::Sequence* overview(SequenceKey key) const;
  /// Pyramid levels stored above level 0.
  int levels(SequenceKey key) const;
  /// Whether a sequence has arrays of tiles that a field is made of.
  bool has_tiles(SequenceKey key, Field field) const;
  /// What is missing or could not be read, one line each.
  const QStringList& notes() const noexcept { return notes_; }

  /// Arrays that could not be read are absent, `error` says of the first why. A null pointer: no
  /// such head, or cancelled.
  struct Head {
    std::shared_ptr<const HeadArrays> arrays;
    QString error;
  };
  Head read_head(HeadKey key, const JobControl& control = {}) const {
    return read_head(key, {}, control);
  }
  /// Only these arrays; the others are absent without an error.
  Head read_head(HeadKey key, const HeadParts& parts, const JobControl& control = {}) const;
  /// A head pooled to at most `side` tiles a side, from the stored levels where the field is
  /// stored, else from the arrays at level 0 that it is made of: margins and lost mass of a pool
  /// of tiles do not follow from pools of scores and masks. Fields that need arrays that are not
  /// there give one without values; `error` says which could not be read.
  std::optional<TileField> read_thumbnail(HeadKey key, Field field, std::int64_t side,
                                          QString* error = nullptr) const;
  /// Whether read_thumbnail() reads whole arrays of tiles.
  bool thumbnail_reads_tiles(SequenceKey key, Field field, std::int64_t side) const;
  /// All work records of a layer, by start: one launch computes all of its batch entries. Empty
  /// where there are none; `error` says why some could not be read.
  std::vector<core::WorkRecord> read_work(std::int64_t layer, QString* error = nullptr) const;
  std::optional<traces::Profile> read_profile(std::int64_t layer, QString* error = nullptr) const;
  /// The kernel's mask, the reference's where there is none.
  std::optional<std::vector<std::uint8_t>> read_mask(HeadKey key) const;
  /// curve_threshold and curve_mass of a sequence [heads, rows, 64] in an otherwise empty one.
  traces::Sequence read_curves(SequenceKey key) const;

 private:
  struct Entry {
    traces::Sequence overview;
    int levels = 0;
    std::array<bool, 3> tiles{};  ///< by traces::TileField
    std::array<bool, 2> masks{};  ///< by traces::MaskField
  };
  TraceFile(QString path, std::unique_ptr<traces::TraceReader> reader);
  void read_overviews(const JobControl& control);
  void read_overview(SequenceKey key);
  std::optional<TileField> read_level(HeadKey key, Field field, int level, QString* error) const;

  QString path_;
  std::unique_ptr<traces::TraceReader> reader_;
  std::vector<SequenceKey> keys_;
  std::map<SequenceKey, Entry> entries_;
  QStringList notes_;
};

}  // namespace bsfa::gui
