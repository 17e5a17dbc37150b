// SPDX-License-Identifier: Apache-2.0
#include "traces/src/file_check.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "core/error.h"

namespace bsfa::traces {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n"sv;
constexpr std::size_t kVersionAt = 8, kOffsetSizeAt = 9, kEndAt = 28;
constexpr std::uint8_t kOldestVersion = 2, kNewestVersion = 3;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& cause) {
  throw core::InputError(path.string(), cause);
}

std::uint64_t size_of_regular_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    refuse(path, error ? error.message() : std::generic_category().message(ENOENT));
  }
  if (std::filesystem::is_directory(status)) refuse(path, "is a folder, not a trace");
  if (!std::filesystem::is_regular_file(status)) refuse(path, "is not a regular file");
  const auto size = std::filesystem::file_size(path, error);
  if (error) refuse(path, error.message());
  return size;
}

}  // namespace

std::uint64_t check_file(const std::filesystem::path& path) {
  const std::uint64_t size = size_of_regular_file(path);
  if (size == 0) refuse(path, "is empty");
  std::array<char, 48> head{};
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse(path, std::generic_category().message(errno));
  in.read(head.data(), head.size());
  if (std::string_view(head.data(), kSignature.size()) != kSignature) {
    refuse(path, "is not an HDF5 file");
  }
  if (size < head.size()) refuse(path, "is cut short: it has " + std::to_string(size) + " bytes");
  const auto version = static_cast<std::uint8_t>(head[kVersionAt]);
  if (version < kOldestVersion) {
    refuse(path, "is HDF5 in a format without checksums, which no trace is written in");
  }
  if (version > kNewestVersion) refuse(path, "is HDF5 in an unknown format");
  if (head[kOffsetSizeAt] == 8) {
    std::uint64_t end = 0;
    std::memcpy(&end, head.data() + kEndAt, sizeof(end));
    if (size < end) {
      refuse(path, "is cut short: it has " + std::to_string(size) + " of " + std::to_string(end) +
                       " bytes");
    }
  }
  return size;
}

}  // namespace bsfa::traces
