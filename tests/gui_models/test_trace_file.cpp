// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <QtCore/QFile>
#include <catch2/catch.hpp>

#include "core/random.h"
#include "gui/models/trace_file.h"
#include "tests/gui_models/support.h"
#include "traces/writer.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::problem_of;
using test::sequence_of;
using test::write_trace;

namespace {

QByteArray bytes_of(const QString& path) {
  QFile file(path);
  REQUIRE(file.open(QIODevice::ReadOnly));
  return file.readAll();
}

void write_bytes(const QString& path, const QByteArray& bytes) {
  QFile file(path);
  REQUIRE(file.open(QIODevice::WriteOnly));
  REQUIRE(file.write(bytes) == bytes.size());
}

/// Reads all there is of a trace; what matters is that nothing throws or crashes.
void read_everything(const TraceFile& file) {
  for (const SequenceKey key : file.sequences()) {
    const auto* overview = file.overview(key);
    REQUIRE(overview != nullptr);
    file.read_work(key.layer);
    file.read_profile(key.layer);
    file.read_curves(key);
    for (std::int64_t head = 0; head < std::min<std::int64_t>(overview->shape.heads, 3); ++head) {
      const auto read = file.read_head({key, head});
      if (read.arrays)
        for (const Field field : kFields) make_field(*read.arrays, field, MaskSource::kKernel);
      for (const Field field : kFields) file.read_thumbnail({key, head}, field, 16);
      file.read_mask({key, head});
    }
  }
}

}  // namespace

TEST_CASE("a whole trace opens without a note and gives back what was written") {
  const test::Folder folder;
  const auto sequence = sequence_of(problem_of(3, 4, 8), 1);
  write_trace(folder / "t.h5", {sequence, sequence}, "{}", "bsfa compare");
  const auto [file, error] = TraceFile::open(folder / "t.h5");
  REQUIRE(error.isEmpty());
  REQUIRE(file != nullptr);
  CHECK(file->notes().isEmpty());
  CHECK(file->name() == "t.h5");
  CHECK(file->provenance().command_line == "bsfa compare");
  CHECK(file->sequences() == std::vector<SequenceKey>{{0, 0}, {1, 0}});
  CHECK(file->overview({1, 0})->retained_mass == sequence.retained_mass);
  CHECK_FALSE(file->overview({1, 0})->tile_max.has_value());
  CHECK(file->overview({7, 0}) == nullptr);
  const auto head = file->read_head({{1, 0}, 2});
  REQUIRE(head.arrays != nullptr);
  const HeadArrays expected = test::head_of(sequence, 2);
  CHECK(head.error.isEmpty());
  CHECK(head.arrays->tile_max == expected.tile_max);
  CHECK(head.arrays->mask_kernel == expected.mask_kernel);
  CHECK(head.arrays->threshold == expected.threshold);
  CHECK(file->has_tiles({0, 0}, Field::kDisagreement));
}

TEST_CASE("what cannot be opened is one line with the file's name") {
  const test::Folder folder;
  write_bytes(folder / "foreign.h5", "this is no HDF5 file at all");
  write_bytes(folder / "empty.h5", {});
  for (const char* name : {"absent.h5", "foreign.h5", "empty.h5"}) {
    const auto [file, error] = TraceFile::open(folder / name);
    CHECK(file == nullptr);
    CAPTURE(error.toStdString());
    CHECK(error.contains(name));
    CHECK_FALSE(error.contains('\n'));
  }
  CHECK_FALSE(TraceFile::open(folder / "").error.isEmpty());
}

TEST_CASE("opening that is cancelled gives neither file nor error") {
  const test::Folder folder;
  write_trace(folder / "t.h5", {sequence_of(problem_of(1, 2, 4), 1)});
  QObject context;
  TraceFile::Result result{nullptr, "untouched"};
  bool done = false;
  LoadJob* job = nullptr;
  job = LoadJob::start<TraceFile::Result>(
      &context,
      [&](const JobControl& control) {
        while (!control.cancelled()) QThread::usleep(50);
        result = TraceFile::open(folder / "t.h5", control);
        done = true;
        return result;
      },
      [](const TraceFile::Result&) {});
  job->cancel();
  // Work that had not begun when it was cancelled never begins.
  test::wait_until([&] { return LoadJob::pool()->activeThreadCount() == 0; });
  if (done) {
    CHECK(result.file == nullptr);
    CHECK(result.error.isEmpty());
  }
}

TEST_CASE("arrays that were not measured are named, and everything else is there") {
  const test::Folder folder;
  auto sequence = sequence_of(problem_of(2, 4, 8), 1);
  sequence.tile_mass.reset();
  sequence.mask_kernel.reset();
  sequence.retained_mass.reset();
  write_trace(folder / "t.h5", {sequence});
  const auto file = TraceFile::open(folder / "t.h5").file;
  REQUIRE(file != nullptr);
  REQUIRE(file->notes().size() == 1);
  CHECK(file->notes().front() ==
        "layer 0, sequence 0 has no tile_mass, mask_kernel, retained_mass");
  CHECK_FALSE(file->has_tiles({0, 0}, Field::kTileMass));
  CHECK_FALSE(file->has_tiles({0, 0}, Field::kDisagreement));
  CHECK(file->has_tiles({0, 0}, Field::kMargin));
  const auto head = file->read_head({{0, 0}, 1});
  REQUIRE(head.arrays != nullptr);
  CHECK(head.error.isEmpty());
  CHECK(head.arrays->tile_max.has_value());
  CHECK_FALSE(head.arrays->tile_mass.has_value());
  CHECK(file->read_mask({{0, 0}, 0}) == test::head_of(sequence, 0).mask_reference);
  read_everything(*file);
}

