// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bsfa::cli {

/// Version and commit that this program was built from ("unknown" outside a git checkout).
extern const char* const kVersion;
extern const char* const kCommit;

}  // namespace bsfa::cli
