# The CUDA toolkit, for PRUMUX_CUDA=ON. No GPU is needed to build.
if(NOT TARGET Torch::CUDA)
  message(FATAL_ERROR "PRUMUX_CUDA=ON needs a torch wheel with its CUDA libraries in "
    "${PRUMUX_TORCH_ROOT}/torch/lib: use './dev build cuda', or set PRUMUX_TORCH_ROOT to the "
    "site-packages folder of an installed torch 2.11.0")
endif()
# Volta's successors up to Blackwell, and code for what comes after.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real 90-real 100-real 120)
endif()
if(NOT DEFINED CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  find_program(PRUMUX_NVCC nvcc HINTS ENV CUDA_HOME PATHS /usr/local/cuda/bin)
  if(PRUMUX_NVCC)
    set(CMAKE_CUDA_COMPILER ${PRUMUX_NVCC})
  endif()
endif()
enable_language(CUDA)
find_package(CUDAToolkit 13.0 REQUIRED)
