# SPDX-License-Identifier: Apache-2.0
"""Clocks, power, temperature and throttling while something runs, read through NVML where it is there.

Only reads: nothing here changes a setting of the card.
"""

import statistics
import threading

PERIOD_S = 0.1


def open_nvml():
    """The pynvml module, initialised; None where it or the driver is missing."""
    try:
        import pynvml
        pynvml.nvmlInit()
    except Exception:  # an absent module, an absent library and NVML's own errors are all "not there"
        return None
    return pynvml


def throttle_names(nvml, bits):
    """Names of the set bits of a throttle reason mask."""
    names = []
    for name in dir(nvml):
        for prefix in ("nvmlClocksThrottleReason", "nvmlClocksEventReason"):
            value = getattr(nvml, name)
            if name.startswith(prefix) and isinstance(value, int) and value & bits and value & (value - 1) == 0:
                names.append(name.removeprefix(prefix))
    return sorted(set(names))


class GpuState:
    """Samples a card from a thread between __enter__ and __exit__; summary() tells what was seen."""

    def __init__(self, uuid=None):
        self._nvml = open_nvml()
        self._samples = {}
        self._reasons = 0
        self._refused = {}
        self._stop = threading.Event()
        self._thread = None
        self._card = self._find(uuid) if self._nvml else None

    def _find(self, uuid):
        nvml = self._nvml
        try:
            if uuid:
                text = str(uuid)
                return nvml.nvmlDeviceGetHandleByUUID(text if text.startswith("GPU-") else f"GPU-{text}")
        except Exception:  # an older NVML wants bytes, and a container may hide UUIDs: the first card then
            pass
        try:
            return nvml.nvmlDeviceGetHandleByIndex(0)
        except Exception as error:
            self._refused["card"] = str(error)
            return None

    def driver(self):
        if not self._nvml:
            return None
        version = self._nvml.nvmlSystemGetDriverVersion()
        return version.decode() if isinstance(version, bytes) else version

    def _read(self):
        nvml, card = self._nvml, self._card
        readings = {
            "sm_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(card, nvml.NVML_CLOCK_SM),
            "memory_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(card, nvml.NVML_CLOCK_MEM),
            "power_w": lambda: nvml.nvmlDeviceGetPowerUsage(card) / 1000,
            "temperature_c": lambda: nvml.nvmlDeviceGetTemperature(card, nvml.NVML_TEMPERATURE_GPU),
        }
        for name, read in readings.items():
            try:
                self._samples.setdefault(name, []).append(read())
            except Exception as error:
                self._refused[name] = str(error)
        try:
            # Renamed in newer versions of NVML.
            ask = getattr(nvml, "nvmlDeviceGetCurrentClocksEventReasons", None)
            self._reasons |= (ask or nvml.nvmlDeviceGetCurrentClocksThrottleReasons)(card)
        except Exception as error:
            self._refused["throttle"] = str(error)

    def _watch(self):
        while not self._stop.wait(PERIOD_S):
            self._read()

    def __enter__(self):
        if self._card is not None:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        if self._thread:
            self._thread.join()

    def read_once(self):
        """A summary of one reading."""
        if self._card is not None:
            self._read()
        return self.summary()

    def summary(self):
        """{quantity: {min, median, max}}, throttle reasons, and what could not be read and why."""
        if self._card is None:
            return {"refused": self._refused or {"nvml": "not there"}}
        result = {name: {"min": min(values), "median": statistics.median(values), "max": max(values)}
                  for name, values in self._samples.items() if values}
        result["throttle_reasons"] = throttle_names(self._nvml, self._reasons)
        if self._refused:
            result["refused"] = self._refused
        return result
