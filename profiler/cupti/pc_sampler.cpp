// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/pc_sampler.h"

#include <algorithm>
#include <array>
#include <span>

namespace bsfa::profiler {
namespace {

/// More instructions than all kernels of a launch have, so that one call brings all of them.
constexpr std::size_t kAddresses = 32768;
/// On the device and on the host. A busy H200 fills the device's within a tenth of a second or two;
/// the library's own choice, 512 MiB, would take room from the problem.
constexpr std::size_t kHardwareBytes = std::size_t{128} << 20;
constexpr std::size_t kScratchBytes = std::size_t{16} << 20;
/// How long the library lets the device's fill before it looks; its own choice is 100.
constexpr std::uint32_t kWorkerSleepMs = 10;

/// What has room for certain, at the library's own period.
constexpr std::uint64_t kUnhurriedNs = 50'000'000;
constexpr std::uint32_t kShortestPeriod = 5, kLongestPeriod = 31;
/// Of a library that does not tell its own.
constexpr std::uint32_t kSupposedPeriod = 15;

using Attribute = CUpti_PCSamplingConfigurationInfo;

Attribute attribute(CUpti_PCSamplingConfigurationAttributeType type) {
  Attribute made{};
  made.attributeType = type;
  return made;
}

}  // namespace

PcBuffer::PcBuffer(std::size_t addresses, std::size_t reasons)
    : reasons_(addresses * reasons), addresses_(addresses) {
  for (std::size_t i = 0; i < addresses; ++i) {
    addresses_[i] = {};
    addresses_[i].size = sizeof(CUpti_PCSamplingPCData);
    addresses_[i].stallReason = &reasons_[i * reasons];
  }
  data_.size = sizeof(CUpti_PCSamplingData);
  data_.collectNumPcs = addresses;
  data_.pPcData = addresses_.data();
}

std::uint32_t sampling_period(std::uint32_t usual, std::uint64_t launch_ns) {
  const bool known = usual >= kShortestPeriod && usual <= kLongestPeriod;
  std::uint32_t period = known ? usual : kSupposedPeriod;
  for (std::uint64_t room = kUnhurriedNs; room < launch_ns && period < kLongestPeriod; room *= 2) {
    ++period;
  }
  return period;
}

PcSampler::PcSampler(const CuptiLibrary& cupti, CUcontext context, std::uint64_t launch_ns)
    : cupti_(cupti), context_(context) {
  CUpti_PCSamplingEnableParams params{};
  params.size = CUpti_PCSamplingEnableParamsSize;
  params.ctx = context_;
  BSFA_CUPTI(cupti_, cuptiPCSamplingEnable, &params);
  disable_ = Undo([library = &cupti_, of = context_] {
    CUpti_PCSamplingDisableParams last{};
    last.size = CUpti_PCSamplingDisableParamsSize;
    last.ctx = of;
    BSFA_CUPTI(*library, cuptiPCSamplingDisable, &last);
  });
  learn_reasons();
  last_ = std::make_unique<PcBuffer>(kAddresses, reasons_.size());
  configure(launch_ns);
}

std::uint32_t PcSampler::usual_period() const {
  Attribute period = attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SAMPLING_PERIOD);
  CUpti_PCSamplingConfigurationInfoParams params{};
  params.size = CUpti_PCSamplingConfigurationInfoParamsSize;
  params.ctx = context_;
  params.numAttributes = 1;
  params.pPCSamplingConfigurationInfo = &period;
  const auto ask = cupti_.function<decltype(&cuptiPCSamplingGetConfigurationAttribute)>(
      "cuptiPCSamplingGetConfigurationAttribute");
  // Not to be told is no reason to sample nothing.
  if (ask(&params) != CUPTI_SUCCESS) return 0;
  return period.attributeData.samplingPeriodData.samplingPeriod;
}

void PcSampler::learn_reasons() {
  std::size_t count = 0;
  CUpti_PCSamplingGetNumStallReasonsParams ask{};
  ask.size = CUpti_PCSamplingGetNumStallReasonsParamsSize;
  ask.ctx = context_;
  ask.numStallReasons = &count;
  BSFA_CUPTI(cupti_, cuptiPCSamplingGetNumStallReasons, &ask);

  std::vector<std::uint32_t> indices(count);
  std::vector<std::array<char, CUPTI_STALL_REASON_STRING_SIZE>> names(count);
  std::vector<char*> addresses(count);
  for (std::size_t i = 0; i < count; ++i) addresses[i] = names[i].data();
  CUpti_PCSamplingGetStallReasonsParams params{};
  params.size = CUpti_PCSamplingGetStallReasonsParamsSize;
  params.ctx = context_;
  params.numStallReasons = count;
  params.stallReasonIndex = indices.data();
  params.stallReasons = addresses.data();
  BSFA_CUPTI(cupti_, cuptiPCSamplingGetStallReasons, &params);
  for (std::size_t i = 0; i < count; ++i) {
    names[i].back() = '\0';
    reasons_[indices[i]] = names[i].data();
  }
}

