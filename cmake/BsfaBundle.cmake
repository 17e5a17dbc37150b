# SPDX-License-Identifier: Apache-2.0
# What scripts/bundle packs: install rules of the component `bundle`, and the target
# `bundle-programs` that builds what they install.
add_custom_target(bundle-programs)
foreach(program bsfa bsfa_shared bsfa_inject bsfa-test-gpu)
  if(TARGET ${program})
    add_dependencies(bundle-programs ${program})
    set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
    install(TARGETS ${program} COMPONENT bundle RUNTIME DESTINATION bin LIBRARY DESTINATION lib)
  endif()
endforeach()

# Its symbols are no newer than the C library that it needs; libstdc++.so.6 here would be.
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libgcc_s.so.1
  OUTPUT_VARIABLE libgcc OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
file(REAL_PATH ${libgcc} libgcc)
install(FILES ${libgcc} DESTINATION lib COMPONENT bundle)

# Profilers show a kernel's line tables beside these.
foreach(folder common cuda include)
  install(DIRECTORY kernels/${folder} DESTINATION kernels COMPONENT bundle
    FILES_MATCHING REGEX "\\.(h|cuh|cpp|cu)$")
endforeach()
install(FILES profiler/metrics/gh100.txt DESTINATION metrics COMPONENT bundle)
install(DIRECTORY scripts/ DESTINATION scripts COMPONENT bundle USE_SOURCE_PERMISSIONS
  FILES_MATCHING REGEX "/(gpu-test|record-traces|gpu_[a-z_]+\\.py|capture_hf[a-z_]*\\.py)$" PATTERN __pycache__ EXCLUDE)
install(DIRECTORY bench/ DESTINATION bench COMPONENT bundle USE_SOURCE_PERMISSIONS
  FILES_MATCHING PATTERN "*.py" PATTERN __pycache__ EXCLUDE PATTERN results EXCLUDE)
install(FILES examples/data/moby_dick-layer4-4096.safetensors DESTINATION examples/data COMPONENT bundle)
install(FILES LICENSE DESTINATION . COMPONENT bundle)

# The licences of what is linked in, by Debian's names.
install(DIRECTORY ${BSFA_STATIC_LIBRARIES}/licences/ DESTINATION licences COMPONENT bundle)
foreach(package libhdf5-dev libaec-dev zlib1g-dev libeigen3-dev nlohmann-json3-dev libcli11-dev
                libstdc++-12-dev)
  install(FILES /usr/share/doc/${package}/copyright DESTINATION licences RENAME ${package}
    COMPONENT bundle)
endforeach()
