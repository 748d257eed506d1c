# How every one of our targets is compiled: prumux_options, and the shared precompiled header.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# The kernels are libtorch's, or carry their own flags: more than -O2 only costs build time.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# The build tree mirrors an installation, so that the program finds its plugins in both.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

find_program(PRUMUX_CCACHE ccache)
if(PRUMUX_CCACHE)
  # Not include_file_mtime: with it, a file that is edited while it is compiled is never compiled again.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${PRUMUX_CCACHE})
endif()

set(PRUMUX_SANITIZE "" CACHE STRING "Value of -fsanitize= (for example address,undefined)")

add_library(prumux_options INTERFACE)
target_compile_options(prumux_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wno-psabi
  # False alarms of GCC 12 on `"text" + std::string` (its bug 105651).
  -Wno-restrict -Wno-stringop-overflow)
target_include_directories(prumux_options INTERFACE ${PROJECT_SOURCE_DIR})
# The system's linker, not lld: that one (14) loses unwind tables of GCC's cold function parts behind
# empty ones at the same address, and exceptions that pass there abort the program.
if(PRUMUX_SANITIZE)
  target_compile_options(prumux_options INTERFACE -fsanitize=${PRUMUX_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(prumux_options INTERFACE -fsanitize=${PRUMUX_SANITIZE})
endif()

# prumux_module(NAME [TORCH] SOURCES ... [LINK ...]): one static library of the core.
# TORCH: it uses libtorch, and shares the precompiled header with the others that do.
function(prumux_module name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE -fPIC)
  target_link_libraries(${name} PUBLIC prumux_options ${ARG_LINK})
  if(ARG_TORCH)
    prumux_use_torch(${name})
  endif()
endfunction()

function(prumux_use_torch target)
  target_link_libraries(${target} PUBLIC prumux::sdk Torch::Torch)
  # Programs too, or else they could not share the header, which is compiled with -fPIC.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  target_precompile_headers(${target} REUSE_FROM prumux_pch)
endfunction()
