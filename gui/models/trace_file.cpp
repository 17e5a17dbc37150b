// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/trace_file.h"

#include <algorithm>
#include <exception>

#include <QtCore/QFileInfo>

namespace bsfa::gui {
namespace {

/// Calls f and returns what it returns; a failure is a line in `error`, the first one.
template <typename F>
auto attempt(F f, QString* error) -> decltype(f()) {
  try {
    return f();
  } catch (const std::exception& failure) {
    if (error != nullptr && error->isEmpty()) *error = QString::fromUtf8(failure.what());
    return {};
  }
}

QString place_of(SequenceKey key) {
  return QStringLiteral("layer %1, sequence %2").arg(key.layer).arg(key.sequence);
}

struct NamedTiles {
  const char* name;
  std::size_t field;
};
constexpr std::array kTileNames{NamedTiles{"tile_max", 0}, NamedTiles{"tile_mass", 1},
                                NamedTiles{"tile_mass_max", 2}};
constexpr std::array kMaskNames{NamedTiles{"mask_reference", 0}, NamedTiles{"mask_kernel", 1}};

bool is_stored(Field field) {
  return field == Field::kTileMax || field == Field::kTileMass || field == Field::kReferenceMask ||
         field == Field::kKernelMask;
}

/// The arrays that a field and its classes are made of.
HeadParts parts_of(Field field, bool has_kernel_mask) {
  HeadParts parts;
  parts.tile_mass = field == Field::kTileMass || field == Field::kLostMass;
  parts.tile_mass_max = false;
  parts.mask_kernel = field != Field::kReferenceMask;
  parts.mask_reference =
      field == Field::kReferenceMask || field == Field::kDisagreement || !has_kernel_mask;
  return parts;
}

/// The first level whose sides are at most `side`, that of level `levels` at most.
int level_within(const traces::TileShape& shape, int levels, std::int64_t side) {
  std::int64_t longest = std::max(shape.rows, shape.k_blocks);
  int level = 0;
  for (; level < levels && longest > side; ++level) longest = (longest + 1) / 2;
  return level;
}

}  // namespace

TraceFile::TraceFile(QString path, std::unique_ptr<traces::TraceReader> reader)
    : path_(std::move(path)), reader_(std::move(reader)) {}

TraceFile::Result TraceFile::open(const QString& path, const JobControl& control) {
  Result result;
  try {
    auto reader = std::make_unique<traces::TraceReader>(path.toStdString());
    std::shared_ptr<TraceFile> file(new TraceFile(path, std::move(reader)));
    file->read_overviews(control);
    if (!control.cancelled()) result.file = std::move(file);
  } catch (const std::exception& error) {
    result.error = QString::fromUtf8(error.what());
  }
  return result;
}

void TraceFile::read_overviews(const JobControl& control) {
  std::vector<SequenceKey> wanted;
  for (const std::int64_t layer : reader_->layers()) {
    for (const std::int64_t sequence : reader_->sequences(layer))
      wanted.push_back({layer, sequence});
  }
  if (wanted.empty()) notes_ << QStringLiteral("the trace holds no layer");
  for (std::size_t i = 0; i < wanted.size() && !control.cancelled(); ++i) {
    QString error;
    attempt([&] { return read_overview(wanted[i]), true; }, &error);
    if (!error.isEmpty())
      notes_ << QStringLiteral("%1 is left out: %2").arg(place_of(wanted[i]), error);
    control.report(static_cast<double>(i + 1) / static_cast<double>(wanted.size()));
  }
}

void TraceFile::read_overview(SequenceKey key) {
  using traces::SequencePart;
  Entry entry;
  std::vector<std::string> faults;
  entry.overview = reader_->part(key.layer, key.sequence, SequencePart::kFigures, faults);
  entry.levels = reader_->levels(key.layer, key.sequence);
  QStringList missing;
  for (const auto& [name, field] : kTileNames) {
    entry.tiles[field] =
        reader_->has(key.layer, key.sequence, static_cast<traces::TileField>(field));
    if (!entry.tiles[field]) missing << QString::fromLatin1(name);
  }
  for (const auto& [name, field] : kMaskNames) {
    entry.masks[field] =
        reader_->has(key.layer, key.sequence, static_cast<traces::MaskField>(field));
    if (!entry.masks[field]) missing << QString::fromLatin1(name);
  }
  const traces::Sequence& s = entry.overview;
  const auto expect = [&](const char* name, bool there) {
    if (!there) missing << QString::fromLatin1(name);
  };
  expect("threshold", s.threshold.has_value());
  expect("error_arithmetic", s.error_arithmetic.has_value());
  expect("error_method", s.error_method.has_value());
  expect("gating_violations", s.gating_violations.has_value());
  expect("retained_mass", s.retained_mass.has_value());
  if (!missing.isEmpty())
    notes_ << QStringLiteral("%1 has no %2").arg(place_of(key), missing.join(QStringLiteral(", ")));
  for (const auto& fault : faults) notes_ << QString::fromStdString(fault);
  if (s.shape.rows == 0) notes_ << QStringLiteral("%1 holds no Q block").arg(place_of(key));
  entries_.emplace(key, std::move(entry));
  keys_.push_back(key);
}

QString TraceFile::name() const {
  return QFileInfo(path_).fileName();
}

const traces::Sequence* TraceFile::overview(SequenceKey key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.overview;
}

int TraceFile::levels(SequenceKey key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? 0 : found->second.levels;
}

bool TraceFile::has_tiles(SequenceKey key, Field field) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  const Entry& entry = found->second;
  const bool scores = entry.tiles[0], mass = entry.tiles[1];
  const bool reference = entry.masks[0], kernel = entry.masks[1];
  switch (field) {
    case Field::kTileMax:
      return scores;
    case Field::kMargin:
      return scores && entry.overview.threshold;
    case Field::kTileMass:
      return mass;
    case Field::kLostMass:
      return mass && (reference || kernel);
    case Field::kReferenceMask:
      return reference;
    case Field::kKernelMask:
      return kernel;
    case Field::kDisagreement:
      return reference && kernel;
  }
  return false;
}

