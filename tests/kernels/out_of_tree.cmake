# SPDX-License-Identifier: Apache-2.0
# Installs the kernel interface alone, builds the example against the installed header outside the
# tree, and runs the tests that load it: cmake -D BUILD=... -D SOURCE=... -D TEST=... -P this file
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGN}\n${text}")
  endif()
  message("${text}")
endfunction()

set(scratch ${BUILD}/out-of-tree)
file(REMOVE_RECURSE ${scratch})
step(${CMAKE_COMMAND} --install ${BUILD} --component kernel-api --prefix ${scratch}/prefix)
file(GLOB_RECURSE installed RELATIVE ${scratch}/prefix ${scratch}/prefix/*)
list(FILTER installed EXCLUDE REGEX "kernel\\.h$|bsfa-kernel-api-config(-version)?\\.cmake$")
if(installed)
  message(FATAL_ERROR "the interface installs more than its header: ${installed}")
endif()
# A copy, so that nothing of this tree is in reach but what is installed.
file(COPY ${SOURCE}/examples/plugin DESTINATION ${scratch})
step(${CMAKE_COMMAND} -S ${scratch}/plugin -B ${scratch}/build -G ${GENERATOR}
  -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_PREFIX_PATH=${scratch}/prefix)
step(${CMAKE_COMMAND} --build ${scratch}/build)
step(${CMAKE_COMMAND} -E env BSFA_EXAMPLE_PLUGIN=${scratch}/build/naive.so ${TEST})