TEST_CASE("a trace with nothing but geometry, NaN everywhere, one tile or no row opens") {
  const test::Folder folder;
  auto bare = sequence_of(problem_of(2, 4, 8), 1);
  bare.tile_max.reset();
  bare.tile_mass.reset();
  bare.tile_mass_max.reset();
  bare.mask_kernel.reset();
  bare.mask_reference.reset();
  auto nan = sequence_of(problem_of(1, 3, 6), 1);
  for (auto* array : {&nan.tile_max, &nan.tile_mass, &nan.tile_mass_max, &nan.threshold,
                      &nan.error_arithmetic, &nan.error_method, &nan.retained_mass}) {
    for (float& value : **array) value = std::numeric_limits<float>::quiet_NaN();
  }
  const auto one = sequence_of(problem_of(1, 1, 1), 1);
  traces::Sequence no_rows;
  no_rows.problem = problem_of(2, 4, 8);
  no_rows.shape = {2, 0, 8};
  write_trace(folder / "t.h5", {bare, nan, one, no_rows});
  const auto [file, error] = TraceFile::open(folder / "t.h5");
  CAPTURE(error.toStdString());
  REQUIRE(file != nullptr);
  CHECK(file->sequences().size() == 4);
  CHECK(file->notes().contains("layer 3, sequence 0 holds no Q block"));
  read_everything(*file);
}

TEST_CASE("a trace without layers opens and says so") {
  const test::Folder folder;
  write_trace(folder / "t.h5", {});
  const auto [file, error] = TraceFile::open(folder / "t.h5");
  if (file == nullptr) {
    CHECK_FALSE(error.isEmpty());
  } else {
    CHECK(file->sequences().empty());
    CHECK(file->notes().contains("the trace holds no layer"));
  }
}

TEST_CASE("ten thousand heads open quickly and one of them is read alone") {
  const test::Folder folder;
  write_trace(folder / "t.h5", {sequence_of(problem_of(10000, 2, 4), 1)});
  std::shared_ptr<const TraceFile> file;
  const double ms = test::best_ms([&] { file = TraceFile::open(folder / "t.h5").file; }, 3);
  CAPTURE(ms);
  REQUIRE(file != nullptr);
  CHECK(ms < 3000.0);
  CHECK(file->overview({0, 0})->shape.heads == 10000);
  CHECK(file->read_head({{0, 0}, 9999}).arrays != nullptr);
  CHECK(file->read_head({{0, 0}, 10000}).arrays == nullptr);
  CHECK(file->read_head({{0, 0}, -1}).arrays == nullptr);
}

TEST_CASE("a trace with damaged bytes opens with the rest or is refused, and never crashes") {
  const test::Folder folder;
  write_trace(folder / "t.h5", {sequence_of(problem_of(2, 6, 12), 1)});
  const QByteArray whole = bytes_of(folder / "t.h5");
  core::SplitMix64 random(99);
  int opened = 0, noted = 0, faulty_heads = 0;
  for (int i = 0; i < 300; ++i) {
    QByteArray damaged = whole;
    for (int n = 0; n < 3; ++n) {
      const auto at =
          static_cast<qsizetype>(random.below(static_cast<std::uint64_t>(whole.size())));
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U + random.below(255)));
    }
    write_bytes(folder / "d.h5", damaged);
    const auto [file, error] = TraceFile::open(folder / "d.h5");
    CHECK((file == nullptr) == !error.isEmpty());
    if (file == nullptr) continue;
    ++opened;
    noted += file->notes().isEmpty() ? 0 : 1;
    for (const SequenceKey key : file->sequences())
      faulty_heads += file->read_head({key, 0}).error.isEmpty() ? 0 : 1;
    read_everything(*file);
  }
  CAPTURE(opened, noted, faulty_heads);
  CHECK(opened > 10);
  CHECK(noted > 0);
  CHECK(faulty_heads > 0);
}

TEST_CASE("a thumbnail is no larger than asked for, whatever the field") {
  const test::Folder folder;
  auto sequence = sequence_of(problem_of(1, 300, 600), 1);
  write_trace(folder / "t.h5", {sequence});
  const auto file = TraceFile::open(folder / "t.h5").file;
  REQUIRE(file != nullptr);
  REQUIRE(file->levels({0, 0}) == 2);
  for (const Field field : kFields) {
    CAPTURE(key_of(field).toStdString());
    const auto picture = file->read_thumbnail({{0, 0}, 0}, field, 256);
    REQUIRE(picture.has_value());
    CHECK(picture->values_known);
    CHECK(picture->rows() == 75);
    CHECK(picture->columns() == 150);
    // Pooling what is stored and what is computed is the same.
    const auto whole = make_field(test::head_of(sequence, 0), field, MaskSource::kKernel);
    CHECK(picture->levels.front().values == whole.levels[2].values);
    CHECK(picture->levels.front().classes == whole.levels[2].classes);
  }
  CHECK_FALSE(file->read_thumbnail({{0, 0}, 5}, Field::kTileMax, 256).has_value());
  CHECK_FALSE(file->read_thumbnail({{9, 0}, 0}, Field::kTileMax, 256).has_value());
}
