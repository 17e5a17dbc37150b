// SPDX-License-Identifier: Apache-2.0
#include "io/torch_file.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "io/bytes.h"
#include "io/half.h"
#include "io/threshold_check.h"
#include "io/zip_archive.h"

namespace bsfa::io {
namespace {

using core::Dtype;

/// Elements of a storage as double, which holds every value of the allowed dtypes but integers
/// beyond 2^53.
double element(std::span<const std::byte> bytes, Dtype dtype, std::size_t index) {
  switch (dtype) {
    case Dtype::kFloat32:
      return load<float>(bytes, index * sizeof(float));
    case Dtype::kFloat64:
      return load<double>(bytes, index * sizeof(double));
    case Dtype::kInt32:
      return load<std::int32_t>(bytes, index * sizeof(std::int32_t));
    case Dtype::kInt64:
      return static_cast<double>(load<std::int64_t>(bytes, index * sizeof(std::int64_t)));
    default:
      return from_half_bits(load<std::uint16_t>(bytes, index * sizeof(std::uint16_t)), dtype);
  }
}

/// Reads the dictionary's entries, naming key and cause where one is not as it should be.
class TableReader {
 public:
  TableReader(const PickleDict& dict, const StorageReader& storages, const std::string& file)
      : dict_(dict), storages_(storages), file_(file) {}

  core::ThresholdTable read() {
    core::ThresholdTable table;
    const PickleTensor& thresholds = tensor("thresholds");
    if (thresholds.shape.size() != 4) {
      refuse("thresholds", "has shape " + text_of(thresholds.shape) + ", not [K,L,H,blocks]");
    }
    table.k_values = integers("k_values");
    for (std::int64_t layer = 0; layer < thresholds.shape[1]; ++layer)
      table.layers.push_back(layer);
    table.heads = thresholds.shape[2];
    table.blocks = thresholds.shape[3];
    table.gate = {integer("q_block_size"), integer("k_block_size")};
    table.aggregation = aggregation();
    const std::vector<double> values = elements(thresholds);
    table.values.reserve(values.size());
    for (const double value : values) table.values.push_back(static_cast<float>(value));
    check_shape(table, thresholds.shape, file_);
    return table;
  }

 private:
  [[noreturn]] void refuse(std::string_view key, const std::string& cause) const {
    throw core::InputError(file_, "the entry '" + std::string(key) + "' " + cause);
  }

  PickleRef at(std::string_view key) const {
    const PickleRef value = Pickle::find(dict_, key);
    if (value == nullptr) refuse(key, "is missing; this is no threshold file");
    return value;
  }

  const PickleTensor& tensor(std::string_view key) const {
    const auto* value = at(key)->as<PickleTensor>();
    if (value == nullptr) refuse(key, "is no tensor");
    return *value;
  }

  std::int64_t integer(std::string_view key) const {
    const auto* value = at(key)->as<std::int64_t>();
    if (value == nullptr) refuse(key, "is no integer");
    return *value;
  }

  std::vector<std::int64_t> integers(std::string_view key) const {
    std::vector<std::int64_t> numbers;
    const PickleRef value = at(key);
    if (const auto* view = value->as<PickleTensor>()) {
      if (view->shape.size() != 1) refuse(key, "is no list of integers");
      for (const double number : elements(*view)) {
        if (!(std::abs(number) < 0x1p53) || number != std::trunc(number)) {
          refuse(key, "is no list of integers");
        }
        numbers.push_back(static_cast<std::int64_t>(number));
      }
      return numbers;
    }
    const auto* list = value->as<PickleList>();
    const auto* tuple = value->as<PickleTuple>();
    if (list == nullptr && tuple == nullptr) refuse(key, "is no list of integers");
    for (const PickleRef item : list != nullptr ? list->items : tuple->items) {
      const auto* number = item->as<std::int64_t>();
      if (number == nullptr) refuse(key, "is no list of integers");
      numbers.push_back(*number);
    }
    return numbers;
  }

