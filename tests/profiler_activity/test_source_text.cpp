// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "profiler/host/source_text.h"

using namespace bsfa;
using profiler::SourceText;

namespace {

namespace fs = std::filesystem;

struct Folder {
  ~Folder() { fs::remove_all(path); }
  std::string add(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
    return (path / name).string();
  }
  fs::path path = fs::temp_directory_path() / "bsfa-test-source-text";
};

}  // namespace

TEST_CASE("a line is read where the source was compiled") {
  const Folder folder;
  const auto file = folder.add("a.cuh", "one\n\t two {\r\n\nlast");
  SourceText text({});
  CHECK(text.line(file, 1) == "one");
  CHECK(text.line(file, 2) == "two {");
  CHECK(text.line(file, 3) == "");
  CHECK(text.line(file, 4) == "last");
  CHECK(text.line(file, 5) == "");
  CHECK(text.line(file, 0) == "");
  CHECK(text.line("", 1) == "");
  CHECK(text.line((folder.path / "no.cuh").string(), 1) == "");
}

TEST_CASE("sources of another machine are found by the longest tail of their path") {
  const Folder folder;
  folder.add("first/kernels/cuda/work.cuh", "right");
  folder.add("first/work.cuh", "same name");
  folder.add("second/portable/vote.cuh", "in the second");
  SourceText text({(folder.path / "first").string(), (folder.path / "second").string()});
  CHECK(text.line("/build/of/another/kernels/cuda/work.cuh", 1) == "right");
  CHECK(text.line("/build/of/another/x/../kernels/cuda/work.cuh", 1) == "right");
  CHECK(text.line("/elsewhere/work.cuh", 1) == "same name");
  CHECK(text.line("/build/kernels/cuda/portable/vote.cuh", 1) == "in the second");
  CHECK(text.line("kernels/cuda/work.cuh", 1) == "right");
  CHECK(text.line("/build/nowhere.cuh", 1) == "");
  // A folder of that name is no source.
  CHECK(text.line("/build/kernels", 1) == "");
}

TEST_CASE("a source is called by its path below a folder, wherever it was compiled") {
  const Folder folder;
  const auto here = folder.add("first/kernels/cuda/work.cuh", "right");
  folder.add("second/portable/vote.cuh", "in the second");
  SourceText text({(folder.path / "first").string(), (folder.path / "second").string()});
  CHECK(text.name("/build/of/another/kernels/cuda/work.cuh") == "kernels/cuda/work.cuh");
  CHECK(text.name("/build/of/another/kernels/cuda/work.cuh") == "kernels/cuda/work.cuh");
  CHECK(text.name("/build/kernels/cuda/portable/vote.cuh") == "portable/vote.cuh");
  CHECK(text.name("/build/nowhere.cuh") == "/build/nowhere.cuh");
  CHECK(text.name("") == "");
  // Two files that only their folders tell apart stay two.
  CHECK(text.name(here) == here);
  CHECK(text.name("/a/third/kernels/cuda/work.cuh") == "/a/third/kernels/cuda/work.cuh");
  SourceText fresh({(folder.path / "first").string()});
  CHECK(fresh.name(here) == "kernels/cuda/work.cuh");
}
