# SPDX-License-Identifier: Apache-2.0
# One interface target carries language level, architecture, warnings and sanitizers for our own code.
add_library(bsfa_options INTERFACE)
add_library(bsfa::options ALIAS bsfa_options)

target_compile_features(bsfa_options INTERFACE cxx_std_20)
target_include_directories(bsfa_options INTERFACE ${PROJECT_SOURCE_DIR})
set(own_options -march=${BSFA_ARCH}
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives from inlined Eigen and std::string code at -O3.
  list(APPEND own_options
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
if(BSFA_SANITIZE)
  list(APPEND own_options
    -fsanitize=${BSFA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(bsfa_options INTERFACE -fsanitize=${BSFA_SANITIZE})
endif()
target_compile_options(bsfa_options INTERFACE
  "$<$<COMPILE_LANGUAGE:C,CXX>:${own_options}>"
  # CMake 3.25 does not know the CUDA 20 dialect. What nvcc writes for the host compiler is not
  # pedantic and converts freely.
  "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;-lineinfo;-Werror=all-warnings;-Xcompiler=-Wall,-Wextra>")

# For targets that compute: the sanitized build compiles everything else without optimisation, because
# optimising instrumented code takes longer than running it.
function(bsfa_computes)
  if(BSFA_SANITIZE)
    foreach(target ${ARGN})
      target_compile_options(${target} PRIVATE -O1)
    endforeach()
  endif()
endfunction()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Without this it never answers for a file that uses a precompiled header.
  set(with_ccache ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${with_ccache})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${with_ccache})
endif()
