# Templates of the standard library would be exported even with hidden visibility.
function(prumux_export_only_plugin target)
  set(map ${CMAKE_CURRENT_BINARY_DIR}/prumux_plugin.map)
  file(CONFIGURE OUTPUT ${map} CONTENT
    "{ global: prumux_fingerprint_v1; prumux_plugin_v1; local: *; };\n")
  target_link_options(${target} PRIVATE -Wl,--version-script=${map})
endfunction()

# prumux_add_plugin(NAME DESCRIPTOR FILE SOURCES ...): a plugin as a loadable library.
# The sources are also an object library, prumux_plugin_NAME_objects, which unit tests link.
function(prumux_add_plugin name)
  cmake_parse_arguments(ARG "" "DESCRIPTOR" "SOURCES;LINK" ${ARGN})
  set(objects prumux_plugin_${name}_objects)
  add_library(${objects} OBJECT ${ARG_SOURCES})
  target_link_libraries(${objects} PUBLIC prumux::sdk ${ARG_LINK})
  target_include_directories(${objects} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

  add_library(prumux_plugin_${name} MODULE ${ARG_DESCRIPTOR})
  target_link_libraries(prumux_plugin_${name} PRIVATE ${objects})
  target_link_options(prumux_plugin_${name} PRIVATE -Wl,-z,defs)
  prumux_export_only_plugin(prumux_plugin_${name})
  set_target_properties(prumux_plugin_${name} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH "$ORIGIN/../..;$ORIGIN/../torch/torch/lib")
  set_target_properties(${objects} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(TARGET prumux_pch)
    target_link_libraries(${objects} PRIVATE prumux_plugin_options)
    target_link_libraries(prumux_plugin_${name} PRIVATE prumux_plugin_options)
    set_target_properties(prumux_plugin_${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/prumux/plugins)
    install(TARGETS prumux_plugin_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/prumux/plugins)
    target_precompile_headers(${objects} REUSE_FROM prumux_pch)
  endif()
endfunction()
