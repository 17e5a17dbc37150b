// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bsfa::kernels {

/// What a GPU said of itself at one moment; absent where it did not say.
struct GpuReading {
  std::optional<unsigned> sm_clock_mhz, memory_clock_mhz;
  std::optional<double> power_w, power_limit_w;
  std::optional<unsigned> temperature_c;
  std::optional<std::uint64_t> throttle;  ///< a bit for each reason
};

/// The reason that is no throttling: nothing runs.
inline constexpr std::uint64_t kGpuIdle = 0x1;

/// Names of the reasons, as NVML has them: "SwPowerCap", "HwThermalSlowdown", ...
std::vector<std::string> throttle_names(std::uint64_t reasons);

/// Clocks, power, temperature and throttling of one GPU, read through the NVIDIA management library
/// that comes with the driver. Nothing is ever set.
///
/// Threads  one at a time.
class Nvml {
 public:
  static constexpr const char* kLibrary = "libnvidia-ml.so.1";

  /// `pci_bus_id` as CUDA gives it, "00000000:3B:00.0". Never throws: why nothing can be read is
  /// what refusal() says.
  explicit Nvml(const std::string& pci_bus_id, const std::string& library = kLibrary) noexcept;
  Nvml(Nvml&&) noexcept;
  Nvml& operator=(Nvml&&) noexcept;
  ~Nvml();

  /// Empty where the GPU can be read; else what was refused, in NVML's own words.
  const std::string& refusal() const noexcept { return refusal_; }
  /// The driver's release, "580.95.05"; empty where it is not known.
  std::string driver() const;
  GpuReading read() const;

 private:
  struct Functions;
  void open(const std::string& pci_bus_id, const std::string& library);

  std::unique_ptr<const Functions> functions_;
  void* gpu_ = nullptr;
  std::string refusal_;
};

}  // namespace bsfa::kernels
