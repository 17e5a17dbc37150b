// SPDX-License-Identifier: Apache-2.0
#include "io/zip_archive.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <zip.h>

#include "core/error.h"
#include "io/bytes.h"

namespace bsfa::io {

/// The archive's bytes as libzip reads them; remembers where it read last, which is how the place
/// of a stored member is found.
struct ZipArchive::Source {
  std::span<const std::byte> bytes;
  std::uint64_t position = 0;
  std::uint64_t last_read = 0;
  zip_error_t error{};

  static zip_int64_t call(void* self, void* data, zip_uint64_t length, zip_source_cmd_t command) {
    return static_cast<Source*>(self)->answer(data, length, command);
  }

 private:
  zip_int64_t answer(void* data, zip_uint64_t length, zip_source_cmd_t command) {
    switch (command) {
      case ZIP_SOURCE_OPEN:
        position = 0;
        return 0;
      case ZIP_SOURCE_READ:
        return read(data, length);
      case ZIP_SOURCE_CLOSE:
      case ZIP_SOURCE_FREE:
        return 0;
      case ZIP_SOURCE_STAT:
        return stat(static_cast<zip_stat_t*>(data));
      case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&error, data, length);
      case ZIP_SOURCE_SEEK:
        return seek(data, length);
      case ZIP_SOURCE_TELL:
        return static_cast<zip_int64_t>(position);
      case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(
            ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_FREE, ZIP_SOURCE_STAT,
            ZIP_SOURCE_ERROR, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
      default:
        zip_error_set(&error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
  }

  zip_int64_t read(void* data, zip_uint64_t length) {
    const std::uint64_t count = std::min<std::uint64_t>(length, bytes.size() - position);
    if (count > 0) std::memcpy(data, bytes.data() + position, count);
    last_read = position;
    position += count;
    return static_cast<zip_int64_t>(count);
  }

  zip_int64_t stat(zip_stat_t* status) const {
    zip_stat_init(status);
    status->size = bytes.size();
    status->valid |= ZIP_STAT_SIZE;
    return sizeof(zip_stat_t);
  }

  zip_int64_t seek(void* data, zip_uint64_t length) {
    const zip_int64_t target =
        zip_source_seek_compute_offset(position, bytes.size(), data, length, &error);
    if (target < 0) return -1;
    position = static_cast<std::uint64_t>(target);
    return 0;
  }
};

struct ZipArchive::Handle {
  zip_t* archive = nullptr;
  ~Handle() {
    if (archive != nullptr) zip_discard(archive);
  }
};

namespace {

constexpr std::uint64_t kMostMembers = 65536;
constexpr std::uint64_t kHarmlessBytes = std::uint64_t{64} << 20U;
constexpr std::uint64_t kLargestRatio = 100;

/// An open member.
class MemberStream {
 public:
  MemberStream(zip_t* archive, const ZipMember& member, const std::string& file, zip_flags_t flags)
      : place_("member " + quote(member.name)),
        file_(file),
        stream_(zip_fopen_index(archive, member.index, flags)) {
    if (stream_ == nullptr) fail(zip_strerror(archive));
  }
  MemberStream(const MemberStream&) = delete;
  MemberStream& operator=(const MemberStream&) = delete;
  ~MemberStream() {
    if (stream_ != nullptr) zip_fclose(stream_);
  }

  /// Fills as much of `out` as there is.
  std::size_t read(std::span<std::byte> out) {
    std::size_t done = 0;
    while (done < out.size()) {
      const zip_int64_t count = zip_fread(stream_, out.data() + done, out.size() - done);
      if (count < 0) fail(zip_file_strerror(stream_));
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  [[noreturn]] void fail(const std::string& cause) const {
    throw core::InputError(file_, "the zip archive is broken: " + cause, place_);
  }

 private:
  std::string place_;
  const std::string& file_;
  zip_file_t* stream_;
};

}  // namespace

void ZipArchive::fail(const std::string& cause, const std::string& place) const {
  throw core::InputError(file_->path().string(), "the zip archive " + cause, place);
}

ZipArchive::ZipArchive(std::shared_ptr<const FileBytes> file)
    : file_(std::move(file)),
      source_(std::make_unique<Source>()),
      handle_(std::make_unique<Handle>()) {
  source_->bytes = file_->bytes();
  zip_error_init(&source_->error);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_function_create(&Source::call, source_.get(), &error);
  if (source != nullptr) {
    handle_->archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (handle_->archive == nullptr) zip_source_free(source);
  }
  const std::string cause = zip_error_code_zip(&error) == ZIP_ER_EXISTS
                                ? "has a name twice"
                                : std::string("is broken: ") + zip_error_strerror(&error);
  zip_error_fini(&error);
  if (handle_->archive == nullptr) fail(cause);
  list_members();
}

ZipArchive::~ZipArchive() = default;

void ZipArchive::list_members() {
  const auto count = static_cast<std::uint64_t>(zip_get_num_entries(handle_->archive, 0));
  if (count > kMostMembers) fail("has " + std::to_string(count) + " members, more than 65536");
  const std::uint64_t most = kHarmlessBytes + kLargestRatio * file_->bytes().size();
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    zip_stat_t status;
    zip_stat_init(&status);
    if (zip_stat_index(handle_->archive, i, 0, &status) != 0) {
      fail(std::string("is broken: ") + zip_strerror(handle_->archive));
    }
    const std::string name = status.name;
    const std::string place = "member " + quote(name);
    if (status.encryption_method != ZIP_EM_NONE) fail("is encrypted", place);
    const bool stored = status.comp_method == ZIP_CM_STORE;
    if (!stored && status.comp_method != ZIP_CM_DEFLATE) {
      fail("uses compression method " + std::to_string(status.comp_method) +
               ", only stored and deflated members are read",
           place);
    }
    if (stored && status.size != status.comp_size) fail("is broken: sizes disagree", place);
    if (status.size > most - total) {
      fail("would expand to more than 100 times its size and is refused as a zip bomb", place);
    }
    total += status.size;
    members_.push_back({name, i, status.size, stored});
  }
}

const ZipMember* ZipArchive::find(const std::string& name) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const ZipMember& m) { return m.name == name; });
  return found == members_.end() ? nullptr : &*found;
}

std::vector<std::byte> ZipArchive::read_prefix(const ZipMember& member, std::uint64_t most) const {
  const std::string file = file_->path().string();
  MemberStream stream(handle_->archive, member, file, 0);
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(member.size, most)));
  bytes.resize(stream.read(bytes));
  return bytes;
}

std::vector<std::byte> ZipArchive::read(const ZipMember& member) const {
  const std::string file = file_->path().string();
  MemberStream stream(handle_->archive, member, file, 0);
  std::vector<std::byte> bytes(static_cast<std::size_t>(member.size));
  const std::size_t count = stream.read(bytes);
  // Only a read beyond the last byte makes libzip compare the checksum.
  std::byte beyond{};
  if (count != member.size || stream.read({&beyond, 1}) != 0) {
    stream.fail("the member is not as long as announced");
  }
  return bytes;
}

std::span<const std::byte> ZipArchive::in_place(const ZipMember& member) const {
  if (!member.stored || member.size == 0) return {};
  const std::string file = file_->path().string();
  MemberStream stream(handle_->archive, member, file, ZIP_FL_COMPRESSED);
  std::byte first{};
  if (stream.read({&first, 1}) != 1) stream.fail("the member is truncated");
  const std::uint64_t begin = source_->last_read;
  const std::uint64_t available = file_->bytes().size();
  if (begin >= available || member.size > available - begin || file_->bytes()[begin] != first) {
    stream.fail("the member is truncated");
  }
  return file_->bytes().subspan(begin, member.size);
}

}  // namespace bsfa::io
