// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels {

/// Kernels of one library, built in or loaded.
class Library {
 public:
  /// The kernels of this build: "cpu" and, with the CUDA toolkit, the CUDA kernels ("portable").
  static std::shared_ptr<const Library> built_in();

  /// Loads a shared library and asks it for ABI version 1.
  ///
  /// Errors  throws core::PluginError: no such file, no shared library, no bsfa_open, another ABI
  ///         version (with the library's own words), a table with missing functions, or a throw.
  static std::shared_ptr<const Library> load(const std::string& path);

  virtual ~Library() = default;
  const std::string& origin() const noexcept { return origin_; }  ///< "built-in" or the path
  const bsfa_library& table() const noexcept { return *table_; }

 protected:
  std::string origin_;
  const bsfa_library* table_ = nullptr;
};

/// A kernel together with the library that it needs loaded.
struct Kernel {
  std::shared_ptr<const Library> library;
  const bsfa_kernel* table = nullptr;
  std::string name() const { return table->name; }
};

/// A built-in kernel by name, "PATH.so" (its only or first kernel) or "PATH.so:NAME". "cuda" is the
/// fastest built-in kernel for the first CUDA device; "auto" is that, or "cpu" without a device.
///
/// Errors  throws core::UsageError for an unknown name (listing what is there), core::PluginError,
///         for "cuda" also as best_device_kernel does.
Kernel find_kernel(const std::string& spec);

}  // namespace bsfa::kernels
