// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <hdf5.h>

namespace bsfa::traces {

/// Why an HDF5 call or a check of its results failed, and where in the file; readers turn it into
/// an InputError and writers into an OutputError, which name the file.
class Fault : public std::runtime_error {
 public:
  explicit Fault(const std::string& cause, std::string place = {})
      : std::runtime_error(cause), place_(std::move(place)) {}
  const std::string& place() const noexcept { return place_; }

 private:
  std::string place_;
};

/// Runs f; the place of a Fault out of it starts with `path` if it is no whole path itself.
template <typename F>
auto within(const std::string& path, F f) {
  try {
    return f();
  } catch (const Fault& fault) {
    if (fault.place().empty()) throw Fault(fault.what(), path);
    if (fault.place().front() == '/') throw;
    throw Fault(fault.what(), path + ", " + fault.place());
  }
}

/// Owner of one HDF5 identifier of any kind.
class Handle {
 public:
  Handle() = default;
  explicit Handle(hid_t id) noexcept : id_(id) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Handle() { reset(); }

  hid_t get() const noexcept { return id_; }
  bool valid() const noexcept { return id_ >= 0; }
  hid_t release() noexcept { return std::exchange(id_, H5I_INVALID_HID); }
  void reset() noexcept {
    if (valid()) H5Idec_ref(release());
  }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// While one lives, the thread has HDF5 to itself (not every build of it is thread-safe) and HDF5
/// prints nothing.
class Hdf5Session {
 public:
  Hdf5Session();
  Hdf5Session(const Hdf5Session&) = delete;
  Hdf5Session& operator=(const Hdf5Session&) = delete;
  ~Hdf5Session();

 private:
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// The innermost entry of HDF5's error stack, which is emptied.
std::string take_hdf5_error();

/// Throws Fault with HDF5's reason where a call returned a negative value.
template <typename T>
T checked(T result, const std::string& place) {
  if (result < 0) throw Fault(take_hdf5_error(), place);
  return result;
}

inline Handle owned(hid_t id, const std::string& place) {
  return Handle(checked(id, place));
}

}  // namespace bsfa::traces
