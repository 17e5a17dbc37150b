// SPDX-License-Identifier: Apache-2.0
#include "tests/io/builders.h"

#include <stdexcept>

#include <zip.h>

namespace bsfa::test {

void write_zip(const std::filesystem::path& path, const std::vector<ZipEntry>& entries) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  if (archive == nullptr) throw std::runtime_error("no zip archive");
  for (const ZipEntry& entry : entries) {
    zip_source_t* source =
        zip_source_buffer(archive, entry.content.data(), entry.content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, entry.name.c_str(), source, 0);
    if (index < 0) throw std::runtime_error("zip member not added");
    const auto at = static_cast<zip_uint64_t>(index);
    zip_set_file_compression(archive, at, entry.deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    // The one cipher that every build of libzip knows.
    if (entry.encrypted &&
        zip_file_set_encryption(archive, at, ZIP_EM_TRAD_PKWARE, "secret") != 0) {
      throw std::runtime_error("zip member not encrypted");
    }
  }
  if (zip_close(archive) != 0) throw std::runtime_error("zip archive not written");
}

}  // namespace bsfa::test
