// SPDX-License-Identifier: Apache-2.0
#include "traces/src/hdf5.h"

#include <algorithm>

#if defined(__SANITIZE_ADDRESS__)
/// HDF5 1.10 forgets a small buffer each time a checksum is wrong, and fontconfig a pattern where
/// the viewer's Qt asks it for fonts, which are no leaks of ours. A program has one such list.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5\nleak:libfontconfig";
}
#endif

namespace bsfa::traces {
namespace {

std::mutex& hdf5_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Upward from the innermost function, so the first entry is the cause.
herr_t keep_first(unsigned index, const H5E_error2_t* error, void* text) noexcept {
  if (index != 0 || error->desc == nullptr) return 0;
  try {
    static_cast<std::string*>(text)->assign(error->desc);
  } catch (...) {
    return -1;
  }
  return 0;
}

/// HDF5 cleans up when the process ends; after a wrong checksum it finds a buffer of its own that
/// it forgot, gives up and complains on stderr. Here every file is closed long before.
void leave_no_work_for_exit() {
  static const herr_t once = H5dont_atexit();  // works before any other call only
  static_cast<void>(once);
}

}  // namespace

Hdf5Session::Hdf5Session() : lock_(hdf5_mutex()) {
  leave_no_work_for_exit();
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Session::~Hdf5Session() {
  H5Eclear2(H5E_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
}

std::string take_hdf5_error() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  H5Eclear2(H5E_DEFAULT);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.empty() ? "HDF5 gives no reason" : "HDF5 says: " + text;
}

}  // namespace bsfa::traces
