// SPDX-License-Identifier: Apache-2.0
#include "io/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <unordered_map>

#include "io/bytes.h"
#include "io/pickle_opcodes.h"
#include "io/pickle_torch.h"

namespace bsfa::io {
namespace {

constexpr std::size_t kLongestPickle = std::size_t{1} << 20U;

/// One run over the opcodes: a stack, its marks and a memo.
class Interpreter {
 public:
  Interpreter(std::span<const std::byte> bytes, const std::string& file,
              std::deque<PickleValue>& values)
      : bytes_(bytes), file_(file), values_(values) {}

  PickleRef run() {
    if (bytes_.size() > kLongestPickle) refuse("is larger than 1 MiB");
    while (true) {
      opcode_at_ = at_;
      const auto code = number<std::uint8_t>();
      if (static_cast<Opcode>(code) == Opcode::kStop) break;
      const bool known = constant(code) || container(code) || memo(code) || object(code);
      if (!known) refuse("uses opcode " + opcode_text(code) + ", which is not allowed");
    }
    PickleValue* root = pop();
    if (!stack_.empty() || !marks_.empty()) refuse("leaves values behind at its end");
    return root;
  }

 private:
  [[noreturn]] void refuse(const std::string& cause) const { place().refuse(cause); }

  PicklePlace place() const { return {file_, opcode_at_}; }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > bytes_.size() - at_) refuse("is truncated");
    const auto part = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += static_cast<std::size_t>(count);
    return part;
  }

  template <typename T>
  T number() {
    return load<T>(take(sizeof(T)), 0);
  }

