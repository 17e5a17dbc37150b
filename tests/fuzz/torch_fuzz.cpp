// SPDX-License-Identifier: Apache-2.0
// An input that begins like a zip archive is read as a .pt file. Any other is a bare pickle whose
// storages have 256 bytes, so that the interpreter is reached without guessing checksums.
#include <vector>

#include "io/bytes.h"
#include "io/torch_file.h"
#include "tests/fuzz/readers.h"

namespace {

using bsfa::core::ThresholdTable;

ThresholdTable read(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (bsfa::io::starts_with(bytes, "PK")) {
    return bsfa::io::read_torch_thresholds(bsfa::test::as_file(data, size));
  }
  const bsfa::io::Pickle pickle(bytes, "input");
  const auto storages = [](const std::string&) { return std::vector<std::byte>(256); };
  return bsfa::io::torch_thresholds(pickle, storages, "input");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const ThresholdTable table = read(data, size);
    const auto last = table.index(table.k_values.size() - 1, table.layers.size() - 1,
                                  table.heads - 1, table.blocks - 1);
    if (last + 1 != table.values.size()) __builtin_trap();
  } catch (const bsfa::core::InputError&) {
    return 0;
  }
  return 0;
}
