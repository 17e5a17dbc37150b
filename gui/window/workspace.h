// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <memory>
#include <optional>
#include <vector>

#include "gui/models/balance.h"
#include "gui/models/block_table.h"
#include "gui/models/head_figures.h"
#include "gui/models/head_store.h"
#include "gui/models/lanes.h"
#include "gui/models/load_job.h"
#include "gui/models/selection.h"
#include "gui/models/threshold_model.h"

namespace bsfa::gui {

/// What a layer's work records and profile say.
struct LayerWork {
  std::int64_t layer = 0;
  QString error;  ///< why part of it could not be read; empty where nothing is wrong
  TimelineModel timeline;
  BalanceReport balance;
};

/// One open trace and everything that follows from it and the selection. No widgets: the window
/// and the exported pages show the same workspace.
///
/// Everything slow happens in the background; each piece announces itself when it is there, and
/// may be deleted at any time.
class Workspace : public QObject {
  Q_OBJECT

 public:
  explicit Workspace(QObject* parent = nullptr);
  ~Workspace() override;

  /// Opens a trace at a place. What is open stays until the new one is there. A link without a
  /// place goes to the worst head; `keep_selection` stays where it is as far as the trace has that.
  void open(const Link& link, bool keep_selection = false);
  void cancel_open();
  bool opening() const { return !opening_.isNull(); }
  QString opening_path() const { return opening_path_; }
  void close();

  std::shared_ptr<const TraceFile> file() const { return file_; }
  HeadStore* store() const { return store_.get(); }
  SelectionModel& selection() { return selection_; }
  HeadTableModel& heads() { return heads_; }
  ThresholdModel& thresholds() { return thresholds_; }

  SequenceKey sequence_key() const;
  /// Null where there is no trace.
  const traces::Sequence* sequence() const;
  HeadKey head_key() const { return selection_.current().head_key(); }
  /// Null while it is being loaded.
  std::shared_ptr<const HeadArrays> head() const { return head_; }
  /// Null while it is being computed.
  std::shared_ptr<const LayerWork> work() const { return work_; }
  /// Whether nothing that the selection needs is under way.
  bool settled() const;

  /// Asks for the head in view once more, after a failure or Cancel.
  void retry_head();
  void cancel_head();

 signals:
  void open_started(const QString& path);
  void open_progressed(double share);
  /// `error` is one line; empty where it was opened or cancelled.
  void open_ended(bool opened, const QString& error);
  void file_changed();
  void sequence_changed();
  /// Head in view: not there yet, there, or failed; after head_changed() where part of it is there.
  void head_loading(double share);
  void head_changed();
  void head_failed(const QString& error);
  void work_changed();
  void density_counted(bsfa::gui::HeadKey key, double density);
  /// settled() became true.
  void all_settled();

 private:
  /// What opening computes in the background.
  struct Opened {
    TraceFile::Result trace;
    std::vector<HeadFigures> figures;
  };
  void take_file(Opened opened, const Link& link, bool keep_selection);
  Selection first_selection(const Link& link);
  void follow(const Selection& before, const Selection& now);
  void ask_for_head();
  void take_head(HeadKey key);
  void read_ahead(HeadKey key);
  /// Where a trace opens by itself, it opens at the worst tile of the block.
  void seek_tile();
  void ask_for_work();
  void count_next_density();
  void tell_settled();

  std::shared_ptr<const TraceFile> file_;
  std::unique_ptr<HeadStore> store_;
  SelectionModel selection_;
  HeadTableModel heads_;
  ThresholdModel thresholds_;
  std::shared_ptr<const HeadArrays> head_;
  std::shared_ptr<const LayerWork> work_;
  bool head_missing_ = false, seek_tile_ = false;
  QString opening_path_;
  QPointer<LoadJob> opening_, working_, counting_;
};

/// Where to look first in a head: the worst block by violations, arithmetic or method error.
std::optional<BlockPlace> worst_block_of(const traces::Sequence& sequence, std::int64_t head);

}  // namespace bsfa::gui
