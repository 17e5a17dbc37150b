// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <vector>

#include "gui/window/process_job.h"

namespace bsfa::gui {

/// One run of `bsfa compare` under thresholds of our own.
struct MeasureRequest {
  std::vector<std::int64_t> layers;  ///< that the trace holds and thresholds are given for
  QString host;                      ///< "" is this machine, else as ssh takes it
  QString program;                   ///< bsfa, there
  QString input;                     ///< file with Q, K and V, there
  QString sha256;                    ///< that the input must have; "" where the trace does not say
  QStringList arguments;             ///< of compare, without --qkv, --thresholds and --out
  QString judged;                    ///< saved output that the trace judges; "" where a kernel ran
  QByteArray thresholds;             ///< a safetensors table
  QString output_file;               ///< where the new trace goes, here
};

/// The POSIX script that does it, the same here and there: it takes the thresholds from standard
/// input, checks the input's hash before anything long, and writes the trace to standard output.
/// When standard input ends (Cancel, a lost connection, our own end) the run is stopped and its
/// folder removed, also where the script's own shell was killed.
QString measure_script(const MeasureRequest& request);

ProcessPlan measure_plan(const MeasureRequest& request);

/// Whether every layer is measured, and not the one that `--layer` names.
bool measures_all(const MeasureRequest& request);
/// Which layers are measured: "all 3 layers", "layer 4".
QString measured_layers(const MeasureRequest& request);
/// Which kernel runs, and that it is none that the trace is about where that judges an output.
QString measured_kernel(const MeasureRequest& request);

/// One line where a request cannot be run as it is; empty where it can.
QString fault_of(const MeasureRequest& request);

}  // namespace bsfa::gui
