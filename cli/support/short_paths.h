// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace bsfa::cli {

/// Names of files as people want to read them: no more of a path than tells it from others.
class ShortPaths {
 public:
  /// Paths of one place, all of which must stay apart. Of several places, whose folders differ,
  /// each file keeps as many folders as it needs in any of them, so that it has one name
  /// everywhere.
  void keep_apart(const std::set<std::string>& paths);

  /// "a.cuh", or "x/a.cuh" where there is another a.cuh; the whole path of one never seen.
  std::string of(const std::string& path) const;

 private:
  std::map<std::string, std::size_t> parts_;  ///< of the path's end, by file name
};

}  // namespace bsfa::cli
