// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/src/hdf5.h"

namespace bsfa::traces {

/// Scalar attributes of an object: text of fixed length in UTF-8, 64-bit integers, 32-bit floats.
///
/// Errors  throw Fault naming the attribute: missing, another type, too large to be meant.

void write_text(hid_t object, const std::string& name, const std::string& value);
void write_integer(hid_t object, const std::string& name, std::int64_t value);
void write_real(hid_t object, const std::string& name, float value);

bool has_attribute(hid_t object, const std::string& name);
std::string read_text(hid_t object, const std::string& name);
std::int64_t read_integer(hid_t object, const std::string& name);
float read_real(hid_t object, const std::string& name);

/// Names of the attributes that read_text can read, in order.
std::vector<std::string> text_attributes(hid_t object);

/// A type for text of this many bytes, padded with zeros; HDF5 has none of no length.
Handle text_type(std::size_t bytes);

}  // namespace bsfa::traces
