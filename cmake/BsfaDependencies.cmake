# SPDX-License-Identifier: Apache-2.0
# Everything comes from the system (Debian 12 names in README); nothing is downloaded at configure time.
find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(PkgConfig REQUIRED)
# libzip's CMake package in Debian 12 refers to command line tools that -dev does not install.
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
if(BSFA_BUILD_TESTS)
  find_package(Catch2 REQUIRED)
endif()
if(BSFA_BUILD_BENCH)
  find_package(benchmark REQUIRED)
endif()
