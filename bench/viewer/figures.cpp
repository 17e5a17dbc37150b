// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/viewer/figures.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <QThread>
#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

#include "core/error.h"
#include "gui/views/theme.h"
#include "gui/window/main_window.h"

namespace bsfa::bench {
namespace {

using namespace bsfa::gui;

constexpr int kPatienceMs = 120000;

double milliseconds(const QElapsedTimer& timer) {
  return static_cast<double>(timer.nsecsElapsed()) * 1e-6;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A line of /proc/self/status in MiB.
double process_mib(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(name + ":", 0) == 0) return std::stod(line.substr(name.size() + 1)) / 1024.0;
  }
  throw core::InputError("/proc/self/status", "has no " + name);
}

void wait_until(const std::function<bool()>& done, const char* what) {
  QElapsedTimer timer;
  timer.start();
  while (!done()) {
    if (timer.elapsed() > kPatienceMs)
      throw std::runtime_error(std::string(what) + " takes for ever");
    QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    QThread::usleep(50);
  }
}

/// A window without a display that shows a trace, and what it takes to do so.
class Session {
 public:
  Session(const std::string& trace, const std::function<void(const Figure&)>& report)
      : report_(report),
        store_(folder_.filePath(QStringLiteral("viewer.ini")), QSettings::IniFormat),
        settings_(store_),
        window_(std::make_unique<MainWindow>(settings_)) {
    window_->resize(1440, 900);
    window_->show();
    QCoreApplication::processEvents();
    open(QString::fromStdString(trace));
  }

  void measure() {
    switch_heads();
    zoom();
    drag_row();
    drag_k(ThresholdScope::kHead, "one step of k, head in view", 30.0);
    drag_k(ThresholdScope::kLayer, "one step of k, all heads of the layer", 300.0);
    save();
    overview();
    report_({"memory at most", process_mib("VmHWM"), "MiB", 600.0, 1.0});
  }

 private:
  Workspace& workspace() { return window_->workspace(); }
  ThresholdModel& thresholds() { return workspace().thresholds(); }
  HeatmapView& heatmap() { return window_->views().head->heatmap(); }
  void add(const char* name, double ms, double budget) { report_({name, ms, "ms", budget}); }
  /// What a person sees of the head in view, now.
  void paint() {
    QCoreApplication::processEvents();
    heatmap().repaint();
  }
  void settle() {
    wait_until([this] { return workspace().settled(); }, "settling");
    QCoreApplication::processEvents();
  }

  void open(const QString& trace) {
    QElapsedTimer timer;
    timer.start();
    window_->open(trace);
    wait_until([this] { return workspace().head() != nullptr; }, "opening");
    paint();
    add("first picture", milliseconds(timer), 1000.0);
    settle();
  }

  /// Steps to the next head, whose tiles were read ahead or not.
  double step(std::int64_t head, bool read_ahead) {
    HeadKey key = workspace().head_key();
    key.head = head;
    HeadStore& store = *workspace().store();
    if (read_ahead) wait_until([&] { return store.find(key) != nullptr; }, "reading ahead");
    settle();
    QElapsedTimer timer;
    timer.start();
    workspace().selection().select_head(key);
    wait_until([this] { return workspace().head() != nullptr; }, "switching heads");
    paint();
    return milliseconds(timer);
  }

  void switch_heads() {
    const std::int64_t heads = workspace().sequence()->shape.heads;
    std::vector<double> next, far;
    step(0, false);
    for (std::int64_t head = 1; head < heads; ++head) next.push_back(step(head, true));
    for (std::int64_t head = 0; head < heads; head += 3) far.push_back(step(head, false));
    add("switching to the next head", median(next), 60.0);
    add("switching to a head that is not in memory", median(far), 60.0);
  }

  void zoom() {
    std::vector<double> times;
    const QSizeF tiles = heatmap().viewport().tiles();
    for (int i = 0; i < 60; ++i) {
      const double share = 1.0 - i / 70.0;
      heatmap().set_view(QRectF(i, i, tiles.width() * share, tiles.height() * share));
      QElapsedTimer timer;
      timer.start();
      heatmap().repaint();
      times.push_back(milliseconds(timer));
    }
    heatmap().fit();
    QCoreApplication::processEvents();
    add("paint while zooming", median(times), 16.0);
  }

  void drag_row() {
    const HeadKey key = workspace().head_key();
    const std::int64_t row = workspace().sequence()->shape.rows / 2;
    workspace().selection().select_block(key, row);
    settle();
    std::vector<double> times;
    const int drag = thresholds().new_drag();
    for (int i = 0; i < 40; ++i) {
      QElapsedTimer timer;
      timer.start();
      thresholds().set_row(key, row, 8.0F + 0.1F * static_cast<float>(i % 20), drag);
      paint();
      times.push_back(milliseconds(timer));
    }
    thresholds().undo_stack().undo();
    settle();
    add("one step of a row's threshold", median(times), 30.0);
  }

  void drag_k(ThresholdScope scope, const char* name, double budget) {
    const HeadKey key = workspace().head_key();
    window_->views().thresholds->set_scope(scope);
    settle();
    std::vector<double> times;
    const int drag = thresholds().new_drag();
    for (int i = 0; i < 20; ++i) {
      QElapsedTimer timer;
      timer.start();
      thresholds().set_kind(scope, key, ThresholdChoice::Kind::kTopK, 16.0 + 5.0 * i, drag);
      paint();
      times.push_back(milliseconds(timer));
    }
    add(name, median(times), budget);
  }

  void save();
  void overview();

  const std::function<void(const Figure&)>& report_;
  QTemporaryDir folder_;
  QSettings store_;
  ViewerSettings settings_;
  std::unique_ptr<MainWindow> window_;
};

void Session::save() {
  thresholds().set_kind(ThresholdScope::kAll, workspace().head_key(), ThresholdChoice::Kind::kTopK,
                        16.0);
  settle();
  std::optional<QString> error;
  save_in_background(&workspace(), thresholds().plan(),
                     folder_.filePath(QStringLiteral("thresholds.safetensors")),
                     [&error](const QString& text) { error = text; });
  double longest = 0.0;
  while (!error) {
    QElapsedTimer timer;
    timer.start();
    QCoreApplication::processEvents(QEventLoop::AllEvents);
    longest = std::max(longest, milliseconds(timer));
    QThread::usleep(500);
  }
  if (!error->isEmpty()) throw std::runtime_error(error->toStdString());
  add("the window's longest pause while thresholds are saved", longest, 50.0);
  thresholds().reset(ThresholdScope::kAll, workspace().head_key());
  settle();
}

/// Pictures of all heads, in the fields that are made from whole heads.
void Session::overview() {
  HeadStore& store = *workspace().store();
  const SequenceKey sequence = workspace().sequence_key();
  const std::int64_t heads = workspace().sequence()->shape.heads;
  for (const Field field : {Field::kMargin, Field::kLostMass, Field::kDisagreement}) {
    for (std::int64_t head = 0; head < heads; ++head)
      store.request_thumbnail({sequence, head}, field);
    const auto all_there = [&] {
      for (std::int64_t head = 0; head < heads; ++head) {
        if (!store.thumbnail({sequence, head}, field)) return false;
      }
      return true;
    };
    wait_until(all_there, "the overview");
  }
}

}  // namespace

void measure_viewer(const std::string& trace, const std::function<void(const Figure&)>& report) {
  Session(trace, report).measure();
}

}  // namespace bsfa::bench
