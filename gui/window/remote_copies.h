// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QTemporaryDir>
#include <memory>
#include <vector>

namespace bsfa::gui {

/// Traces of other machines for a command line: copied before anything opens, with progress on
/// standard error where that is a terminal. The copies go with this.
class RemoteCopies {
 public:
  /// A local name comes back as it is, ssh://host/path as that of its copy; links stay links.
  ///
  /// Errors  throws core::UsageError where it is no remote path, core::InputError where the copy
  ///         does not succeed.
  QString local(const QString& text);

 private:
  std::vector<std::unique_ptr<QTemporaryDir>> folders_;
};

}  // namespace bsfa::gui