TraceFile::Head TraceFile::read_head(HeadKey key, const HeadParts& parts,
                                     const JobControl& control) const {
  const auto found = entries_.find(key.sequence);
  if (found == entries_.end()) return {nullptr, QStringLiteral("%1: no such sequence").arg(name())};
  const traces::Sequence& overview = found->second.overview;
  const auto [layer, sequence] = key.sequence;
  if (key.head < 0 || key.head >= overview.shape.heads)
    return {nullptr, QStringLiteral("%1: no head %2").arg(name()).arg(key.head)};
  Head head;
  auto arrays = std::make_shared<HeadArrays>();
  arrays->problem = overview.problem;
  arrays->q_blocks = overview.q_blocks;
  arrays->k_blocks = overview.shape.k_blocks;
  const auto rows = overview.shape.rows;
  const auto cut = [&](const auto& all) {
    return std::vector(all.begin() + key.head * rows, all.begin() + (key.head + 1) * rows);
  };
  if (overview.held) arrays->held = cut(*overview.held);
  if (overview.threshold) arrays->threshold = cut(*overview.threshold);
  int done = 0;
  const auto read = [&](bool wanted, auto& into, auto field) {
    if (!wanted || control.cancelled()) return;
    into = attempt([&] { return reader_->head(layer, sequence, field, key.head); }, &head.error);
    control.report(++done / 5.0);
  };
  read(parts.tile_max, arrays->tile_max, traces::TileField::kTileMax);
  read(parts.mask_kernel, arrays->mask_kernel, traces::MaskField::kKernel);
  read(parts.mask_reference, arrays->mask_reference, traces::MaskField::kReference);
  read(parts.tile_mass, arrays->tile_mass, traces::TileField::kTileMass);
  read(parts.tile_mass_max, arrays->tile_mass_max, traces::TileField::kTileMassMax);
  if (!control.cancelled()) head.arrays = std::move(arrays);
  return head;
}

