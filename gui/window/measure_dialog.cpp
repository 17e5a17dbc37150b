// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/measure_dialog.h"

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QPushButton>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "gui/models/commands.h"
#include "gui/views/theme.h"

namespace bsfa::gui {

QString local_bsfa() {
  const QFileInfo beside(QCoreApplication::applicationDirPath() + QStringLiteral("/bsfa"));
  if (beside.isExecutable()) return beside.absoluteFilePath();
  const QString found = QStandardPaths::findExecutable(QStringLiteral("bsfa"));
  return found.isEmpty() ? QStringLiteral("bsfa") : found;
}

MeasureDialog::MeasureDialog(const MeasureRequest& suggested, QWidget* parent)
    : QDialog(parent),
      suggested_(suggested),
      host_(new QLineEdit(suggested.host, this)),
      program_(new QLineEdit(suggested.program, this)),
      input_(new QLineEdit(suggested.input, this)),
      arguments_(new QLineEdit(shell_line(suggested.arguments), this)),
      layers_(new QLabel(this)),
      kernel_(new QLabel(this)),
      fault_(new QLabel(this)) {
  setWindowTitle(tr("Measure under these thresholds"));
  host_->setPlaceholderText(tr("this machine; or user@host, reached by ssh"));
  auto* form = new QFormLayout;
  form->addRow(tr("&Where"), host_);
  form->addRow(tr("&Program"), program_);
  form->addRow(tr("&Input"), input_);
  form->addRow(tr("&Options"), arguments_);
  form->addRow(tr("Layers"), layers_);
  layers_->setWordWrap(true);
  form->addRow(tr("Kernel"), kernel_);
  kernel_->setWordWrap(true);
  connect(arguments_, &QLineEdit::textChanged, this, &MeasureDialog::show_what);
  show_what();
  auto* note = new QLabel(
      suggested.sha256.isEmpty()
          ? tr("The trace does not say what its input's hash was: whether this is the same input "
               "cannot be checked.")
          : tr("The thresholds are sent there, the input's SHA-256 is checked, and the new trace "
               "comes back."),
      this);
  note->setWordWrap(true);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  buttons->addButton(tr("&Measure"), QDialogButtonBox::AcceptRole);
  connect(buttons, &QDialogButtonBox::accepted, this, &MeasureDialog::check);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  fault_->setAccessibleName(tr("What is missing"));
  fault_->setWordWrap(true);
  QPalette red = fault_->palette();
  red.setColor(QPalette::WindowText, theme_of(*this).bad);
  fault_->setPalette(red);

  auto* layout = new QVBoxLayout(this);
  layout->addLayout(form);
  layout->addWidget(note);
  layout->addWidget(fault_);
  layout->addWidget(buttons);
  setMinimumWidth(80 * fontMetrics().averageCharWidth());
}

MeasureRequest MeasureDialog::request() const {
  MeasureRequest request = suggested_;
  request.host = host_->text().trimmed();
  request.program = program_->text().trimmed();
  request.input = input_->text().trimmed();
  request.arguments = shell_words(arguments_->text()).value_or(QStringList());
  return request;
}

void MeasureDialog::show_what() {
  const MeasureRequest asked = request();
  const QString layers = measured_layers(asked);
  layers_->setText(
      measures_all(asked)
          ? tr("Measures %1.").arg(layers)
          : tr("Measures %1 alone; thresholds of other layers stay estimates.").arg(layers));
  kernel_->setText(measured_kernel(asked));
}

void MeasureDialog::check() {
  QString fault = fault_of(request());
  if (!shell_words(arguments_->text())) fault = tr("A quote in the options stays open.");
  if (fault.isEmpty() && request().host.isEmpty() && !QFileInfo(request().input).isReadable()) {
    fault = tr("%1: cannot be read on this machine.").arg(request().input);
  }
  fault_->setText(fault);
  if (fault.isEmpty()) accept();
}

}  // namespace bsfa::gui
