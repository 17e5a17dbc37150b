// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "kernels/host/library.h"

namespace bsfa::test {

/// A kernel made of another's functions, to be replaced one by one by misbehaving ones.
class FakeLibrary final : public kernels::Library {
 public:
  explicit FakeLibrary(const bsfa_kernel& base) : kernel(base) {
    origin_ = "fake.so";
    table_ = &library_;
  }
  bsfa_kernel kernel;

 private:
  const bsfa_kernel* kernels_[1] = {&kernel};
  bsfa_library library_ = {sizeof(bsfa_library), BSFA_ABI_VERSION, "fake", "test", 1, kernels_};
};

inline const bsfa_kernel& real_kernel() {
  return *kernels::find_kernel("cpu").table;
}

/// A kernel, without another word the cpu kernel, with some functions replaced by `change`.
template <typename Change>
kernels::Kernel fake_kernel(Change&& change, const bsfa_kernel& base = real_kernel()) {
  auto library = std::make_shared<FakeLibrary>(base);
  change(library->kernel);
  return {library, &library->kernel};
}

}  // namespace bsfa::test
