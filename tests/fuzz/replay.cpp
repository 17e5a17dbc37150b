// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target on every file of a folder: what fuzzers once found stays found.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/fuzz/readers.h"
#include "tests/support/scratch.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    const std::string content = bsfa::test::content_of(entry.path());
    // Exactly as large as the content, so that a sanitizer sees a read beyond its end.
    const std::vector<std::uint8_t> bytes(content.begin(), content.end());
    std::printf("%s\n", entry.path().filename().c_str());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++count;
  }
  std::printf("%d inputs\n", count);
  // An empty corpus would prove nothing.
  return count >= 5 ? 0 : 1;
}