void PcSampler::configure(std::uint64_t launch_ns) {
  std::vector<std::uint32_t> indices;
  for (const auto& [index, name] : reasons_) indices.push_back(index);

  Attribute reasons = attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_STALL_REASON);
  reasons.attributeData.stallReasonData = {indices.size(), indices.data()};
  Attribute control =
      attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_ENABLE_START_STOP_CONTROL);
  control.attributeData.enableStartStopControlData.enableStartStopControl = 1;
  Attribute mode = attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_COLLECTION_MODE);
  mode.attributeData.collectionModeData.collectionMode =
      CUPTI_PC_SAMPLING_COLLECTION_MODE_CONTINUOUS;
  Attribute scratch = attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SCRATCH_BUFFER_SIZE);
  scratch.attributeData.scratchBufferSizeData.scratchBufferSize = kScratchBytes;
  Attribute hardware = attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_HARDWARE_BUFFER_SIZE);
  hardware.attributeData.hardwareBufferSizeData.hardwareBufferSize = kHardwareBytes;
  Attribute worker =
      attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_WORKER_THREAD_PERIODIC_SLEEP_SPAN);
  worker.attributeData.workerThreadPeriodicSleepSpanData.workerThreadPeriodicSleepSpan =
      kWorkerSleepMs;
  Attribute buffer = attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SAMPLING_DATA_BUFFER);
  buffer.attributeData.samplingDataBufferData.samplingDataBuffer = &last_->data();

  std::vector attributes = {mode, reasons, scratch, hardware, worker, control, buffer};
  if (launch_ns > kUnhurriedNs) {
    attributes.push_back(attribute(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SAMPLING_PERIOD));
    attributes.back().attributeData.samplingPeriodData.samplingPeriod =
        sampling_period(usual_period(), launch_ns);
  }
  CUpti_PCSamplingConfigurationInfoParams params{};
  params.size = CUpti_PCSamplingConfigurationInfoParamsSize;
  params.ctx = context_;
  params.numAttributes = attributes.size();
  params.pPCSamplingConfigurationInfo = attributes.data();
  BSFA_CUPTI(cupti_, cuptiPCSamplingSetConfigurationAttribute, &params);
}

void PcSampler::start() {
  CUpti_PCSamplingStartParams params{};
  params.size = CUpti_PCSamplingStartParamsSize;
  params.ctx = context_;
  BSFA_CUPTI(cupti_, cuptiPCSamplingStart, &params);
}

void PcSampler::stop() {
  CUpti_PCSamplingStopParams params{};
  params.size = CUpti_PCSamplingStopParamsSize;
  params.ctx = context_;
  BSFA_CUPTI(cupti_, cuptiPCSamplingStop, &params);
}

std::vector<PcCount> PcSampler::finish() {
  std::vector<PcCount> counts;
  drain(counts);
  disable_.now();
  take(last_->data(), counts);
  if (overflowed_ && counts.empty()) {
    throw Refused("cuptiPCSamplingGetData: the hardware's buffer is full, and no sample is left",
                  "profile a shorter launch");
  }
  // How many did not fit is not told.
  if (overflowed_) dropped_ = std::max<std::uint64_t>(dropped_, 1);
  return counts;
}

void PcSampler::drain(std::vector<PcCount>& counts) {
  PcBuffer buffer(kAddresses, reasons_.size());
  CUpti_PCSamplingGetDataParams params{};
  params.size = CUpti_PCSamplingGetDataParamsSize;
  params.ctx = context_;
  params.pcSamplingData = &buffer.data();
  do {
    BSFA_CUPTI(cupti_, cuptiPCSamplingGetData, &params);
    take(buffer.data(), counts);
  } while (buffer.data().remainingNumPcs > 0 && buffer.data().totalNumPcs > 0);
}

void PcSampler::take(const CUpti_PCSamplingData& data, std::vector<PcCount>& counts) {
  // Whether later buffers of a range repeat its totals is not said; they are never smaller.
  dropped_ = std::max(dropped_, data.droppedSamples);
  overflowed_ = overflowed_ || data.hardwareBufferFull != 0;
  const std::uint64_t others = data.droppedSamples + data.nonUsrKernelsTotalSamples;
  if (data.totalSamples > others) taken_ = std::max(taken_, data.totalSamples - others);
  const std::size_t addresses = std::min(data.totalNumPcs, data.collectNumPcs);
  for (const auto& address : std::span(data.pPcData, addresses)) {
    // The name belongs to the library's other records of the function too, so it is not freed.
    const std::string function = address.functionName != nullptr ? address.functionName : "";
    const std::size_t reasons = std::min(address.stallReasonCount, reasons_.size());
    for (const auto& reason : std::span(address.stallReason, reasons)) {
      const auto name = reasons_.find(reason.pcSamplingStallReasonIndex);
      if (name == reasons_.end() || reason.samples == 0) continue;
      counts.push_back(
          {address.cubinCrc, function, address.pcOffset, name->second, reason.samples});
    }
  }
}

}  // namespace bsfa::profiler
