// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <string>

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "tests/support/scratch.h"
#include "tests/support/small_disk.h"

namespace bsfa::core {
namespace {

using test::content_of;
using test::entries_of;
using test::Scratch;
using test::SmallDisk;

std::string message_of_writing(const std::filesystem::path& path, std::size_t bytes) {
  try {
    AtomicFile file(path);
    file.write(std::string(bytes, 'x'));
    file.commit();
  } catch (const OutputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("a full disk is reported with the path, the old file stays and nothing is left") {
  const Scratch scratch;
  const SmallDisk disk(scratch.folder());
  if (!disk.mounted()) {
    REQUIRE_FALSE(SmallDisk::may_mount());
    WARN("skipped: this process may not mount a small file system");
    return;
  }
  const auto path = scratch.write("out.bin", "old");
  CHECK_THAT(message_of_writing(path, 1 << 20),
             Catch::StartsWith(path.string()) && Catch::Contains("No space left on device"));
  CHECK(content_of(path) == "old");
  CHECK(entries_of(scratch.folder()) == 1);
  // The failed attempt gave its space back.
  CHECK(message_of_writing(path, 1 << 14) == "no error");
  CHECK(content_of(path).size() == 1 << 14);
}

TEST_CASE("a write that the system cuts short is an error, not a short file") {
  const Scratch scratch;
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { 1000, before.rlim_max };
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string message = message_of_writing(scratch / "out.bin", 1500);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  CHECK_THAT(message, Catch::Contains("File too large"));
  CHECK(entries_of(scratch.folder()) == 0);
}

}  // namespace
}  // namespace bsfa::core
