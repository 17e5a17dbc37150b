// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "traces/src/hdf5.h"

namespace bsfa::traces {

/// The file below HDF5 when a trace is written, as an HDF5 file driver of our own.
///
/// HDF5 keeps data in caches and cannot close a file that it fails to write: the file stays open
/// and the library may crash when the process ends. So HDF5 is told that every write worked, the
/// first failure is kept here, and the writer asks for it after each step.
class OutputDriver {
 public:
  /// `existing` is a file that is there already, empty.
  explicit OutputDriver(const std::filesystem::path& existing);
  OutputDriver(const OutputDriver&) = delete;
  OutputDriver& operator=(const OutputDriver&) = delete;
  ~OutputDriver();

  /// A new HDF5 file whose metadata all carries checksums. At most once, within a session; the
  /// destructor opens one of its own.
  Handle create_file();
  /// errno of the first failed system call, 0 while all is well.
  int error() const noexcept;
  /// From now on nothing is written: the file is about to be removed.
  void abandon() noexcept;

  struct State;

 private:
  std::filesystem::path path_;
  std::unique_ptr<State> state_;
  Handle driver_;
};

}  // namespace bsfa::traces
