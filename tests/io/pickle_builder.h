// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/io/builders.h"

namespace bsfa::test {

/// Spells pickles opcode by opcode.
struct PickleText {
  std::string bytes;

  PickleText& op(std::string_view code) {
    bytes += code;
    return *this;
  }
  PickleText& text(std::string_view value) {
    return op("X").op(raw(static_cast<std::uint32_t>(value.size()))).op(value);
  }
  PickleText& number(std::int32_t value) { return op("J").op(raw(value)); }
  PickleText& global(std::string_view module, std::string_view name) {
    return op("c").op(module).op("\n").op(name).op("\n");
  }
  PickleText& numbers(const std::vector<std::int32_t>& values) {
    op("(");
    for (const std::int32_t value : values) number(value);
    return op("t");
  }
  PickleText& storage(std::string_view kind, std::string_view key, std::int32_t elements) {
    return op("(")
        .text("storage")
        .global("torch", kind)
        .text(key)
        .text("cpu")
        .number(elements)
        .op("tQ");
  }
  PickleText& tensor(std::string_view kind, std::string_view key, std::int32_t elements,
                     std::int32_t offset, const std::vector<std::int32_t>& shape,
                     const std::vector<std::int32_t>& stride) {
    global("torch._utils", "_rebuild_tensor_v2").op("(").storage(kind, key, elements);
    number(offset).numbers(shape).numbers(stride).op("\x89");
    return global("collections", "OrderedDict").op(")RtR");
  }
};

inline PickleText proto() {
  return PickleText{"\x80\x02"};
}

}  // namespace bsfa::test