bool TraceFile::thumbnail_reads_tiles(SequenceKey key, Field field, std::int64_t side) const {
  const auto found = entries_.find(key);
  return found != entries_.end() &&
         (!is_stored(field) ||
          level_within(found->second.overview.shape, found->second.levels, side) == 0);
}

std::optional<TileField> TraceFile::read_thumbnail(HeadKey key, Field field, std::int64_t side,
                                                   QString* error) const {
  const auto found = entries_.find(key.sequence);
  if (found == entries_.end()) return std::nullopt;
  const traces::TileShape& shape = found->second.overview.shape;
  if (key.head < 0 || key.head >= shape.heads) return std::nullopt;
  if (!thumbnail_reads_tiles(key.sequence, field, side))
    return read_level(key, field, level_within(shape, found->second.levels, side), error);
  const Head head = read_head(key, parts_of(field, found->second.masks[1]));
  if (error != nullptr) *error = head.error;
  if (!head.arrays) return std::nullopt;
  TileField whole = make_field(*head.arrays, field, MaskSource::kKernel);
  auto& levels = whole.levels;
  while (levels.size() > 1 && std::max(levels.front().rows, levels.front().columns) > side)
    levels.erase(levels.begin());
  return whole;
}

std::optional<TileField> TraceFile::read_level(HeadKey key, Field field, int level,
                                               QString* error) const {
  const auto [layer, sequence] = key.sequence;
  const traces::TileShape& shape = overview(key.sequence)->shape;
  traces::TraceReader::Level values;
  if (!is_categorical(field)) {
    const auto tiles =
        field == Field::kTileMax ? traces::TileField::kTileMax : traces::TileField::kTileMass;
    auto read =
        attempt([&] { return reader_->level(layer, sequence, tiles, key.head, level); }, error);
    if (read) values = std::move(*read);
  }
  const auto read_codes = [&](traces::MaskField mask) {
    return attempt([&] { return reader_->level(layer, sequence, mask, key.head, level); }, error);
  };
  auto codes = read_codes(field == Field::kReferenceMask ? traces::MaskField::kReference
                                                         : traces::MaskField::kKernel);
  if (!codes && !is_categorical(field)) codes = read_codes(traces::MaskField::kReference);
  std::int64_t rows = shape.rows, columns = shape.k_blocks;
  for (int i = 0; i < level; ++i) {
    rows = (rows + 1) / 2;
    columns = (columns + 1) / 2;
  }
  return field_of_level(
      field, rows, columns, values.values,
      codes ? std::span<const std::uint8_t>(codes->codes) : std::span<const std::uint8_t>());
}

std::vector<core::WorkRecord> TraceFile::read_work(std::int64_t layer, QString* error) const {
  std::vector<core::WorkRecord> records;
  for (const SequenceKey key : keys_) {
    if (key.layer != layer) continue;
    std::vector<std::string> faults;
    const auto part = attempt(
        [&] { return reader_->part(key.layer, key.sequence, traces::SequencePart::kWork, faults); },
        error);
    if (!faults.empty() && error != nullptr) *error = QString::fromStdString(faults.front());
    if (part.work) records.insert(records.end(), part.work->begin(), part.work->end());
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  return records;
}

std::optional<traces::Profile> TraceFile::read_profile(std::int64_t layer, QString* error) const {
  return attempt([&] { return reader_->profile(layer); }, error);
}

std::optional<std::vector<std::uint8_t>> TraceFile::read_mask(HeadKey key) const {
  const auto read = [&](traces::MaskField mask) {
    return attempt(
        [&] { return reader_->head(key.sequence.layer, key.sequence.sequence, mask, key.head); },
        nullptr);
  };
  auto mask = read(traces::MaskField::kKernel);
  return mask ? mask : read(traces::MaskField::kReference);
}

traces::Sequence TraceFile::read_curves(SequenceKey key) const {
  std::vector<std::string> faults;
  return attempt(
      [&] { return reader_->part(key.layer, key.sequence, traces::SequencePart::kCurves, faults); },
      nullptr);
}

}  // namespace bsfa::gui
