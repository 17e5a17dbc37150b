// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/source_lines.h"

#include <cstdlib>
#include <filesystem>
#include <memory>

#include <cupti_pcsampling.h>

namespace bsfa::profiler {
namespace {

using LibraryText = std::unique_ptr<char, decltype(&std::free)>;

std::string path_of(const char* folder, const char* file) {
  if (file == nullptr || *file == '\0') return "";
  if (folder == nullptr) return file;
  return (std::filesystem::path(folder) / file).lexically_normal().string();
}

}  // namespace

SourcePlace source_place(const CuptiLibrary& cupti, const Cubin& cubin, const std::string& function,
                         std::uint64_t offset) {
  CUpti_GetSassToSourceCorrelationParams params{};
  params.size = CUpti_GetSassToSourceCorrelationParamsSize;
  params.cubin = cubin.data();
  params.cubinSize = cubin.size();
  params.functionName = function.c_str();
  params.pcOffset = offset;
  const auto ask =
      cupti.function<decltype(&cuptiGetSassToSourceCorrelation)>("cuptiGetSassToSourceCorrelation");
  const CUptiResult result = ask(&params);
  const LibraryText file(params.fileName, &std::free);
  const LibraryText folder(params.dirName, &std::free);
  // Code without a line table is no fault; CUPTI has no result of its own for it.
  if (result != CUPTI_SUCCESS) return {};
  SourcePlace place{path_of(folder.get(), file.get()), params.lineNumber};
  return place.file.empty() || place.line == 0 ? SourcePlace{} : place;
}

}  // namespace bsfa::profiler
