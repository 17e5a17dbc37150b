// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QThreadPool>

namespace bsfa::gui {

/// What a running job asks and says; copies share one state. A default one is never cancelled.
class JobControl {
 public:
  JobControl() = default;
  bool cancelled() const noexcept {
    return state_ && state_->cancelled.load(std::memory_order_relaxed);
  }
  /// Share of the work done, 0 to 1.
  void report(double fraction) const;

 private:
  friend class LoadJob;
  struct State {
    std::atomic<bool> cancelled{false};
    std::mutex mutex;
    QObject* receiver = nullptr;  ///< guarded by mutex; null once nobody waits
  };
  std::shared_ptr<State> state_;
};

/// One piece of work on another thread, whose result comes back to the thread that asked.
///
/// A job is a child of its context. When the context goes, or the job is cancelled, the work is
/// told to stop and what it still gives is dropped: nothing is delivered to an object that is gone.
/// Jobs delete themselves when they have ended; keep them in a QPointer.
///
/// Threads  start, cancel and delivery on the context's thread; `work` on one of the pool, which
///          the application's end waits for.
class LoadJob : public QObject {
  Q_OBJECT

 public:
  /// Runs work(control) and then, on the context's thread, deliver(its result). Exceptions of the
  /// work end in failed(). Of jobs that wait for a thread, those of higher priority go first.
  template <typename Result>
  static LoadJob* start(QObject* context, std::function<Result(const JobControl&)> work,
                        std::function<void(Result)> deliver, int priority = 0,
                        QThreadPool* pool = LoadJob::pool()) {
    auto* job = new LoadJob(context);
    job->launch(
        [work = std::move(work), deliver = std::move(deliver)](const JobControl& control) {
          auto result = std::make_shared<Result>(work(control));
          return [deliver, result] { deliver(std::move(*result)); };
        },
        priority, pool);
    return job;
  }
  ~LoadJob() override;

  /// What jobs run on: not the global pool, whose threads Qt waits for while it paints.
  static QThreadPool* pool();

  /// Nothing is delivered after this; ended(false) follows at once.
  void cancel();
  double progress() const noexcept { return progress_; }

 signals:
  void progressed(double fraction);
  void failed(const QString& text);
  /// The last signal; `delivered` where the work was done and handed over.
  void ended(bool delivered);

 private:
  using Delivery = std::function<void()>;
  explicit LoadJob(QObject* context);
  void launch(std::function<Delivery(const JobControl&)> work, int priority, QThreadPool* pool);
  bool event(QEvent* event) override;
  void end(bool delivered);
  void detach();

  JobControl control_;
  double progress_ = 0.0;
  bool ended_ = false;
};

}  // namespace bsfa::gui
