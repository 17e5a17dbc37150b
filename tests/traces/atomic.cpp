// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "tests/traces/support.h"
#include "traces/reader.h"
#include "traces/writer.h"

namespace bsfa::traces::test {
namespace {

constexpr std::uint64_t kSeed = 9;

Sequence some_sequence() {
  return full_sequence(problem_of(2, 20, 40), kSeed);
}

/// No file of this process may grow beyond the limit: writes fail like those on a full disk do.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  void (*signal_)(int);
};

TEST_CASE("a trace has its name only once it is complete") {
  const Folder folder;
  write_bytes(folder / "t.h5", {'o', 'l', 'd'});
  TraceWriter writer(folder / "t.h5");
  writer.add(0, 0, some_sequence());
  CHECK(read_bytes(folder / "t.h5") == std::vector<char>{'o', 'l', 'd'});
  writer.commit(sample_provenance(), {"{}"});
  CHECK(folder.names() == std::vector<std::string>{"t.h5"});
  CHECK(difference(TraceReader(folder / "t.h5").read_all(0, 0), some_sequence()) == "");
}

TEST_CASE("a trace that is not committed leaves nothing behind") {
  const Folder folder;
  {
    TraceWriter writer(folder / "t.h5");
    writer.add(0, 0, some_sequence());
    TraceWriter moved = std::move(writer);
    moved.add(1, 0, some_sequence());
  }
  CHECK(folder.names().empty());
}

TEST_CASE("two traces can be written at once") {
  const Folder folder;
  TraceWriter a(folder / "a.h5"), b(folder / "b.h5");
  a.add(0, 0, some_sequence());
  b.add(3, 0, some_sequence());
  b.commit({}, {});
  a.commit({}, {});
  CHECK(TraceReader(folder / "a.h5").layers() == std::vector<std::int64_t>{0});
  CHECK(TraceReader(folder / "b.h5").layers() == std::vector<std::int64_t>{3});
}

TEST_CASE("wherever the space for it ends, a trace fails in one line and leaves nothing behind") {
  const Folder folder;
  write_trace(folder / "whole.h5", some_sequence(), long_report(kSeed).json);
  const std::uint64_t needed = std::filesystem::file_size(folder / "whole.h5");
  int in_add = 0, in_commit = 0, complete = 0;
  for (std::uint64_t limit = 0; limit < needed + 4096; limit += 1 + needed / 61) {
    CAPTURE(limit, needed);
    std::string where = "opening", message;
    {
      const FileSizeLimit guard(limit);
      message = message_of<core::OutputError>([&] {
        TraceWriter writer(folder / "t.h5");
        where = "adding";
        writer.add(0, 0, some_sequence());
        where = "committing";
        writer.commit(sample_provenance(), long_report(kSeed));
        where = "complete";
      });
    }
    in_add += where == "adding" ? 1 : 0;
    in_commit += where == "committing" ? 1 : 0;
    if (where == "complete") {
      ++complete;
      CHECK(difference(TraceReader(folder / "t.h5").read_all(0, 0), some_sequence()) == "");
      std::filesystem::remove(folder / "t.h5");
    } else {
      CHECK(message == (folder / "t.h5").string() + ": File too large");
    }
    REQUIRE(folder.names() == std::vector<std::string>{"whole.h5"});
  }
  CHECK(in_add > 0);
  CHECK(in_commit > 0);
  CHECK(complete > 0);
}

TEST_CASE("a folder that cannot be written to is named before any work is done") {
  const Folder folder;
  const std::string missing = (folder / "no/such/t.h5").string();
  CHECK(message_of<core::OutputError>([&] { TraceWriter writer(missing); }) ==
        missing + ": No such file or directory");
  CHECK(message_of<core::OutputError>([&] { TraceWriter writer(folder.path()); }) ==
        folder.path().string() + ": Is a directory");
  // Nobody, root included, can make a file in this folder.
  CHECK(message_of<core::OutputError>([&] {
          TraceWriter writer("/proc/t.h5");
        }).starts_with("/proc/t.h5: "));
}

TEST_CASE("data that contradict themselves are refused, and the trace goes on") {
  const Folder folder;
  const std::string file = (folder / "t.h5").string() + ": ";
  const Sequence good = some_sequence();
  TraceWriter writer(folder / "t.h5");
  const auto refusal = [&](auto spoil) {
    Sequence bad = good;
    spoil(bad);
    return message_of<core::OutputError>([&] { writer.add(0, 0, bad); });
  };
  const std::string place = " (/layers/0/seq/0";
  CHECK(refusal([](Sequence& s) { s.tile_max->pop_back(); }) ==
        file + "tile_max has 1599 values, its shape 1600" + place + ")");
  CHECK(refusal([](Sequence& s) { s.threshold->clear(); }) ==
        file + "threshold has 0 values, its shape 40" + place + ")");
  CHECK(refusal([](Sequence& s) { s.curve_mass->push_back(0); }) ==
        file + "curve_mass has 2561 values, its shape 2560" + place + ")");
  CHECK(refusal([](Sequence& s) { s.shape.heads = 1; }) ==
        file + "shape and problem differ in heads" + place + ")");
  CHECK(refusal([](Sequence& s) { s.q_blocks.back() = 0; }) ==
        file + "is not an ascending list of the problem's Q blocks" + place + ", q_blocks)");
  CHECK(refusal([](Sequence& s) { s.mask_reference->at(3) = 9; }) ==
        file + "holds 9, which is no tile code" + place + ", mask_reference)");
  CHECK(refusal([](Sequence& s) { s.problem.gate.q_block = 0; }) ==
        file + "is 0, must be 1 to 2^31" + place + ", attribute q_block_size)");
  writer.add(0, 0, good);
  CHECK(refusal([](Sequence&) {}) == file + "is written already" + place + ")");
  CHECK(message_of<core::OutputError>([&] { writer.add(-1, 0, good); }) ==
        file + "layers and sequences count from 0");
  writer.commit(sample_provenance(), {"{}"});
  CHECK(message_of<core::OutputError>([&] { writer.add(1, 0, good); }) ==
        file + "the trace is complete already");
  CHECK(message_of<core::OutputError>([&] { writer.commit({}, {}); }) ==
        file + "the trace is complete already");
  CHECK(difference(TraceReader(folder / "t.h5").read_all(0, 0), good) == "");
}

TEST_CASE("a text attribute cannot take the name of another") {
  const Folder folder;
  for (const char* name : {"", "kernel", "schema_major", "problem"}) {
    CAPTURE(name);
    TraceWriter writer(folder / "t.h5");
    Provenance provenance = sample_provenance();
    provenance.more[name] = "x";
    CHECK(message_of<core::OutputError>([&] { writer.commit(provenance, {}); }) ==
          (folder / "t.h5").string() + ": attribute name '" + name + "' is taken");
  }
  CHECK(folder.names().empty());
}

}  // namespace
}  // namespace bsfa::traces::test
