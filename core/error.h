// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace bsfa::core {

/// What a program returns to its caller; docs/cli.md says the same to users.
enum class ExitCode : int {
  kPassed = 0,
  kVerdict = 1,  ///< the verdict is a fail or inconclusive
  kUsage = 2,
  kInput = 3,
  kDevice = 4,
  kOutput = 5,
  kInterrupted = 130,
};

/// Base of every error the toolkit throws on purpose: one line of text and the exit code it means.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode exit_code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// A wrong option, or options that contradict one another.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(ExitCode::kUsage, message) {}
};

/// A file that cannot be read or is not what it claims: "FILE: what is wrong (where)".
class InputError : public Error {
 public:
  InputError(std::string_view file, std::string_view cause, std::string_view place = {});
};

/// A problem whose shape, dtype or values the method does not define.
class InvalidProblem : public Error {
 public:
  explicit InvalidProblem(const std::string& message) : Error(ExitCode::kInput, message) {}
};

/// Device, driver, profiling interface, or out of memory.
class DeviceError : public Error {
 public:
  explicit DeviceError(const std::string& message) : Error(ExitCode::kDevice, message) {}
};

/// An output that could not be written: "FILE: what went wrong".
class OutputError : public Error {
 public:
  OutputError(std::string_view file, std::string_view cause);
};

/// Somebody's shared library failed: "LIBRARY: what went wrong".
class PluginError : public Error {
 public:
  PluginError(std::string_view library, std::string_view cause);
};

/// The user asked to stop.
class Interrupted : public Error {
 public:
  Interrupted() : Error(ExitCode::kInterrupted, "interrupted") {}
};

}  // namespace bsfa::core
