# SPDX-License-Identifier: Apache-2.0
# The libraries of BsfaDependencies as archives: a program that links them needs the C library and
# libgcc_s and nothing else. Headers and definitions are those of the shared ones, so that every object file is
# the same either way and a change of mind costs one round of linking.
set(BSFA_STATIC_LIBRARIES ${PROJECT_SOURCE_DIR}/build/static-libraries CACHE PATH
  "What scripts/bundle-libraries made")

# bsfa_find_archive(VARIABLE FILE): Debian's own, or ours.
function(bsfa_find_archive variable file)
  find_library(${variable} NAMES ${file} HINTS ${BSFA_STATIC_LIBRARIES}/lib PATH_SUFFIXES hdf5/serial)
  mark_as_advanced(${variable})
  if(NOT ${variable})
    message(FATAL_ERROR "BSFA_STATIC is on and there is no ${file}: run scripts/bundle-libraries")
  endif()
endfunction()

# bsfa_archive_target(TARGET VARIABLE [LIBRARIES ...])
function(bsfa_archive_target target variable)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${${variable}})
  target_link_libraries(${target} INTERFACE ${ARG_LIBRARIES})
endfunction()

foreach(name TBB FMT ZIP HDF5 SZ AEC Z)
  string(TOLOWER lib${name}.a file)
  bsfa_find_archive(BSFA_${name}_ARCHIVE ${file})
endforeach()
find_path(BSFA_HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
mark_as_advanced(BSFA_HDF5_INCLUDE_DIR)

bsfa_archive_target(ZLIB::ZLIB BSFA_Z_ARCHIVE)
bsfa_archive_target(TBB::tbb BSFA_TBB_ARCHIVE LIBRARIES Threads::Threads ${CMAKE_DL_LIBS})
bsfa_archive_target(fmt::fmt BSFA_FMT_ARCHIVE)
target_compile_definitions(fmt::fmt INTERFACE FMT_SHARED)
bsfa_archive_target(PkgConfig::LIBZIP BSFA_ZIP_ARCHIVE LIBRARIES ZLIB::ZLIB)
# HDF5's drivers for the cloud need libcurl and libcrypto; nothing here refers to them.
bsfa_archive_target(hdf5::hdf5 BSFA_HDF5_ARCHIVE
  LIBRARIES ${BSFA_SZ_ARCHIVE} ${BSFA_AEC_ARCHIVE} ZLIB::ZLIB Threads::Threads m ${CMAKE_DL_LIBS})
target_include_directories(hdf5::hdf5 INTERFACE ${BSFA_HDF5_INCLUDE_DIR})

# libgcc_s stays shared: an exception that somebody's kernel library throws at us needs one unwinder
# in the process. Members of libstdc++.a drag in std::random_device and with it arc4random, newer than
# the oldest C library that bundles run on; nothing uses it, so it goes with the unused sections.
# The viewer has Qt, which brings the shared libstdc++, and a process should have one.
target_link_options(bsfa_options INTERFACE
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:BSFA_SHARED_LIBSTDCXX>>>:-static-libstdc++> LINKER:--gc-sections)
