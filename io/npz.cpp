// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "io/bytes.h"
#include "io/loaded_file.h"
#include "io/npy_header.h"
#include "io/zip_archive.h"

namespace bsfa::io {
namespace {

constexpr std::string_view kSuffix = ".npy";

/// The array of one member; what is compressed is expanded, but only after its header has confirmed
/// the size that the archive announces.
StoredTensor read_member(const ZipArchive& archive, const ZipMember& member, LoadedFile& loaded) {
  const std::string file = loaded.file_path.string();
  const std::string place = "member " + quote(member.name);
  if (!member.name.ends_with(kSuffix)) {
    throw core::InputError(file, "holds a member that is no .npy array", place);
  }
  std::span<const std::byte> bytes = archive.in_place(member);
  const std::vector<std::byte> prefix =
      bytes.empty() ? archive.read_prefix(member, kMaxNpyHeader) : std::vector<std::byte>{};
  NpyHeader header = parse_npy_header(bytes.empty() ? prefix : bytes, file, place);
  if (header.header_bytes + header.data_bytes != member.size) {
    throw core::InputError(file,
                           "shape " + text_of(header.shape) + " of " +
                               std::string(core::name_of(header.dtype)) + " needs " +
                               std::to_string(header.header_bytes + header.data_bytes) +
                               " bytes, the member has " + std::to_string(member.size),
                           place);
  }
  if (bytes.empty()) {
    auto expanded = std::make_shared<const std::vector<std::byte>>(archive.read(member));
    bytes = *expanded;
    loaded.owners.push_back(std::move(expanded));
  }
  return {member.name.substr(0, member.name.size() - kSuffix.size()), header.dtype,
          std::move(header.shape), bytes.subspan(header.header_bytes)};
}

}  // namespace

std::unique_ptr<TensorFile> read_npz(std::shared_ptr<const FileBytes> file) {
  const ZipArchive archive(file);
  auto loaded = std::make_unique<LoadedFile>();
  loaded->file_path = file->path();
  loaded->owners.push_back(std::move(file));
  for (const ZipMember& member : archive.members()) {
    loaded->table.push_back(read_member(archive, member, *loaded));
  }
  return loaded;
}

}  // namespace bsfa::io
