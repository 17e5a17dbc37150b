# SPDX-License-Identifier: Apache-2.0
# Finds the CUDA toolkit. BSFA_HAVE_CUDA says whether kernels/cuda is built.
#
# AUTO builds it where a toolkit is found, ON insists, OFF never looks.
set(BSFA_CUDA AUTO CACHE STRING "Build the CUDA kernels: AUTO (if there is a toolkit), ON, OFF")
set_property(CACHE BSFA_CUDA PROPERTY STRINGS AUTO ON OFF)
set(BSFA_CUDA_ARCHITECTURES "80-real;90-real;80-virtual" CACHE STRING
  "What CUDA kernels are compiled for; PTX of the oldest serves what is newer than all")

set(BSFA_HAVE_CUDA FALSE)
if(BSFA_CUDA)
  if(BSFA_CUDA STREQUAL "AUTO")
    find_package(CUDAToolkit 13.0 QUIET)
  else()
    find_package(CUDAToolkit 13.0 REQUIRED)
  endif()
  if(CUDAToolkit_FOUND AND NOT CMAKE_CUDA_COMPILER)
    # The toolkit's own compiler, which need not be in PATH.
    set(CMAKE_CUDA_COMPILER ${CUDAToolkit_NVCC_EXECUTABLE})
  endif()
  if(CUDAToolkit_FOUND AND CMAKE_CUDA_COMPILER AND TARGET CUDA::cudart_static)
    set(BSFA_HAVE_CUDA TRUE)
  elseif(NOT BSFA_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "BSFA_CUDA is ${BSFA_CUDA} and the CUDA toolkit lacks nvcc or libcudart_static.a")
  endif()
endif()

if(BSFA_HAVE_CUDA)
  set(CMAKE_CUDA_ARCHITECTURES ${BSFA_CUDA_ARCHITECTURES})
  set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
  set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
  if(CCACHE_PROGRAM)
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  endif()
  enable_language(CUDA)
  message(STATUS "CUDA kernels: ${CMAKE_CUDA_COMPILER} ${CUDAToolkit_VERSION}")
else()
  message(STATUS "CUDA kernels: left out")
endif()
