// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "core/block.h"
#include "core/problem.h"
#include "core/run_control.h"
#include "core/tensor.h"
#include "core/work.h"
#include "kernels/host/library.h"
#include "kernels/host/tile_statistics.h"

namespace bsfa::cli {

/// Where tile maxima come from: a device's tile statistics in fp32, or, where it is null, the
/// reference in double. They differ by no more than fp32 allows (docs/verdict.md).
using ScoreDevice = std::shared_ptr<kernels::TileStatistics>;

/// The fastest kernel of this build on the first CUDA device.
///
/// Errors  throws core::UsageError where this build has no CUDA kernels, core::DeviceError where
///         there is no device.
ScoreDevice score_device();

/// That where `kernel` computes on a device, null where it computes on the host.
ScoreDevice score_device_beside(const kernels::Kernel& kernel);

/// Calls `visit` with item, rows and tile_max of every item, one call at a time, in any order.
///
/// Errors  throws core::InvalidProblem, core::Interrupted, from a device what TileStatistics::run
///         throws.
void for_each_tile_row(const core::Problem& problem, const core::AttentionInputs& inputs,
                       std::span<const core::WorkItem> items, const ScoreDevice& device,
                       const core::RunControl& control,
                       const std::function<void(const core::BlockStatistics&)>& visit);

}  // namespace bsfa::cli
