// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QString>

#include "gui/models/load_job.h"
#include "gui/models/trace_file.h"

namespace bsfa::gui {

/// The heads of a trace that are in memory, least recently used leaving first.
///
/// find() never waits: what is not there is asked for with request(), and loaded() or failed()
/// follows. A head that alone exceeds the budget is kept while it is the latest. Of a damaged head
/// what could be read is there, and error() says what could not, as long as it is kept; one of
/// which nothing could be read is not kept.
///
/// Threads  that of the object; reading happens on a pool.
class HeadStore : public QObject {
  Q_OBJECT

 public:
  static constexpr std::size_t kBudgetBytes = std::size_t{192} << 20;
  static constexpr std::size_t kThumbnailBytes = std::size_t{64} << 20;

  explicit HeadStore(std::shared_ptr<const TraceFile> file, QObject* parent = nullptr,
                     std::size_t budget_bytes = kBudgetBytes);
  ~HeadStore() override;

  const TraceFile& file() const noexcept { return *file_; }
  std::shared_ptr<const TraceFile> shared_file() const noexcept { return file_; }

  /// The head's arrays if they are in memory, else null.
  std::shared_ptr<const HeadArrays> find(HeadKey key);
  /// Loads a head in the background unless it is there or under way. Requests for heads that
  /// nobody needs any more are dropped by cancel_others().
  void request(HeadKey key);
  /// Why part of a head in memory is missing, one line; empty where nothing is.
  QString error(HeadKey key) const;
  void cancel_others(HeadKey key);
  /// Loads the heads before and after, with less urgency, so that stepping to them is at once.
  void request_neighbours(HeadKey key);
  bool loading(HeadKey key) const;
  /// Share of a head's load that is done; 0 where it is not under way.
  double progress(HeadKey key) const;

  /// A small pooled picture of a head, for the overview; null until thumbnail_loaded(). Fields that
  /// are made from whole heads are made one head at a time, so that never more than one of them is
  /// in memory for it. Where tiles could not be read thumbnail_failed() comes first, and the
  /// picture has no values.
  std::shared_ptr<const TileField> thumbnail(HeadKey key, Field field) const;
  void request_thumbnail(HeadKey key, Field field);
  /// Largest side of thumbnails in tiles.
  static constexpr std::int64_t kThumbnailSide = 256;

  std::size_t bytes() const noexcept { return bytes_; }

 signals:
  void loaded(bsfa::gui::HeadKey key);
  void failed(bsfa::gui::HeadKey key, const QString& text);  ///< after loaded() if some is there
  void progressed(bsfa::gui::HeadKey key, double fraction);
  void thumbnail_loaded(bsfa::gui::HeadKey key, bsfa::gui::Field field);
  void thumbnail_failed(bsfa::gui::HeadKey key, bsfa::gui::Field field, const QString& text);

 private:
  struct Held {
    std::shared_ptr<const HeadArrays> arrays;
    std::list<HeadKey>::iterator use;
    QString error;
  };
  struct Picture {
    std::optional<TileField> field;
    QString error;
  };
  using ThumbnailKey = std::pair<HeadKey, Field>;
  void start(HeadKey key, int priority);
  void take(HeadKey key, TraceFile::Head head);
  void keep(HeadKey key, TraceFile::Head head);
  void start_thumbnail(const ThumbnailKey& wanted);
  void take_thumbnail(const ThumbnailKey& wanted, Picture picture);
  void start_next_whole();
  void keep_thumbnail(const ThumbnailKey& key, TileField field);

  std::shared_ptr<const TraceFile> file_;
  std::size_t budget_, bytes_ = 0;
  std::list<HeadKey> uses_;  ///< latest first
  std::map<HeadKey, Held> held_;
  std::map<HeadKey, QPointer<LoadJob>> jobs_;
  std::map<ThumbnailKey, std::shared_ptr<const TileField>> thumbnails_;
  std::list<ThumbnailKey> thumbnail_order_;
  std::size_t thumbnail_bytes_ = 0;
  std::map<ThumbnailKey, QPointer<LoadJob>> thumbnail_jobs_;
  std::deque<ThumbnailKey> whole_;  ///< made from whole heads, waiting for their turn
  std::optional<ThumbnailKey> whole_now_;
};

}  // namespace bsfa::gui
