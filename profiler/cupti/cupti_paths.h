// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace bsfa::profiler {

/// What the search for libcupti goes by; each as the environment has it, empty where it has not.
struct CuptiSearch {
  std::string named;      ///< BSFA_CUPTI: a file, which then is the only candidate
  std::string path;       ///< PATH, whose prefixes may be those of a Python
  std::string cuda_home;  ///< CUDA_HOME
  std::string home;       ///< HOME
  std::string root;       ///< stands before every folder of the system: for tests
};
CuptiSearch search_of_environment();

/// Files that may be libcupti, best first: the loader's own search, toolkits, Python packages
/// (nvidia/cu13 or nvidia/cuda_cupti). Those with a folder exist.
std::vector<std::string> cupti_candidates(const CuptiSearch& search);

}  // namespace bsfa::profiler
