// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedLayout;

namespace bsfa::gui {

/// Around the content of a dock: says why there is nothing to see, or that what is seen is old.
///
/// Empty    a sentence, and the command that would fill the dock, with a button that copies it.
/// Loading  what is being loaded, how far it is, and Cancel.
/// Stale    the content stays, under a line that says why it is old.
/// Partial  what there is of the content, under a line that says what could not be read.
/// Error    one line, and Retry.
class StateFrame : public QWidget {
  Q_OBJECT

 public:
  enum class State { kReady, kEmpty, kLoading, kStale, kPartial, kError };

  /// Owns `content`; `title` names the dock to assistive technology.
  StateFrame(const QString& title, QWidget* content, QWidget* parent = nullptr);

  State state() const { return state_; }
  QWidget* content() const { return content_; }
  /// That of the content alone: a line above it that comes and goes moves no other dock.
  QSize minimumSizeHint() const override;

  void set_ready();
  /// `command` may be empty.
  void set_empty(const QString& sentence, const QString& command);
  /// `percent` below 0: nobody knows.
  void set_loading(const QString& what, int percent);
  void set_stale(const QString& why);
  void set_partial(const QString& line);
  void set_error(const QString& line);

 signals:
  void cancelled();
  void retried();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QWidget* make_banner();
  QWidget* make_message();
  void show_banner(State state, const QString& text);
  void show_state(State state);
  void restyle();

  State state_ = State::kReady;
  QString title_;
  QWidget* content_;
  QLabel* banner_text_ = nullptr;
  QWidget* banner_;
  QStackedLayout* pages_ = nullptr;
  QLabel* heading_ = nullptr;
  QLabel* message_ = nullptr;
  QLabel* command_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QPushButton *copy_ = nullptr, *cancel_ = nullptr, *retry_ = nullptr;
};

}  // namespace bsfa::gui
