// SPDX-License-Identifier: Apache-2.0
#include "traces/src/output_driver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <unistd.h>

#include "traces/src/dataset_writer.h"

namespace bsfa::traces {

struct OutputDriver::State {
  int descriptor = -1;
  int error = 0;
  bool abandoned = false;

  void fail() noexcept {
    if (error == 0) error = errno;
  }
  bool writes() const noexcept { return error == 0 && !abandoned; }
};

namespace {

using State = OutputDriver::State;

/// HDF5 sees the first member and hands its address back.
struct File {
  H5FD_t base;
  State* state;
  haddr_t allocated, end;
};

State* state_in(hid_t access) {
  return *static_cast<State* const*>(H5Pget_driver_info(access));
}

const File* cast(const H5FD_t* file) {
  return reinterpret_cast<const File*>(file);
}
File* cast(H5FD_t* file) {
  return reinterpret_cast<File*>(file);
}

H5FD_t* open_file(const char*, unsigned, hid_t access, haddr_t) {
  File* file = new (std::nothrow) File{};
  if (file == nullptr) return nullptr;
  file->state = state_in(access);
  return &file->base;
}

herr_t close_file(H5FD_t* file) {
  delete cast(file);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t get_allocated(const H5FD_t* file, H5FD_mem_t) {
  return cast(file)->allocated;
}
herr_t set_allocated(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  cast(file)->allocated = address;
  return 0;
}
haddr_t get_end(const H5FD_t* file, H5FD_mem_t) {
  return cast(file)->end;
}

/// What was never written, or could not be, reads as zeros; HDF5's checksums notice.
herr_t read(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  State& state = *cast(base)->state;
  char* to = static_cast<char*>(buffer);
  while (size > 0) {
    const ssize_t got = ::pread(state.descriptor, to, size, static_cast<off_t>(address));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      if (got < 0) state.fail();
      std::memset(to, 0, size);
      return 0;
    }
    to += got;
    address += static_cast<haddr_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return 0;
}

herr_t write(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, std::size_t size,
             const void* buffer) {
  File* file = cast(base);
  State& state = *file->state;
  file->end = std::max(file->end, address + size);
  const char* from = static_cast<const char*>(buffer);
  while (size > 0 && state.writes()) {
    const ssize_t put = ::pwrite(state.descriptor, from, size, static_cast<off_t>(address));
    if (put < 0) {
      if (errno != EINTR) state.fail();
      continue;
    }
    from += put;
    address += static_cast<haddr_t>(put);
    size -= static_cast<std::size_t>(put);
  }
  return 0;
}

herr_t truncate(H5FD_t* base, hid_t, hbool_t) {
  File* file = cast(base);
  file->end = file->allocated;
  if (file->state->writes() &&
      ::ftruncate(file->state->descriptor, static_cast<off_t>(file->allocated)) != 0) {
    file->state->fail();
  }
  return 0;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
  driver.name = "bsfa_output";
  driver.maxaddr = haddr_t{1} << 62;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(State*);
  driver.open = open_file;
  driver.close = close_file;
  driver.query = query;
  driver.get_eoa = get_allocated;
  driver.set_eoa = set_allocated;
  driver.get_eof = get_end;
  driver.read = read;
  driver.write = write;
  driver.truncate = truncate;
  const H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(map), std::end(map), std::begin(driver.fl_map));
  return driver;
}

}  // namespace

OutputDriver::OutputDriver(const std::filesystem::path& existing)
    : path_(existing), state_(std::make_unique<State>()) {
  state_->descriptor = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (state_->descriptor < 0) state_->fail();
}

OutputDriver::~OutputDriver() {
  const Hdf5Session session;
  driver_.reset();
  if (state_->descriptor >= 0) ::close(state_->descriptor);
}

Handle OutputDriver::create_file() {
  // HDF5 keeps the address of the class, not a copy.
  static const H5FD_class_t driver = driver_class();
  driver_ = owned(H5FDregister(&driver), "file driver");
  const Handle access = owned(H5Pcreate(H5P_FILE_ACCESS), "file access");
  State* state = state_.get();
  checked(H5Pset_driver(access.get(), driver_.get(), &state), "file driver");
  // Only the 1.10 format has checksums on chunk indexes as well as on everything else.
  checked(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110), "file format");
  const Handle creation = owned(H5Pcreate(H5P_FILE_CREATE), "file creation");
  set_group_properties(creation.get(), "file creation");
  return owned(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), "file");
}

int OutputDriver::error() const noexcept {
  return state_->error;
}

void OutputDriver::abandon() noexcept {
  state_->abandoned = true;
}

}  // namespace bsfa::traces
