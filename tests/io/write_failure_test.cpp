// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "io/tensor_file.h"
#include "io/threshold_file.h"
#include "tests/support/scratch.h"
#include "tests/support/small_disk.h"

namespace bsfa::io {
namespace {

using test::Scratch;
using test::SmallDisk;

template <typename Call>
std::string failure(const Call& call) {
  try {
    call();
  } catch (const core::OutputError& error) {
    CHECK(error.exit_code() == core::ExitCode::kOutput);
    return error.what();
  }
  return "no error";
}

core::ThresholdTable large_table() {
  core::ThresholdTable table;
  table.k_values = {8};
  table.layers = {0};
  table.heads = 64;
  table.blocks = 1024;
  table.values.resize(64 * 1024);
  return table;
}

TEST_CASE("writers on a full disk say so and leave nothing behind") {
  const Scratch scratch;
  const SmallDisk disk(scratch.folder());
  if (!disk.mounted()) {
    REQUIRE_FALSE(SmallDisk::may_mount());
    WARN("skipped: this process may not mount a small file system");
    return;
  }
  const std::vector<float> values(1 << 16);
  const TensorToWrite tensor{"x", core::Dtype::kFloat32, {1 << 16}, values.data()};
  const auto full = Catch::Contains("No space left on device");
  CHECK_THAT(failure([&] { write_safetensors(scratch / "a", {&tensor, 1}, {}); }), full);
  CHECK_THAT(failure([&] { write_npy(scratch / "b", tensor); }), full);
  CHECK_THAT(failure([&] { write_thresholds(scratch / "c", large_table()); }), full);
  CHECK(test::entries_of(scratch.folder()) == 0);
}

TEST_CASE("writers into a folder that is not there name it") {
  const Scratch scratch;
  const float value = 1.0F;
  const TensorToWrite tensor{"x", core::Dtype::kFloat32, {1}, &value};
  const auto path = scratch / "no/out";
  const auto named = Catch::Contains(path.string() + ": No such file or directory");
  CHECK_THAT(failure([&] { write_safetensors(path, {&tensor, 1}, {}); }), named);
  CHECK_THAT(failure([&] { write_npy(path, tensor); }), named);
  CHECK_THAT(failure([&] { write_thresholds(path, large_table()); }), named);
}

}  // namespace
}  // namespace bsfa::io
