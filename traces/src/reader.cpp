// SPDX-License-Identifier: Apache-2.0
#include "traces/reader.h"

#include <map>
#include <new>
#include <string>
#include <utility>

#include "core/error.h"
#include "traces/src/attributes.h"
#include "traces/src/file_check.h"
#include "traces/src/links.h"
#include "traces/src/profile_reader.h"
#include "traces/src/sequence_reader.h"

namespace bsfa::traces {
namespace {

const char* name_of(TileField field) noexcept {
  switch (field) {
    case TileField::kTileMax:
      return "tile_max";
    case TileField::kTileMass:
      return "tile_mass";
    case TileField::kTileMassMax:
      return "tile_mass_max";
  }
  return "";
}

const char* name_of(MaskField field) noexcept {
  return field == MaskField::kReference ? "mask_reference" : "mask_kernel";
}

Handle open_file(const std::filesystem::path& path) {
  const Handle access = owned(H5Pcreate(H5P_FILE_ACCESS), "file access");
  checked(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), "file access");
  // A trace appears under its name when it is complete, so readers need no lock; some network file
  // systems have none.
  checked(H5Pset_file_locking(access.get(), false, true), "file access");
  return owned(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), "");
}

void check_schema(hid_t file) {
  if (!has_attribute(file, "schema_major") || !has_attribute(file, "schema_minor")) {
    throw Fault("is HDF5, but not a trace of bsfa", "attribute schema_major");
  }
  const std::int64_t major = read_integer(file, "schema_major");
  const std::int64_t minor = read_integer(file, "schema_minor");
  const std::string version = std::to_string(major) + "." + std::to_string(minor);
  if (major > kSchemaMajor) {
    throw Fault("was written by a newer bsfa: schema " + version + ", this one reads up to " +
                std::to_string(kSchemaMajor) + ".x");
  }
  if (major < 1 || minor < 0) throw Fault("has schema " + version + ", which never existed");
}

Provenance read_provenance(hid_t file) {
  Provenance out;
  for_each_text(out, [&](const char* name, std::string& value) { value = read_text(file, name); });
  for (const auto& name : text_attributes(file)) {
    if (!is_reserved(name)) out.more.emplace(name, read_text(file, name));
  }
  return out;
}

std::map<std::int64_t, std::vector<std::int64_t>> read_contents(hid_t file) {
  std::map<std::int64_t, std::vector<std::int64_t>> contents;
  const Handle layers = open_group(file, "layers", "/layers");
  for (const std::int64_t layer : numbered_links(layers.get(), "/layers")) {
    const std::string path = "/layers/" + std::to_string(layer);
    const Handle group = open_group(layers.get(), std::to_string(layer), path);
    const Handle sequences = open_group(group.get(), "seq", path + "/seq");
    contents[layer] = numbered_links(sequences.get(), path + "/seq");
  }
  return contents;
}

}  // namespace

struct TraceReader::Impl {
  template <typename F>
  auto run(F f) {
    const Hdf5Session session;
    try {
      return f();
    } catch (const Fault& fault) {
      throw core::InputError(path.string(), fault.what(), fault.place());
    } catch (const std::bad_alloc&) {
      throw core::InputError(path.string(), "needs more memory than there is");
    }
  }

  explicit Impl(const std::filesystem::path& target) : path(target) {
    context.size = check_file(path);
    run([&] {
      file = open_file(path);
      check_schema(file.get());
      provenance = read_provenance(file.get());
      contents = read_contents(file.get());
      report.json = DatasetReader(file.get(), "report", "/report", 1, context).read_text();
    });
  }

  ~Impl() {
    const Hdf5Session session;
    sequences.clear();
    file.reset();
  }

  /// Within run() only.
  const SequenceReader& at(std::int64_t layer, std::int64_t sequence) {
    const auto key = std::make_pair(layer, sequence);
    auto found = sequences.find(key);
    if (found == sequences.end()) {
      require(layer, sequence);
      found = sequences.try_emplace(key, file.get(), layer, sequence, context).first;
    }
    return found->second;
  }

  const std::vector<std::int64_t>& require(std::int64_t layer) const {
    const auto found = contents.find(layer);
    if (found == contents.end()) throw Fault("has no layer " + std::to_string(layer));
    return found->second;
  }

  void require(std::int64_t layer, std::int64_t sequence) const {
    for (const std::int64_t s : require(layer)) {
      if (s == sequence) return;
    }
    throw Fault("has no sequence " + std::to_string(sequence), "layer " + std::to_string(layer));
  }

