// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/dtype.h"
#include "io/pickle.h"

namespace bsfa::io {

/// The allow-listed spelling of "module.name", or nothing.
std::optional<std::string_view> allowed_global(std::string_view name) noexcept;

/// Where an interpreter stands, to say what is refused there.
struct PicklePlace {
  const std::string& file;
  std::size_t byte = 0;

  /// Throws core::InputError "FILE: the pickle CAUSE (data.pkl, byte N)".
  [[noreturn]] void refuse(const std::string& cause) const;
};

/// ('storage', torch.FloatStorage, key, location, elements) as a storage; refuses anything
/// else.
PickleStorage storage_of(const PickleValue& persistent_id, const PicklePlace& place);

/// What REDUCE may make: a tensor view, or the empty dictionary of collections.OrderedDict().
PickleValue reduced(const PickleValue& callable, const PickleValue& arguments,
                    const PicklePlace& place);

}  // namespace bsfa::io
