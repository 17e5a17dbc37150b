// SPDX-License-Identifier: Apache-2.0
#include "traces/writer.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "traces/src/attributes.h"
#include "traces/src/output_driver.h"
#include "traces/src/profile_writer.h"
#include "traces/src/sequence_writer.h"
#include "traces/src/table_writer.h"

namespace bsfa::traces {
namespace {

void write_root(hid_t root, const Provenance& provenance, const std::string& problem) {
  write_integer(root, "schema_major", kSchemaMajor);
  write_integer(root, "schema_minor", kSchemaMinor);
  write_text(root, "problem", problem);
  for_each_text(provenance,
                [&](const char* name, const std::string& value) { write_text(root, name, value); });
  for (const auto& [name, value] : provenance.more) {
    if (name.empty() || is_reserved(name)) throw Fault("attribute name '" + name + "' is taken");
    write_text(root, name, value);
  }
}

}  // namespace

struct TraceWriter::Impl {
  explicit Impl(const std::filesystem::path& target)
      : path(target), atomic(target), driver(atomic.temporary_path()) {
    run([&] {
      file = driver.create_file();
      const Handle layers = require_group(file.get(), "layers");
    });
  }

  ~Impl() {
    const Hdf5Session session;
    driver.abandon();
    file.reset();
  }

  /// Runs HDF5 calls; the system's reason for a failure comes before HDF5's.
  template <typename F>
  void run(F f) {
    const Hdf5Session session;
    std::optional<std::string> fault;
    try {
      f();
    } catch (const Fault& x) {
      fault = x.what() + (x.place().empty() ? "" : " (" + x.place() + ")");
    }
    if (driver.error() != 0) {
      fault = std::generic_category().message(driver.error());
    }
    if (fault) throw core::OutputError(path.string(), *fault);
  }

  void require_open() const {
    if (!file.valid()) throw core::OutputError(path.string(), "the trace is complete already");
  }

  std::filesystem::path path;
  core::AtomicFile atomic;
  OutputDriver driver;
  Handle file;
  std::string problem;  ///< of the first sequence, for people
};

TraceWriter::TraceWriter(const std::filesystem::path& path) : impl_(std::make_unique<Impl>(path)) {}
TraceWriter::~TraceWriter() = default;
TraceWriter::TraceWriter(TraceWriter&&) noexcept = default;
TraceWriter& TraceWriter::operator=(TraceWriter&&) noexcept = default;

void TraceWriter::add(std::int64_t layer, std::int64_t sequence, const Sequence& data) {
  impl_->require_open();
  impl_->run([&] {
    write_sequence(impl_->file.get(), layer, sequence, data);
    if (impl_->problem.empty()) impl_->problem = describe(data.problem);
  });
}

void TraceWriter::add_profile(std::int64_t layer, Profile profile) {
  impl_->require_open();
  std::stable_sort(profile.spans.begin(), profile.spans.end(),
                   [](const Span& a, const Span& b) { return a.start_ns < b.start_ns; });
  impl_->run([&] { write_profile(impl_->file.get(), layer, profile); });
}

void TraceWriter::commit(const Provenance& provenance, const Report& report) {
  impl_->require_open();
  impl_->run([&] {
    write_root(impl_->file.get(), provenance, impl_->problem);
    write_long_text(impl_->file.get(), "report", report.json);
    checked(H5Fflush(impl_->file.get(), H5F_SCOPE_LOCAL), "flush");
  });
  impl_->run([&] { checked(H5Fclose(impl_->file.release()), "close"); });
  impl_->atomic.commit();
}

}  // namespace bsfa::traces
