// SPDX-License-Identifier: Apache-2.0
#include "cli/support/output.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <unistd.h>

#include "core/error.h"

namespace bsfa::cli {

void write_stdout(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      throw core::OutputError("standard output", std::generic_category().message(errno));
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

TextOutput::TextOutput(const std::string& target) {
  if (target != "-") file_ = std::make_unique<core::AtomicFile>(target);
}

void TextOutput::finish(std::string_view text) {
  if (!file_) {
    write_stdout(text);
    return;
  }
  file_->write(text);
  file_->commit();
}

void require_distinct(const std::string& output, const std::string& input) {
  std::error_code ignored;
  if (std::filesystem::equivalent(output, input, ignored)) {
    throw core::UsageError(output + ": is an input of this command and would be overwritten");
  }
}

void require_writable(const std::string& output) {
  const core::AtomicFile created_and_removed(output);
}

}  // namespace bsfa::cli
