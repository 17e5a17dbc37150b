// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/atomic_file.h"

namespace bsfa::cli {

/// Writes everything or throws core::OutputError (full device, closed pipe).
void write_stdout(std::string_view text);

/// A text result that goes to a file (atomically) or, as "-", to standard output.
///
/// The file is opened at construction, so that an unwritable place is known before hours of work.
///
/// Errors  throws core::OutputError.
class TextOutput {
 public:
  explicit TextOutput(const std::string& target);
  void finish(std::string_view text);

 private:
  std::unique_ptr<core::AtomicFile> file_;
};

/// Refuses to replace one of a command's inputs by its output.
///
/// Errors  throws core::UsageError.
void require_distinct(const std::string& output, const std::string& input);

/// Finds out before the work whether an output can be written at its end.
///
/// Errors  throws core::OutputError.
void require_writable(const std::string& output);

}  // namespace bsfa::cli
