# Locates the libtorch inside an unpacked `torch` wheel. The wheel's own CMake
# package demands a CUDA toolkit even for CPU-only use, so this module does not read it.
#
#   PRUMUX_TORCH_ROOT  folder that holds torch/ (and nvidia/), as `./dev` lays it out
#   Torch::Torch       headers, libtorch_cpu and libc10
#   Torch::CUDA        the same and libtorch_cuda, where the wheel was unpacked with it
set(_torch_default "$ENV{HOME}/.cache/prumux/torch-2.11.0")
if(DEFINED ENV{PRUMUX_DEPS})
  set(_torch_default "$ENV{PRUMUX_DEPS}/torch-2.11.0")
endif()
set(PRUMUX_TORCH_ROOT "${_torch_default}" CACHE PATH "Folder that holds the unpacked torch wheel")

# What was found in another folder stays in the cache.
if(NOT "${PRUMUX_TORCH_ROOT}" STREQUAL "${Torch_FOUND_IN}")
  foreach(_result IN ITEMS INCLUDE_DIR API_INCLUDE_DIR CPU_LIBRARY C10_LIBRARY CUDA_LIBRARY
                           C10_CUDA_LIBRARY)
    unset(Torch_${_result} CACHE)
  endforeach()
  set(Torch_FOUND_IN "${PRUMUX_TORCH_ROOT}" CACHE INTERNAL "The PRUMUX_TORCH_ROOT of Torch_...")
endif()

find_path(Torch_INCLUDE_DIR torch/headeronly/version.h
          PATHS "${PRUMUX_TORCH_ROOT}/torch/include" NO_DEFAULT_PATH)
find_path(Torch_API_INCLUDE_DIR torch/torch.h
          PATHS "${PRUMUX_TORCH_ROOT}/torch/include/torch/csrc/api/include" NO_DEFAULT_PATH)
find_library(Torch_CPU_LIBRARY torch_cpu PATHS "${PRUMUX_TORCH_ROOT}/torch/lib" NO_DEFAULT_PATH)
find_library(Torch_C10_LIBRARY c10 PATHS "${PRUMUX_TORCH_ROOT}/torch/lib" NO_DEFAULT_PATH)

if(Torch_INCLUDE_DIR)
  file(READ "${Torch_INCLUDE_DIR}/torch/headeronly/version.h" _torch_version)
  string(REGEX MATCH "TORCH_VERSION_MAJOR ([0-9]+)" _ "${_torch_version}")
  set(Torch_VERSION ${CMAKE_MATCH_1})
  foreach(_part MINOR PATCH)
    string(REGEX MATCH "TORCH_VERSION_${_part} ([0-9]+)" _ "${_torch_version}")
    string(APPEND Torch_VERSION .${CMAKE_MATCH_1})
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Torch
  REQUIRED_VARS Torch_CPU_LIBRARY Torch_C10_LIBRARY Torch_INCLUDE_DIR Torch_API_INCLUDE_DIR
  VERSION_VAR Torch_VERSION
  REASON_FAILURE_MESSAGE "run './dev setup', or set PRUMUX_TORCH_ROOT to the folder that holds torch/")

if(Torch_FOUND AND NOT TARGET Torch::Torch)
  add_library(Torch::c10 SHARED IMPORTED)
  set_target_properties(Torch::c10 PROPERTIES IMPORTED_LOCATION "${Torch_C10_LIBRARY}")
  add_library(Torch::Torch SHARED IMPORTED)
  set_target_properties(Torch::Torch PROPERTIES
    IMPORTED_LOCATION "${Torch_CPU_LIBRARY}"
    # After the system's folders: the wheel carries its own fmt, which must not shadow spdlog's.
    INTERFACE_COMPILE_OPTIONS
      "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-idirafter \"${Torch_INCLUDE_DIR}\">;$<$<COMPILE_LANGUAGE:CXX>:SHELL:-idirafter \"${Torch_API_INCLUDE_DIR}\">"
    INTERFACE_LINK_LIBRARIES Torch::c10
    # libtorch_cpu finds its own dependencies by its RPATH, which the linker does not follow.
    INTERFACE_LINK_OPTIONS "-Wl,--allow-shlib-undefined")
endif()

find_library(Torch_CUDA_LIBRARY torch_cuda PATHS "${PRUMUX_TORCH_ROOT}/torch/lib" NO_DEFAULT_PATH)
find_library(Torch_C10_CUDA_LIBRARY c10_cuda PATHS "${PRUMUX_TORCH_ROOT}/torch/lib" NO_DEFAULT_PATH)
mark_as_advanced(Torch_CUDA_LIBRARY Torch_C10_CUDA_LIBRARY)
if(TARGET Torch::Torch AND Torch_CUDA_LIBRARY AND Torch_C10_CUDA_LIBRARY
   AND NOT TARGET Torch::CUDA)
  add_library(Torch::c10_cuda SHARED IMPORTED)
  set_target_properties(Torch::c10_cuda PROPERTIES IMPORTED_LOCATION "${Torch_C10_CUDA_LIBRARY}")
  add_library(Torch::CUDA SHARED IMPORTED)
  set_target_properties(Torch::CUDA PROPERTIES
    IMPORTED_LOCATION "${Torch_CUDA_LIBRARY}"
    INTERFACE_LINK_LIBRARIES "Torch::Torch;Torch::c10_cuda")
endif()
