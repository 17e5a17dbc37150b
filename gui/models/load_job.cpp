// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/load_job.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>
#include <QtCore/QPointer>
#include <QtCore/QThread>

namespace bsfa::gui {
namespace {

/// What a worker tells its job; one event type for all of it.
class JobEvent : public QEvent {
 public:
  static QEvent::Type type_of_all() {
    static const auto kType = static_cast<QEvent::Type>(QEvent::registerEventType());
    return kType;
  }
  enum class What { kProgress, kDone, kFailed };

  explicit JobEvent(double fraction)
      : QEvent(type_of_all()), what(What::kProgress), progress(fraction) {}
  explicit JobEvent(std::function<void()> delivery)
      : QEvent(type_of_all()), what(What::kDone), deliver(std::move(delivery)) {}
  explicit JobEvent(QString error)
      : QEvent(type_of_all()), what(What::kFailed), text(std::move(error)) {}

  What what;
  double progress = 0.0;
  std::function<void()> deliver;
  QString text;
};

/// Before the application goes: work that still runs may use what goes with it.
void drain() {
  LoadJob::pool()->clear();
  LoadJob::pool()->waitForDone();
}

}  // namespace

void JobControl::report(double fraction) const {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  if (state_->receiver != nullptr)
    QCoreApplication::postEvent(state_->receiver, new JobEvent(fraction));
}

QThreadPool* LoadJob::pool() {
  // The second thread keeps one long job from holding up all others.
  struct Pool : QThreadPool {
    Pool() {
      setMaxThreadCount(std::max(2, QThread::idealThreadCount()));
      qAddPostRoutine(&drain);
    }
  };
  static Pool pool;
  return &pool;
}

LoadJob::LoadJob(QObject* context) : QObject(context) {
  control_.state_ = std::make_shared<JobControl::State>();
  control_.state_->receiver = this;
}

LoadJob::~LoadJob() {
  detach();
}

void LoadJob::launch(std::function<Delivery(const JobControl&)> work, int priority,
                     QThreadPool* pool) {
  pool->start(
      [control = control_, work = std::move(work)] {
        if (control.cancelled()) return;
        JobEvent* event = nullptr;
        try {
          event = new JobEvent(work(control));
        } catch (const std::exception& error) {
          event = new JobEvent(QString::fromUtf8(error.what()));
        }
        // The receiver clears itself under this lock before it goes, so it is alive here; events
        // that wait for it go with it.
        const std::lock_guard lock(control.state_->mutex);
        if (control.state_->receiver != nullptr) {
          QCoreApplication::postEvent(control.state_->receiver, event);
        } else {
          delete event;
        }
      },
      priority);
}

void LoadJob::detach() {
  control_.state_->cancelled.store(true, std::memory_order_relaxed);
  const std::lock_guard lock(control_.state_->mutex);
  control_.state_->receiver = nullptr;
}

void LoadJob::cancel() {
  if (ended_) return;
  detach();
  end(false);
}

void LoadJob::end(bool delivered) {
  ended_ = true;
  deleteLater();
  emit ended(delivered);
}

bool LoadJob::event(QEvent* event) {
  if (event->type() != JobEvent::type_of_all()) return QObject::event(event);
  if (ended_) return true;
  const auto* told = static_cast<const JobEvent*>(event);
  switch (told->what) {
    case JobEvent::What::kProgress:
      progress_ = told->progress;
      emit progressed(progress_);
      break;
    case JobEvent::What::kFailed: {
      const QPointer<LoadJob> alive(this);
      emit failed(told->text);
      if (alive && !ended_) end(false);
      break;
    }
    case JobEvent::What::kDone: {
      // Whoever takes the result may close the window that this job belongs to.
      const QPointer<LoadJob> alive(this);
      const auto deliver = told->deliver;
      deliver();
      if (alive && !ended_) end(true);
      break;
    }
  }
  return true;
}

}  // namespace bsfa::gui
