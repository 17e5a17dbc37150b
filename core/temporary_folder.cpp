// SPDX-License-Identifier: Apache-2.0
#include "core/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "core/error.h"

namespace bsfa::core {

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  auto name = (std::filesystem::temp_directory_path(error) / "bsfa-XXXXXX").string();
  if (error) throw OutputError("temporary folder", error.message());
  if (::mkdtemp(name.data()) == nullptr) {
    throw OutputError(name, std::generic_category().message(errno));
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace bsfa::core
