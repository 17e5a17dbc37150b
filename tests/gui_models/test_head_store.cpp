// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>

#include <QtCore/QCoreApplication>
#include <QtCore/QFile>
#include <catch2/catch.hpp>

#include "gui/models/head_store.h"
#include "tests/gui_models/support.h"

using namespace bsfa::gui;
using test::problem_of;
using test::sequence_of;
using test::wait_until;

namespace {

std::shared_ptr<const TraceFile> open_sample(const test::Folder& folder, std::int64_t heads,
                                             std::int64_t q_blocks) {
  test::write_trace(folder / "t.h5", {sequence_of(problem_of(heads, q_blocks, 2 * q_blocks), 1)});
  auto file = TraceFile::open(folder / "t.h5").file;
  REQUIRE(file != nullptr);
  return file;
}

HeadKey head(std::int64_t h) {
  return {{0, 0}, h};
}

}  // namespace

TEST_CASE("a head is loaded in the background and found from then on") {
  const test::Folder folder;
  HeadStore store(open_sample(folder, 2, 8));
  std::vector<HeadKey> loaded;
  double progress = 0.0;
  QObject::connect(&store, &HeadStore::loaded, [&](HeadKey key) { loaded.push_back(key); });
  QObject::connect(&store, &HeadStore::progressed,
                   [&](HeadKey, double share) { progress = share; });
  CHECK(store.find(head(1)) == nullptr);
  store.request(head(1));
  store.request(head(1));
  CHECK(store.loading(head(1)));
  REQUIRE(wait_until([&] { return !loaded.empty(); }));
  CHECK(loaded == std::vector{head(1)});
  CHECK(progress == 1.0);
  CHECK_FALSE(store.loading(head(1)));
  REQUIRE(store.find(head(1)) != nullptr);
  CHECK(store.find(head(1))->rows() == 8);
  store.request(head(1));
  CHECK_FALSE(store.loading(head(1)));
}

TEST_CASE("the heads in memory stay within the budget, and the one used least leaves") {
  const test::Folder folder;
  const auto file = open_sample(folder, 5, 16);
  const std::size_t one = file->read_head(head(0)).arrays->bytes();
  HeadStore store(file, nullptr, 2 * one + one / 2);
  const auto load = [&](std::int64_t h) {
    store.request(head(h));
    REQUIRE(wait_until([&] { return store.find(head(h)) != nullptr; }));
    CHECK(store.bytes() <= 2 * one + one / 2);
  };
  load(0);
  load(1);
  CHECK(store.find(head(0)) != nullptr);
  load(2);
  CHECK(store.find(head(1)) == nullptr);
  CHECK(store.find(head(0)) != nullptr);
  CHECK(store.find(head(2)) != nullptr);
}

TEST_CASE("a head larger than the budget is kept while it is the latest") {
  const test::Folder folder;
  HeadStore store(open_sample(folder, 2, 8), nullptr, 1);
  store.request(head(0));
  REQUIRE(wait_until([&] { return store.find(head(0)) != nullptr; }));
  store.request(head(1));
  REQUIRE(wait_until([&] { return store.find(head(1)) != nullptr; }));
  CHECK(store.find(head(0)) == nullptr);
}

TEST_CASE("heads that nobody looks at any more are not loaded") {
  const test::Folder folder;
  HeadStore store(open_sample(folder, 8, 64));
  std::set<HeadKey> loaded;
  QObject::connect(&store, &HeadStore::loaded, [&](HeadKey key) { loaded.insert(key); });
  for (std::int64_t h = 0; h < 8; ++h) store.request(head(h));
  store.cancel_others(head(5));
  CHECK(store.loading(head(5)));
  CHECK_FALSE(store.loading(head(4)));
  REQUIRE(wait_until([&] { return !loaded.empty(); }));
  test::wait_until([&] { return LoadJob::pool()->activeThreadCount() == 0; });
  QCoreApplication::processEvents();
  CHECK(loaded == std::set{head(5)});
}

TEST_CASE("neighbours are loaded ahead, within the heads that exist") {
  const test::Folder folder;
  HeadStore store(open_sample(folder, 3, 8));
  store.request_neighbours(head(0));
  CHECK(store.loading(head(1)));
  CHECK_FALSE(store.loading(head(-1)));
  REQUIRE(wait_until([&] { return store.find(head(1)) != nullptr; }));
}

TEST_CASE("a head that does not exist fails with a line") {
  const test::Folder folder;
  HeadStore store(open_sample(folder, 1, 4));
  QString text;
  QObject::connect(&store, &HeadStore::failed,
                   [&](HeadKey, const QString& error) { text = error; });
  store.request(head(7));
  REQUIRE(wait_until([&] { return !text.isEmpty(); }));
  CHECK(text.contains("no head 7"));
  CHECK_FALSE(store.loading(head(7)));
}

