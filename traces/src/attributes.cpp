// SPDX-License-Identifier: Apache-2.0
#include "traces/src/attributes.h"

#include <algorithm>

namespace bsfa::traces {
namespace {

constexpr std::size_t kLargestText = std::size_t{16} << 20;

std::string place_of(const std::string& name) {
  return "attribute " + name;
}

void write(hid_t object, const std::string& name, hid_t file_type, hid_t memory_type,
           const void* value) {
  const std::string place = place_of(name);
  const Handle space = owned(H5Screate(H5S_SCALAR), place);
  const Handle attribute = owned(
      H5Acreate2(object, name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT), place);
  checked(H5Awrite(attribute.get(), memory_type, value), place);
}

/// An attribute and its type.
struct Opened {
  Handle attribute, type;
  H5T_class_t type_class = H5T_NO_CLASS;
  std::size_t size = 0;  ///< bytes of a value
  hssize_t values = 0;
};

Opened open(hid_t object, const std::string& name) {
  const std::string place = place_of(name);
  if (!has_attribute(object, name)) throw Fault("is missing", place);
  Opened opened;
  opened.attribute = owned(H5Aopen(object, name.c_str(), H5P_DEFAULT), place);
  const Handle space = owned(H5Aget_space(opened.attribute.get()), place);
  opened.values = checked(H5Sget_simple_extent_npoints(space.get()), place);
  opened.type = owned(H5Aget_type(opened.attribute.get()), place);
  opened.type_class = H5Tget_class(opened.type.get());
  opened.size = H5Tget_size(opened.type.get());
  return opened;
}

Opened open_single(hid_t object, const std::string& name) {
  Opened opened = open(object, name);
  if (opened.values != 1) throw Fault("is not a single value", place_of(name));
  return opened;
}

bool is_plain_text(const Opened& opened) {
  return opened.type_class == H5T_STRING && H5Tis_variable_str(opened.type.get()) == 0 &&
         opened.size <= kLargestText;
}

herr_t add_name(hid_t, const char* name, const H5A_info_t*, void* names) noexcept {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  } catch (...) {
    return -1;
  }
  return 0;
}

}  // namespace

Handle text_type(std::size_t bytes) {
  Handle type = owned(H5Tcopy(H5T_C_S1), "text type");
  checked(H5Tset_size(type.get(), std::max<std::size_t>(bytes, 1)), "text type");
  checked(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "text type");
  checked(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
  return type;
}

void write_text(hid_t object, const std::string& name, const std::string& value) {
  const Handle type = text_type(value.size());
  write(object, name, type.get(), type.get(), value.c_str());
}

void write_integer(hid_t object, const std::string& name, std::int64_t value) {
  write(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void write_real(hid_t object, const std::string& name, float value) {
  write(object, name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, &value);
}

bool has_attribute(hid_t object, const std::string& name) {
  return checked(H5Aexists(object, name.c_str()), place_of(name)) > 0;
}

std::string read_text(hid_t object, const std::string& name) {
  const Opened opened = open_single(object, name);
  if (!is_plain_text(opened)) throw Fault("is not text of fixed length", place_of(name));
  std::string text(opened.size, '\0');
  checked(H5Aread(opened.attribute.get(), opened.type.get(), text.data()), place_of(name));
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

std::int64_t read_integer(hid_t object, const std::string& name) {
  const Opened opened = open_single(object, name);
  if (opened.type_class != H5T_INTEGER || opened.size > sizeof(std::int64_t)) {
    throw Fault("is not a whole number", place_of(name));
  }
  std::int64_t value = 0;
  checked(H5Aread(opened.attribute.get(), H5T_NATIVE_INT64, &value), place_of(name));
  return value;
}

float read_real(hid_t object, const std::string& name) {
  const Opened opened = open_single(object, name);
  if (opened.type_class != H5T_FLOAT || opened.size > sizeof(double)) {
    throw Fault("is not a real number", place_of(name));
  }
  float value = 0;
  checked(H5Aread(opened.attribute.get(), H5T_NATIVE_FLOAT, &value), place_of(name));
  return value;
}

std::vector<std::string> text_attributes(hid_t object) {
  std::vector<std::string> names;
  checked(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, add_name, &names), "attributes");
  std::erase_if(names, [&](const std::string& name) {
    const Opened opened = open(object, name);
    return opened.values != 1 || !is_plain_text(opened);
  });
  return names;
}

}  // namespace bsfa::traces