  template <typename T>
  std::optional<std::vector<T>> plane(std::int64_t layer, std::int64_t sequence, const char* name,
                                      std::int64_t head, int level) {
    return run([&]() -> std::optional<std::vector<T>> {
      const SequenceReader& reader = at(layer, sequence);
      if (head < 0 || head >= reader.shape().heads) {
        throw Fault("has no head " + std::to_string(head), sequence_path(layer, sequence));
      }
      if (level < 0 || level > reader.levels()) return std::nullopt;
      return reader.plane<T>(name, head, level);
    });
  }

  TileShape shape_of(std::int64_t layer, std::int64_t sequence, int level) {
    return run([&] { return at(layer, sequence).shape_of(level); });
  }

  std::filesystem::path path;
  FileContext context;
  Handle file;
  Provenance provenance;
  Report report;
  std::map<std::int64_t, std::vector<std::int64_t>> contents;
  std::map<std::pair<std::int64_t, std::int64_t>, SequenceReader> sequences;
};

TraceReader::TraceReader(const std::filesystem::path& path) : impl_(std::make_unique<Impl>(path)) {}
TraceReader::~TraceReader() = default;
TraceReader::TraceReader(TraceReader&&) noexcept = default;
TraceReader& TraceReader::operator=(TraceReader&&) noexcept = default;

const Provenance& TraceReader::provenance() const {
  return impl_->provenance;
}
const Report& TraceReader::report() const {
  return impl_->report;
}

std::vector<std::int64_t> TraceReader::layers() const {
  std::vector<std::int64_t> out;
  for (const auto& [layer, sequences] : impl_->contents) out.push_back(layer);
  return out;
}

std::vector<std::int64_t> TraceReader::sequences(std::int64_t layer) const {
  const auto found = impl_->contents.find(layer);
  return found == impl_->contents.end() ? std::vector<std::int64_t>{} : found->second;
}

bool TraceReader::has_profile(std::int64_t layer) const {
  return impl_->run([&] {
    impl_->require(layer);
    return traces::has_profile(impl_->file.get(), layer);
  });
}

std::optional<Profile> TraceReader::profile(std::int64_t layer) const {
  return impl_->run([&] {
    impl_->require(layer);
    return read_profile(impl_->file.get(), layer, impl_->context);
  });
}

Sequence TraceReader::overview(std::int64_t layer, std::int64_t sequence) const {
  return impl_->run([&] { return impl_->at(layer, sequence).overview(); });
}

Sequence TraceReader::read_all(std::int64_t layer, std::int64_t sequence) const {
  return impl_->run([&] { return impl_->at(layer, sequence).read_all(); });
}

Sequence TraceReader::part(std::int64_t layer, std::int64_t sequence, SequencePart part,
                           std::vector<std::string>& faults) const {
  return impl_->run([&] { return impl_->at(layer, sequence).part(part, faults); });
}

bool TraceReader::has(std::int64_t layer, std::int64_t sequence, TileField field) const {
  return impl_->run([&] { return impl_->at(layer, sequence).has(name_of(field)); });
}

bool TraceReader::has(std::int64_t layer, std::int64_t sequence, MaskField field) const {
  return impl_->run([&] { return impl_->at(layer, sequence).has(name_of(field)); });
}

std::optional<std::vector<float>> TraceReader::head(std::int64_t layer, std::int64_t sequence,
                                                    TileField field, std::int64_t head) const {
  return impl_->plane<float>(layer, sequence, name_of(field), head, 0);
}

std::optional<std::vector<std::uint8_t>> TraceReader::head(std::int64_t layer,
                                                           std::int64_t sequence, MaskField field,
                                                           std::int64_t head) const {
  return impl_->plane<std::uint8_t>(layer, sequence, name_of(field), head, 0);
}

int TraceReader::levels(std::int64_t layer, std::int64_t sequence) const {
  return impl_->run([&] { return impl_->at(layer, sequence).levels(); });
}

std::optional<TraceReader::Level> TraceReader::level(std::int64_t layer, std::int64_t sequence,
                                                     TileField field, std::int64_t head,
                                                     int level) const {
  auto values = impl_->plane<float>(layer, sequence, name_of(field), head, level);
  if (!values) return std::nullopt;
  const TileShape shape = impl_->shape_of(layer, sequence, level);
  return Level{shape.rows, shape.k_blocks, std::move(*values)};
}

std::optional<TraceReader::MaskLevel> TraceReader::level(std::int64_t layer, std::int64_t sequence,
                                                         MaskField field, std::int64_t head,
                                                         int level) const {
  auto codes = impl_->plane<std::uint8_t>(layer, sequence, name_of(field), head, level);
  if (!codes) return std::nullopt;
  const TileShape shape = impl_->shape_of(layer, sequence, level);
  return MaskLevel{shape.rows, shape.k_blocks, std::move(*codes)};
}

std::uint64_t TraceReader::chunk_bytes_read() const {
  return impl_->run([&] { return impl_->context.chunk_bytes_read; });
}

}  // namespace bsfa::traces
