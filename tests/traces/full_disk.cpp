// SPDX-License-Identifier: Apache-2.0
// A disk that is really full: a tmpfs of 256 KiB in a mount namespace of our own. Where the system
// allows no such mount the program says so and returns 77, which ctest counts as skipped.
#include <cstdio>
#include <cstring>
#include <fstream>

#include <catch2/catch.hpp>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "core/error.h"
#include "tests/support/main.h"
#include "tests/traces/support.h"
#include "traces/reader.h"
#include "traces/writer.h"

namespace bsfa::traces::test {
namespace {

constexpr int kSkipped = 77;
constexpr std::uintmax_t kStep = 4096;
std::filesystem::path disk;

bool mount_small_disk() {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=256k") == 0;
}

/// Fills the disk so that `free` bytes are left.
void leave_free(std::uintmax_t free) {
  std::filesystem::remove(disk / "filler");
  std::ofstream filler(disk / "filler", std::ios::binary);
  const std::vector<char> page(kStep, 'x');
  for (std::uintmax_t left = std::filesystem::space(disk).available; left > free; left -= kStep) {
    filler.write(page.data(), static_cast<std::streamsize>(page.size()));
    filler.flush();
  }
  REQUIRE(filler.good());
}

TEST_CASE("on a full disk a trace fails in one line and leaves nothing behind") {
  constexpr std::uint64_t kSeed = 3;
  CAPTURE(kSeed);
  const Sequence data = full_sequence(problem_of(2, 20, 40), kSeed);
  int in_add = 0, in_commit = 0, complete = 0;
  for (std::uintmax_t free = 0; free <= 240 * 1024; free += kStep) {
    leave_free(free);
    CAPTURE(free);
    std::string where = "opening";
    const std::string message = message_of<core::OutputError>([&] {
      TraceWriter writer(disk / "t.h5");
      where = "adding";
      writer.add(0, 0, data);
      where = "committing";
      writer.commit(sample_provenance(), long_report(kSeed));
      where = "complete";
    });
    in_add += where == "adding" ? 1 : 0;
    in_commit += where == "committing" ? 1 : 0;
    if (where == "complete") {
      ++complete;
      CHECK(difference(TraceReader(disk / "t.h5").read_all(0, 0), data) == "");
      std::filesystem::remove(disk / "t.h5");
    } else {
      CHECK(message == (disk / "t.h5").string() + ": No space left on device");
    }
    const auto entries = std::filesystem::directory_iterator(disk);
    REQUIRE(std::distance(begin(entries), end(entries)) == 1);  // the filler
  }
  CHECK(in_add > 0);
  CHECK(in_commit > 0);
  CHECK(complete > 0);
}

}  // namespace
}  // namespace bsfa::traces::test

extern "C" int bsfa_before_tests() {
  using namespace bsfa::traces::test;
  static const Folder folder;
  disk = folder.path();
  if (!mount_small_disk()) {
    std::printf("skipped: this system mounts no tmpfs for us: %s\n", std::strerror(errno));
    return kSkipped;
  }
  static const struct Unmount {
    ~Unmount() { ::umount2(disk.c_str(), MNT_DETACH); }
  } at_exit;
  return 0;
}
