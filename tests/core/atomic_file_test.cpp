// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_file.h"

#include <string>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "tests/support/scratch.h"

namespace bsfa::core {
namespace {

using test::content_of;
using test::entries_of;
using test::Scratch;

TEST_CASE("a committed file has its bytes and the permissions of any new file") {
  const Scratch scratch;
  const auto path = scratch / "out.bin";
  {
    AtomicFile file(path);
    file.write("hello ");
    file.write("world");
    CHECK_FALSE(std::filesystem::exists(path));
    file.commit();
  }
  CHECK(content_of(path) == "hello world");
  CHECK(entries_of(scratch.folder()) == 1);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == (0666U & ~mask));
}

TEST_CASE("a file that is not committed leaves nothing and keeps what was there") {
  const Scratch scratch;
  const auto path = scratch.write("out.bin", "old");
  {
    AtomicFile file(path);
    file.write("half of the new");
  }
  CHECK(content_of(path) == "old");
  CHECK(entries_of(scratch.folder()) == 1);
}

TEST_CASE("a committed file replaces the one that was there") {
  const Scratch scratch;
  const auto path = scratch.write("out.bin", "old and longer");
  AtomicFile file(path);
  file.write("new");
  file.commit();
  CHECK(content_of(path) == "new");
}

TEST_CASE("places where no file can be written are refused with path and reason") {
  const Scratch scratch;
  scratch.write("plain", "x");
  const auto refuses = [](const std::filesystem::path& path, const std::string& reason) {
    CAPTURE(path.string().substr(0, 200));
    CHECK_THROWS_AS(AtomicFile(path), OutputError);
    CHECK_THROWS_WITH(AtomicFile(path),
                      Catch::StartsWith(path.string()) && Catch::Contains(reason));
  };
  refuses(scratch / "no/such/folder/out", "No such file or directory");
  refuses(scratch / "plain/out", "Not a directory");
  refuses(scratch.folder(), "Is a directory");
  refuses(scratch / std::string(5000, 'x'), "File name too long");
  CHECK(entries_of(scratch.folder()) == 1);
}

TEST_CASE("an unwritable folder is refused and nothing appears in it") {
  const Scratch scratch;
  REQUIRE(::chmod(scratch.folder().c_str(), 0555) == 0);
  // Root may write everywhere, so it becomes nobody for a moment.
  constexpr uid_t kNobody = 65534;
  const uid_t self = ::geteuid();
  if (self == 0) REQUIRE(::seteuid(kNobody) == 0);
  std::string message;
  try {
    AtomicFile file(scratch / "out");
  } catch (const OutputError& error) {
    message = error.what();
  }
  REQUIRE(::seteuid(self) == 0);
  CHECK_THAT(message, Catch::Contains("out: Permission denied"));
  CHECK(entries_of(scratch.folder()) == 0);
  ::chmod(scratch.folder().c_str(), 0755);
}

}  // namespace
}  // namespace bsfa::core
