// SPDX-License-Identifier: Apache-2.0
#include "profiler/inject/report_file.h"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace bsfa::profiler {
namespace {

/// Where the name is given up again, whatever became of the file.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string name) : name_(std::move(name)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(name_.c_str()); }
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

}  // namespace

void write_report_file(const std::string& path, const std::string& text) {
  const std::string of_process = "." + std::to_string(::getpid());
  const TemporaryFile written(path + of_process + ".new");
  std::ofstream file(written.name(), std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(written.name() + " cannot be written");
  // Unlike renaming, linking never replaces what is there.
  if (::link(written.name().c_str(), path.c_str()) == 0) return;
  if (errno == EEXIST && ::link(written.name().c_str(), (path + of_process).c_str()) == 0) return;
  throw std::runtime_error(path + " cannot be written");
}

}  // namespace bsfa::profiler
