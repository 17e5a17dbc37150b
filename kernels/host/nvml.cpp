// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/nvml.h"

#include <array>
#include <exception>
#include <utility>

#include <dlfcn.h>

namespace bsfa::kernels {
namespace {

// The toolkit need not be there to read a GPU, so NVML's few functions are declared here as its
// reference manual has them. nvmlReturn_t and the enumerations are ints, 0 is success.
constexpr int kSuccess = 0;
constexpr int kClockSm = 1;
constexpr int kClockMemory = 2;
constexpr int kTemperatureGpu = 0;

constexpr std::array<std::pair<std::uint64_t, const char*>, 9> kThrottleReasons = {
    {{kGpuIdle, "GpuIdle"},
     {0x2, "ApplicationsClocksSetting"},
     {0x4, "SwPowerCap"},
     {0x8, "HwSlowdown"},
     {0x10, "SyncBoost"},
     {0x20, "SwThermalSlowdown"},
     {0x40, "HwThermalSlowdown"},
     {0x80, "HwPowerBrakeSlowdown"},
     {0x100, "DisplayClockSetting"}}};

/// The value that a function wrote, if it succeeded.
template <typename Value, typename Function, typename... Arguments>
std::optional<Value> value_of(Function function, Arguments... arguments) {
  Value value{};
  if (function == nullptr || function(arguments..., &value) != kSuccess) return std::nullopt;
  return value;
}

std::optional<double> watts(std::optional<unsigned> milliwatts) {
  if (!milliwatts) return std::nullopt;
  return static_cast<double>(*milliwatts) / 1e3;
}

}  // namespace

struct Nvml::Functions {
  using Gpu = void*;

  explicit Functions(void* loaded) : library(loaded) {
    find(init, "nvmlInit_v2");
    find(shutdown, "nvmlShutdown");
    find(error_string, "nvmlErrorString");
    find(driver_version, "nvmlSystemGetDriverVersion");
    find(gpu_by_pci_bus_id, "nvmlDeviceGetHandleByPciBusId_v2");
    find(clock, "nvmlDeviceGetClockInfo");
    find(power, "nvmlDeviceGetPowerUsage");
    find(power_limit, "nvmlDeviceGetEnforcedPowerLimit");
    find(temperature, "nvmlDeviceGetTemperature");
    // Renamed in newer drivers.
    find(throttle, "nvmlDeviceGetCurrentClocksEventReasons");
    if (throttle == nullptr) find(throttle, "nvmlDeviceGetCurrentClocksThrottleReasons");
  }
  Functions(const Functions&) = delete;
  Functions& operator=(const Functions&) = delete;
  ~Functions() {
    if (initialised) shutdown();
    ::dlclose(library);
  }

  template <typename Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
  }
  bool complete() const {
    return init != nullptr && shutdown != nullptr && error_string != nullptr &&
           gpu_by_pci_bus_id != nullptr;
  }

  void* library;
  bool initialised = false;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*driver_version)(char*, unsigned) = nullptr;
  int (*gpu_by_pci_bus_id)(const char*, Gpu*) = nullptr;
  int (*clock)(Gpu, int, unsigned*) = nullptr;
  int (*power)(Gpu, unsigned*) = nullptr;
  int (*power_limit)(Gpu, unsigned*) = nullptr;
  int (*temperature)(Gpu, int, unsigned*) = nullptr;
  int (*throttle)(Gpu, unsigned long long*) = nullptr;
};

std::vector<std::string> throttle_names(std::uint64_t reasons) {
  std::vector<std::string> names;
  for (const auto& [bit, name] : kThrottleReasons) {
    if ((reasons & bit) != 0) names.emplace_back(name);
    reasons &= ~bit;
  }
  if (reasons != 0) names.push_back("reasons " + std::to_string(reasons));
  return names;
}

Nvml::Nvml(const std::string& pci_bus_id, const std::string& library) noexcept {
  try {
    open(pci_bus_id, library);
  } catch (const std::exception& error) {
    functions_.reset();
    refusal_ = error.what();
  }
}

Nvml::Nvml(Nvml&&) noexcept = default;
Nvml& Nvml::operator=(Nvml&&) noexcept = default;
Nvml::~Nvml() = default;

void Nvml::open(const std::string& pci_bus_id, const std::string& library) {
  void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    refusal_ = library + " is not there";
    return;
  }
  auto functions = std::make_unique<Functions>(handle);
  if (!functions->complete()) {
    refusal_ = library + " lacks functions that are needed";
    return;
  }
  int status = functions->init();
  functions->initialised = status == kSuccess;
  if (functions->initialised) status = functions->gpu_by_pci_bus_id(pci_bus_id.c_str(), &gpu_);
  if (status != kSuccess) {
    refusal_ = library + ", GPU " + pci_bus_id + ": " + functions->error_string(status);
    return;
  }
  functions_ = std::move(functions);
}

std::string Nvml::driver() const {
  std::array<char, 96> text{};
  if (!functions_ || functions_->driver_version == nullptr ||
      functions_->driver_version(text.data(), text.size() - 1) != kSuccess) {
    return {};
  }
  return text.data();
}

GpuReading Nvml::read() const {
  GpuReading reading;
  if (!functions_) return reading;
  const Functions& f = *functions_;
  reading.sm_clock_mhz = value_of<unsigned>(f.clock, gpu_, kClockSm);
  reading.memory_clock_mhz = value_of<unsigned>(f.clock, gpu_, kClockMemory);
  reading.power_w = watts(value_of<unsigned>(f.power, gpu_));
  reading.power_limit_w = watts(value_of<unsigned>(f.power_limit, gpu_));
  reading.temperature_c = value_of<unsigned>(f.temperature, gpu_, kTemperatureGpu);
  if (const auto bits = value_of<unsigned long long>(f.throttle, gpu_)) {
    reading.throttle = static_cast<std::uint64_t>(*bits);
  }
  return reading;
}

}  // namespace bsfa::kernels
