// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <cupti_activity.h>
#include <cupti_callbacks.h>
#include <cupti_pcsampling.h>
#include <cupti_result.h>

namespace bsfa::test {

/// Samples of one address.
struct FakeAddress {
  std::uint64_t module = 0;
  std::string function;
  std::uint64_t offset = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> reasons;  ///< index, samples
};

/// What the library at BSFA_FAKE_CUPTI answers, and what it was asked for.
struct FakeCupti {
  std::uint32_t version = 130001;
  std::map<std::string, CUptiResult> refusals;  ///< by function
  std::int64_t behind_realtime_ns = 0;

  /// Records that the next flush hands over, if their kind is enabled.
  std::vector<std::vector<std::uint8_t>> records;
  std::size_t lost = 0;
  bool no_buffers = false;  ///< no buffer is ever handed back, as where there is none
  std::set<CUpti_ActivityKind> enabled;

  std::vector<std::string> reasons;  ///< at index 10 + position
  std::vector<FakeAddress> addresses, late_addresses;
  std::size_t most_addresses = 1000;  ///< that one call hands back
  std::uint64_t samples = 0, dropped_samples = 0;
  bool sampling_enabled = false, sampling = false;
  std::uint32_t usual_period = 14;  ///< what it answers; 0: an error
  std::uint32_t period = 0;         ///< what was asked for; 0: nothing
  bool buffer_full = false;

  CUpti_CallbackFunc callback = nullptr;
  void* callback_data = nullptr;
  bool modules_reported = false, launches_reported = false;

  template <typename Record>
  void add(const Record& record) {
    std::vector<std::uint8_t> bytes(sizeof record);
    std::memcpy(bytes.data(), &record, sizeof record);
    records.push_back(std::move(bytes));
  }
  void kernel(const char* name, std::uint64_t start, std::uint64_t end, std::uint32_t stream = 7,
              std::uint32_t correlation = 0) {
    CUpti_ActivityKernel10 record{};
    record.correlationId = correlation;
    record.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
    record.name = name;
    record.start = start;
    record.end = end;
    record.streamId = stream;
    record.gridX = 132;
    record.gridY = record.gridZ = record.blockY = record.blockZ = 1;
    record.blockX = 128;
    record.dynamicSharedMemory = 65536;
    record.registersPerThread = 255;
    add(record);
  }
  void mark(std::uint32_t id, const char* name, std::uint64_t time, std::uint32_t thread = 1) {
    CUpti_ActivityMarker2 record{};
    record.kind = CUPTI_ACTIVITY_KIND_MARKER;
    record.flags =
        name != nullptr ? CUPTI_ACTIVITY_FLAG_MARKER_START : CUPTI_ACTIVITY_FLAG_MARKER_END;
    record.id = id;
    record.name = name;
    record.timestamp = time;
    record.objectKind = CUPTI_ACTIVITY_OBJECT_THREAD;
    record.objectId.pt.threadId = thread;
    add(record);
  }
  /// As the driver would; its checksum is the sum of its bytes.
  void load_module(const std::string& code) const {
    if (callback == nullptr || !modules_reported) return;
    CUpti_ModuleResourceData module{1, code.size(), code.data()};
    CUpti_ResourceData resource{};
    resource.resourceDescriptor = &module;
    callback(callback_data, CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_MODULE_LOADED, &resource);
  }
};

/// The state of the library that BSFA_FAKE_CUPTI names; it is loaded if it is not.
FakeCupti& fake_cupti();

}  // namespace bsfa::test