  std::string_view line() {
    const std::string_view rest = as_text(bytes_.subspan(at_));
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) refuse("is truncated");
    at_ += end + 1;
    return rest.substr(0, end);
  }

  template <typename T>
  bool push(T value) {
    values_.push_back({std::move(value)});
    stack_.push_back(&values_.back());
    return true;
  }

  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  PickleValue* pop() {
    if (stack_.size() <= floor()) refuse("takes a value from an empty stack");
    PickleValue* value = stack_.back();
    stack_.pop_back();
    return value;
  }

  PickleValue& top() {
    if (stack_.size() <= floor()) refuse("takes a value from an empty stack");
    return *stack_.back();
  }

  std::vector<PickleRef> pop_to_mark() {
    if (marks_.empty()) refuse("takes values from a mark that is not there");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleRef> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }

  std::vector<PickleRef> pop_some(std::size_t count) {
    std::vector<PickleRef> items(count);
    for (std::size_t i = count; i > 0; --i) items[i - 1] = pop();
    return items;
  }

  bool constant(std::uint8_t code) {
    switch (static_cast<Opcode>(code)) {
      case Opcode::kProto:
        return protocol();
      case Opcode::kFrame:
        // Frames are reading units; their contents are read like everything else.
        static_cast<void>(number<std::uint64_t>());
        return true;
      case Opcode::kNone:
        return push(PickleNone{});
      case Opcode::kNewTrue:
        return push(true);
      case Opcode::kNewFalse:
        return push(false);
      case Opcode::kBinInt:
        return push(std::int64_t{number<std::int32_t>()});
      case Opcode::kBinInt1:
        return push(std::int64_t{number<std::uint8_t>()});
      case Opcode::kBinInt2:
        return push(std::int64_t{number<std::uint16_t>()});
      case Opcode::kLong1:
        return push(long_number());
      case Opcode::kBinFloat:
        return push(big_endian_double());
      case Opcode::kBinUnicode:
        return push(std::string(as_text(take(number<std::uint32_t>()))));
      case Opcode::kShortBinUnicode:
        return push(std::string(as_text(take(number<std::uint8_t>()))));
      case Opcode::kBinUnicode8:
        return push(std::string(as_text(take(number<std::uint64_t>()))));
      default:
        return false;
    }
  }

  bool protocol() {
    const auto version = number<std::uint8_t>();
    if (version < 2 || version > 5) {
      refuse("has protocol " + std::to_string(version) + ", only 2 to 5 are read");
    }
    return true;
  }

  std::int64_t long_number() {
    const auto part = take(number<std::uint8_t>());
    if (part.size() > sizeof(std::int64_t)) refuse("holds a number of more than 64 bits");
    if (part.empty()) return 0;
    const bool negative = (part.back() & std::byte{0x80}) != std::byte{0};
    std::int64_t value = negative ? -1 : 0;
    std::memcpy(&value, part.data(), part.size());
    return value;
  }

  double big_endian_double() {
    std::array<std::byte, sizeof(double)> bytes;
    const auto part = take(bytes.size());
    std::reverse_copy(part.begin(), part.end(), bytes.begin());
    return std::bit_cast<double>(bytes);
  }

  bool container(std::uint8_t code) {
    switch (static_cast<Opcode>(code)) {
      case Opcode::kMark:
        marks_.push_back(stack_.size());
        return true;
      case Opcode::kEmptyList:
        return push(PickleList{});
      case Opcode::kEmptyDict:
        return push(PickleDict{});
      case Opcode::kEmptyTuple:
        return push(PickleTuple{});
      case Opcode::kTuple:
        return push(PickleTuple{pop_to_mark()});
      case Opcode::kTuple1:
        return push(PickleTuple{pop_some(1)});
      case Opcode::kTuple2:
        return push(PickleTuple{pop_some(2)});
      case Opcode::kTuple3:
        return push(PickleTuple{pop_some(3)});
      case Opcode::kAppend:
        return append(pop_some(1));
      case Opcode::kAppends:
        return append(pop_to_mark());
      case Opcode::kSetItem:
        return set_items(pop_some(2));
      case Opcode::kSetItems:
        return set_items(pop_to_mark());
      default:
        return false;
    }
  }

  bool append(const std::vector<PickleRef>& items) {
    auto* list = std::get_if<PickleList>(&top().value);
    if (list == nullptr) refuse("appends to something that is no list");
    list->items.insert(list->items.end(), items.begin(), items.end());
    return true;
  }

  bool set_items(const std::vector<PickleRef>& items) {
    auto* dict = std::get_if<PickleDict>(&top().value);
    if (dict == nullptr) refuse("sets items of something that is no dictionary");
    if (items.size() % 2 != 0) refuse("sets an item without a value");
    for (std::size_t i = 0; i < items.size(); i += 2) {
      dict->items.emplace_back(items[i], items[i + 1]);
    }
    return true;
  }

  bool memo(std::uint8_t code) {
    switch (static_cast<Opcode>(code)) {
      case Opcode::kBinPut:
        return remember(number<std::uint8_t>());
      case Opcode::kLongBinPut:
        return remember(number<std::uint32_t>());
      case Opcode::kMemoize:
        return remember(memo_.size());
      case Opcode::kBinGet:
        return recall(number<std::uint8_t>());
      case Opcode::kLongBinGet:
        return recall(number<std::uint32_t>());
      default:
        return false;
    }
  }

  bool remember(std::uint64_t index) {
    memo_[index] = &top();
    return true;
  }

  bool recall(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) {
      refuse("refers to memo " + std::to_string(index) + ", which is empty");
    }
    stack_.push_back(found->second);
    return true;
  }

  bool object(std::uint8_t code) {
    switch (static_cast<Opcode>(code)) {
      case Opcode::kGlobal: {
        const std::string module(line());
        return global(module + "." + std::string(line()));
      }
      case Opcode::kStackGlobal: {
        const auto parts = pop_some(2);
        const auto* module = parts[0]->as<std::string>();
        const auto* name = parts[1]->as<std::string>();
        if (module == nullptr || name == nullptr) refuse("uses STACK_GLOBAL without two names");
        return global(*module + "." + *name);
      }
      case Opcode::kBinPersId:
        return push(storage_of(*pop(), place()));
      case Opcode::kReduce: {
        const auto parts = pop_some(2);
        PickleValue made = reduced(*parts[0], *parts[1], place());
        values_.push_back(std::move(made));
        stack_.push_back(&values_.back());
        return true;
      }
      default:
        return false;
    }
  }

  bool global(const std::string& name) {
    const auto allowed = allowed_global(name);
    if (!allowed) refuse("names " + quote(name) + ", which is not allowed; nothing was run");
    return push(PickleGlobal{*allowed});
  }

  std::span<const std::byte> bytes_;
  const std::string& file_;
  std::deque<PickleValue>& values_;
  std::size_t at_ = 0;
  std::size_t opcode_at_ = 0;
  std::vector<PickleValue*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, PickleValue*> memo_;
};

}  // namespace

Pickle::Pickle(std::span<const std::byte> bytes, const std::string& file) {
  root_ = Interpreter(bytes, file, values_).run();
}

PickleRef Pickle::find(const PickleDict& dict, std::string_view key) noexcept {
  PickleRef found = nullptr;
  for (const auto& [name, value] : dict.items) {
    const auto* text = name->as<std::string>();
    // As in Python, the last of equal keys counts.
    if (text != nullptr && *text == key) found = value;
  }
  return found;
}

}  // namespace bsfa::io
