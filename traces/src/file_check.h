// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

namespace bsfa::traces {

/// Looks at a file's first bytes before HDF5 does, and returns its size.
///
/// HDF5 trusts what it finds in files of its old formats, which carry no checksums, and damaged
/// ones can crash it. Traces are written in the 1.10 format, so older ones are refused here.
///
/// Errors  throws core::InputError: not there, no regular file, empty, no HDF5, an old format, cut
///         short.
std::uint64_t check_file(const std::filesystem::path& path);

}  // namespace bsfa::traces
