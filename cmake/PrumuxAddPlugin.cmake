# Templates of the standard library would be exported even with hidden visibility.
function(prumux_export_only_plugin target)
  set(map ${CMAKE_CURRENT_BINARY_DIR}/prumux_plugin.map)
  file(CONFIGURE OUTPUT ${map} CONTENT
    "{ global: prumux_fingerprint_v1; prumux_plugin_v1; local: *; };\n")
  target_link_options(${target} PRIVATE -Wl,--version-script=${map})
endfunction()

# prumux_add_plugin(NAME DESCRIPTOR FILE [SOURCES ...] [LINK ...]): a plugin as a loadable library,
# libNAME.so.
# The sources are also an object library, prumux_plugin_NAME_objects, which unit tests link.
function(prumux_add_plugin name)
  cmake_parse_arguments(ARG "" "DESCRIPTOR" "SOURCES;LINK" ${ARGN})
  set(objects prumux_plugin_${name}_objects)
  if(NOT ARG_SOURCES)
    # An object library has at least one source.
    set(ARG_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/${name}_without_sources.cpp)
    file(TOUCH ${ARG_SOURCES})
  endif()
  add_library(${objects} OBJECT ${ARG_SOURCES})
  target_link_libraries(${objects} PUBLIC prumux::sdk ${ARG_LINK})
  target_include_directories(${objects} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

  add_library(prumux_plugin_${name} MODULE ${ARG_DESCRIPTOR})
  target_link_libraries(prumux_plugin_${name} PRIVATE ${objects})
  target_link_options(prumux_plugin_${name} PRIVATE -Wl,-z,defs)
  prumux_export_only_plugin(prumux_plugin_${name})
  set_target_properties(prumux_plugin_${name} PROPERTIES
    PREFIX lib OUTPUT_NAME ${name} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH "$ORIGIN/../..;$ORIGIN/../torch/torch/lib")
  set_target_properties(${objects} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(TARGET prumux_pch)
    target_link_libraries(${objects} PRIVATE prumux_plugin_options)
    target_link_libraries(prumux_plugin_${name} PRIVATE prumux_plugin_options)
    set_target_properties(prumux_plugin_${name} PROPERTIES
      PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/prumux/plugins)
    install(TARGETS prumux_plugin_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/prumux/plugins)
    target_precompile_headers(${objects} REUSE_FROM prumux_pch)
    target_precompile_headers(prumux_plugin_${name} REUSE_FROM prumux_pch)
  else()
    # Parsing libtorch's headers takes longer than anything else.
    target_precompile_headers(${objects} PRIVATE <ATen/ATen.h> <prumux/plugin.h>)
    target_compile_options(prumux_plugin_${name} PRIVATE -fPIC)
    target_precompile_headers(prumux_plugin_${name} REUSE_FROM ${objects})
  endif()
endfunction()

# prumux_test_plugin(NAME [UNIT FILE ...] [PIPELINE FILE]): tests of a plugin built with
# prumux_add_plugin: a GoogleTest program from the UNIT sources, the conformance suite of the installed
# prumux, and a pipeline that has to run.
function(prumux_test_plugin name)
  cmake_parse_arguments(ARG "" "PIPELINE" "UNIT" ${ARGN})
  set(objects prumux_plugin_${name}_objects)
  if(ARG_UNIT)
    add_executable(${name}_test ${ARG_UNIT})
    target_link_libraries(${name}_test PRIVATE ${objects} GTest::gtest_main)
    target_compile_options(${name}_test PRIVATE -fPIC -fvisibility=hidden -fvisibility-inlines-hidden)
    target_precompile_headers(${name}_test REUSE_FROM ${objects})
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
  add_test(NAME ${name}_conformance
           COMMAND ${PRUMUX_PROGRAM} plugins check $<TARGET_FILE:prumux_plugin_${name}>)
  if(ARG_PIPELINE)
    add_test(NAME ${name}_pipeline
             COMMAND ${PRUMUX_PROGRAM} run ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_PIPELINE}
                     --plugin-path $<TARGET_FILE_DIR:prumux_plugin_${name}>
                     --out ${CMAKE_CURRENT_BINARY_DIR}/run)
  endif()
endfunction()
