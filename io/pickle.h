// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/dtype.h"

namespace bsfa::io {

struct PickleValue;

/// A value of the pickle that holds it. Values may contain one another in circles.
using PickleRef = const PickleValue*;

struct PickleNone {};
struct PickleList {
  std::vector<PickleRef> items;
};
struct PickleTuple {
  std::vector<PickleRef> items;
};
struct PickleDict {
  std::vector<std::pair<PickleRef, PickleRef>> items;
};
/// A name that the allow-list knows; what it stands for is never looked up or called.
struct PickleGlobal {
  std::string_view name;
};
/// The numbers of a tensor, which lie in the archive under `key`.
struct PickleStorage {
  core::Dtype dtype = core::Dtype::kFloat32;
  std::string key;
  std::int64_t elements = 0;
};
/// A view of a storage. Every element lies inside, and there are no more than the storage has.
struct PickleTensor {
  PickleRef storage = nullptr;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape, stride;
};

struct PickleValue {
  std::variant<PickleNone, bool, std::int64_t, double, std::string, PickleList, PickleTuple,
               PickleDict, PickleGlobal, PickleStorage, PickleTensor>
      value;

  template <typename T>
  const T* as() const noexcept {
    return std::get_if<T>(&value);
  }
};

/// What a pickle says, read by an interpreter of the few opcodes that torch.save emits for tables
/// of numbers. Nothing is imported, called or executed, whatever the pickle asks for.
///
/// Allowed  opcodes: protocols 2 to 5's frames, marks, constants, containers, memo, persistent ids,
///          GLOBAL, STACK_GLOBAL and REDUCE; globals: those of pickle_torch.cpp.
/// Errors   throws core::InputError naming `file`, the opcode or global that is refused, and the
///          byte where it stands; also for a pickle of more than 1 MiB.
class Pickle {
 public:
  Pickle(std::span<const std::byte> bytes, const std::string& file);
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;

  PickleRef root() const noexcept { return root_; }
  /// The value under a text key of a dictionary; nullptr where it is not there.
  static PickleRef find(const PickleDict& dict, std::string_view key) noexcept;

 private:
  std::deque<PickleValue> values_;
  PickleRef root_ = nullptr;
};

}  // namespace bsfa::io
