# SPDX-License-Identifier: Apache-2.0
cmake_minimum_required(VERSION 3.25)
# Run at build time: writes OUTPUT with VERSION and the commit of SOURCE, and touches it only on change.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT
"// SPDX-License-Identifier: Apache-2.0
#include \"cli/build_info.h\"

namespace bsfa::cli {

const char* const kVersion = \"@VERSION@\";
const char* const kCommit = \"@commit@\";

}  // namespace bsfa::cli
")
