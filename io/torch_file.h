// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/thresholds.h"
#include "io/file_bytes.h"
#include "io/pickle.h"

namespace bsfa::io {

/// The bytes of a storage by its key; throws core::InputError where there is none.
using StorageReader = std::function<std::vector<std::byte>(const std::string& key)>;

/// A threshold table out of what torch.save wrote: a dictionary with thresholds [K,L,H,blocks],
/// k_values (a list or tensor), q_block_size, k_block_size and, if given, aggregation_method.
/// Layers are numbered from 0; other keys are ignored.
///
/// Errors  throws core::InputError: a file that is no such archive, a pickle that asks for anything
///         beyond the allow-list, a key that is missing or of the wrong kind, a shape that does not
///         fit, a NaN τ.
core::ThresholdTable read_torch_thresholds(std::shared_ptr<const FileBytes> file);

/// The same from a pickle whose storages come from elsewhere.
core::ThresholdTable torch_thresholds(const Pickle& pickle, const StorageReader& storages,
                                      const std::string& file);

}  // namespace bsfa::io