  core::Aggregation aggregation() const {
    const PickleRef value = Pickle::find(dict_, "aggregation_method");
    if (value == nullptr) return core::Aggregation::kMean;
    const auto* text = value->as<std::string>();
    if (text == nullptr) refuse("aggregation_method", "is no text");
    return aggregation_named(*text, file_);
  }

  /// In row-major order, whatever the strides are.
  std::vector<double> elements(const PickleTensor& view) const {
    const auto& storage = *view.storage->as<PickleStorage>();
    const std::vector<std::byte> bytes = storages_(storage.key);
    const std::size_t size = core::size_of(storage.dtype);
    if (bytes.size() % size != 0 ||
        bytes.size() / size != static_cast<std::uint64_t>(storage.elements)) {
      throw core::InputError(file_, "storage " + quote(storage.key) + " has " +
                                        std::to_string(bytes.size()) + " bytes, not " +
                                        std::to_string(storage.elements) + " elements of " +
                                        std::string(core::name_of(storage.dtype)));
    }
    std::size_t count = 1;
    for (const std::int64_t extent : view.shape) count *= static_cast<std::size_t>(extent);
    std::vector<double> values;
    values.reserve(count);
    std::vector<std::int64_t> index(view.shape.size(), 0);
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t at = view.offset;
      for (std::size_t d = 0; d < index.size(); ++d) at += index[d] * view.stride[d];
      values.push_back(element(bytes, storage.dtype, static_cast<std::size_t>(at)));
      for (std::size_t d = index.size(); d > 0 && ++index[d - 1] == view.shape[d - 1]; --d) {
        index[d - 1] = 0;
      }
    }
    return values;
  }

  const PickleDict& dict_;
  const StorageReader& storages_;
  const std::string& file_;
};

/// The folder inside the archive, named after the file it was first saved as.
std::string root_of(const ZipArchive& archive, const std::string& file) {
  constexpr std::string_view kPickle = "/data.pkl";
  std::string root;
  for (const ZipMember& member : archive.members()) {
    if (!member.name.ends_with(kPickle)) continue;
    if (!root.empty()) throw core::InputError(file, "holds more than one data.pkl");
    root = member.name.substr(0, member.name.size() - kPickle.size() + 1);
  }
  if (root.empty()) throw core::InputError(file, "is a zip archive without torch's data.pkl");
  return root;
}

void check_byte_order(const ZipArchive& archive, const std::string& root, const std::string& file) {
  const ZipMember* member = archive.find(root + "byteorder");
  if (member == nullptr) return;
  const std::vector<std::byte> order = archive.read_prefix(*member, 16);
  if (as_text(order) != "little") {
    throw core::InputError(
        file, "was saved with byte order " + quote(as_text(order)) + ", only little is read");
  }
}

}  // namespace

core::ThresholdTable torch_thresholds(const Pickle& pickle, const StorageReader& storages,
                                      const std::string& file) {
  const auto* dict = pickle.root()->as<PickleDict>();
  if (dict == nullptr) throw core::InputError(file, "holds no dictionary of thresholds");
  return TableReader(*dict, storages, file).read();
}

core::ThresholdTable read_torch_thresholds(std::shared_ptr<const FileBytes> file) {
  const std::string name = file->path().string();
  const ZipArchive archive(std::move(file));
  const std::string root = root_of(archive, name);
  check_byte_order(archive, root, name);
  const Pickle pickle(archive.read(*archive.find(root + "data.pkl")), name);
  const StorageReader storages = [&](const std::string& key) {
    const ZipMember* member = archive.find(root + "data/" + key);
    if (member == nullptr) throw core::InputError(name, "has no storage " + quote(key));
    return archive.read(*member);
  };
  return torch_thresholds(pickle, storages, name);
}

}  // namespace bsfa::io
