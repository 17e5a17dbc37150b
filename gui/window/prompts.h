// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

namespace bsfa::gui {

/// What a window asks before it goes on. Each is a dialog that stops the rest; a test answers for
/// itself.
class Prompts {
 public:
  enum class Unsaved { kSave, kDiscard, kCancel };

  virtual ~Prompts() = default;

  /// Names of files and folders; empty: the user thought better of it.
  virtual QString open_name(QWidget* parent, const QString& title, const QString& filter);
  virtual QString save_name(QWidget* parent, const QString& title, const QString& suggested,
                            const QString& filter);
  virtual QString folder_name(QWidget* parent, const QString& title);
  /// What to do with something that would be lost; `what` is a sentence that says so.
  virtual Unsaved unsaved(QWidget* parent, const QString& what);
};

}  // namespace bsfa::gui
