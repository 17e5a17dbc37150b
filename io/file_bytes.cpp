// SPDX-License-Identifier: Apache-2.0
#include "io/file_bytes.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace bsfa::io {
namespace {

struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw core::InputError(path.string(), std::generic_category().message(errno));
}

std::size_t size_of_regular_file(const std::filesystem::path& path, int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail(path);
  if (S_ISDIR(status.st_mode)) throw core::InputError(path.string(), "is a directory");
  if (!S_ISREG(status.st_mode)) throw core::InputError(path.string(), "is not a regular file");
  if (status.st_size == 0) throw core::InputError(path.string(), "is empty");
  return static_cast<std::size_t>(status.st_size);
}

}  // namespace

FileBytes::FileBytes(std::filesystem::path path, std::span<const std::byte> bytes, bool mapped)
    : path_(std::move(path)), bytes_(bytes), mapped_(mapped) {}

std::shared_ptr<const FileBytes> FileBytes::map(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.value < 0) fail(path);
  const std::size_t size = size_of_regular_file(path, file.value);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.value, 0);
  if (address == MAP_FAILED) fail(path);
  return std::shared_ptr<const FileBytes>(
      new FileBytes(path, {static_cast<const std::byte*>(address), size}, true));
}

std::shared_ptr<const FileBytes> FileBytes::borrow(std::span<const std::byte> bytes,
                                                   std::filesystem::path name) {
  return std::shared_ptr<const FileBytes>(new FileBytes(std::move(name), bytes, false));
}

FileBytes::~FileBytes() {
  if (mapped_) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace bsfa::io