TEST_CASE("thumbnails arrive once, for each field") {
  const test::Folder folder;
  HeadStore store(open_sample(folder, 2, 8));
  int arrived = 0;
  QObject::connect(&store, &HeadStore::thumbnail_loaded, [&](HeadKey, Field) { ++arrived; });
  for (int i = 0; i < 2; ++i) {
    store.request_thumbnail(head(0), Field::kTileMax);
    store.request_thumbnail(head(0), Field::kMargin);
  }
  REQUIRE(wait_until([&] { return arrived == 2; }));
  REQUIRE(store.thumbnail(head(0), Field::kMargin) != nullptr);
  CHECK(store.thumbnail(head(0), Field::kMargin)->rows() == 8);
  CHECK(store.thumbnail(head(1), Field::kMargin) == nullptr);
}

TEST_CASE("pictures made from whole heads are made one at a time") {
  const test::Folder folder;
  const auto file = open_sample(folder, 12, 160);
  HeadStore store(file);
  QThreadPool& pool = *LoadJob::pool();
  const int threads = pool.maxThreadCount();
  pool.setMaxThreadCount(8);
  int arrived = 0, at_once = 0;
  QObject::connect(&store, &HeadStore::thumbnail_loaded, [&] { ++arrived; });
  for (std::int64_t h = 0; h < 12; ++h) {
    for (int twice = 0; twice < 2; ++twice) store.request_thumbnail(head(h), Field::kLostMass);
    at_once = std::max(at_once, pool.activeThreadCount());
  }
  REQUIRE(wait_until([&] {
    at_once = std::max(at_once, pool.activeThreadCount());
    return arrived == 12;
  }));
  pool.setMaxThreadCount(threads);
  CHECK(at_once == 1);
  for (std::int64_t h = 0; h < 12; ++h)
    CHECK(store.thumbnail(head(h), Field::kLostMass)->values_known);
}

TEST_CASE(
    "what could not be read of a head is said after the rest is there, and while it is kept") {
  const test::Folder folder;
  open_sample(folder, 1, 24);
  QFile whole(folder / "t.h5");
  REQUIRE(whole.open(QIODevice::ReadOnly));
  const QByteArray bytes = whole.readAll();
  bool part = false;
  // Which bytes hold which array is the format's affair: some of these hit one of them.
  for (qsizetype at = 256; at < bytes.size(); at += 97) {
    QByteArray damaged = bytes;
    for (qsizetype i = at; i < std::min(at + 8, bytes.size()); ++i)
      damaged[i] = static_cast<char>(~damaged[i]);
    QFile out(folder / "d.h5");
    REQUIRE((out.open(QIODevice::WriteOnly) && out.write(damaged) == damaged.size()));
    out.close();
    const auto file = TraceFile::open(folder / "d.h5").file;
    if (file == nullptr || file->sequences().empty()) continue;
    HeadStore store(file);
    QStringList told;
    QObject::connect(&store, &HeadStore::loaded, [&] { told << "loaded"; });
    QObject::connect(&store, &HeadStore::failed,
                     [&](HeadKey, const QString& text) { told << text; });
    store.request(head(0));
    REQUIRE(wait_until([&] { return !store.loading(head(0)); }));
    if (told == QStringList{"loaded"}) {
      CHECK(store.error(head(0)).isEmpty());
    } else if (told.size() == 2) {
      part = true;
      CHECK(told.front() == "loaded");
      CHECK(store.find(head(0)) != nullptr);
      CHECK(store.error(head(0)) == told.back());
    } else {
      CHECK(store.find(head(0)) == nullptr);
    }
  }
  CHECK(part);
}

TEST_CASE("a picture whose tiles cannot be read says so, and is not asked for again") {
  const test::Folder folder;
  open_sample(folder, 1, 24);
  auto file = TraceFile::open(folder / "t.h5").file;
  // The file is cut short behind the reader's back.
  REQUIRE(QFile::resize(folder / "t.h5", 4096));
  HeadStore store(file);
  QStringList errors;
  int arrived = 0;
  QObject::connect(&store, &HeadStore::thumbnail_failed,
                   [&](HeadKey, Field, const QString& text) { errors << text; });
  QObject::connect(&store, &HeadStore::thumbnail_loaded, [&] { ++arrived; });
  for (const Field field : {Field::kMargin, Field::kTileMax})
    store.request_thumbnail(head(0), field);
  REQUIRE(wait_until([&] { return arrived == 2; }));
  CHECK(errors.size() == 2);
  CHECK_FALSE(store.thumbnail(head(0), Field::kMargin)->values_known);
  store.request_thumbnail(head(0), Field::kMargin);
  store.request(head(0));
  REQUIRE(wait_until([&] { return !store.loading(head(0)); }));
  CHECK(store.find(head(0)) == nullptr);
}

TEST_CASE("a store that goes during its loads never crashes, fifty times over") {
  const test::Folder folder;
  const auto file = open_sample(folder, 4, 64);
  for (int i = 0; i < 50; ++i) {
    HeadStore store(file);
    for (std::int64_t h = 0; h < 4; ++h) {
      store.request(head(h));
      store.request_thumbnail(head(h), Field::kTileMass);
    }
    if (i % 2 != 0) QCoreApplication::processEvents();
  }
  CHECK(wait_until([&] { return LoadJob::pool()->activeThreadCount() == 0; }));
}
