# The installed tree: bin/prumux, lib/, lib/prumux/plugins/, include/prumux/ and a CMake package. It
# carries the libtorch that it was built with, so that it can be moved to another machine as it is.
include(CMakePackageConfigHelpers)

option(PRUMUX_INSTALL_TORCH "Copy libtorch (with headers, for plugins) into the installed tree" ON)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/prumux)
set(installed_torch ${CMAKE_INSTALL_LIBDIR}/prumux/torch)
set(installed_program ${CMAKE_INSTALL_BINDIR}/prumux)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/include/prumux DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS prumux_sdk EXPORT prumuxTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT prumuxTargets NAMESPACE prumux:: DESTINATION ${package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/prumuxConfig.cmake.in
  ${PROJECT_BINARY_DIR}/prumuxConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS installed_torch installed_program)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/prumuxConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/prumuxConfig.cmake
  ${PROJECT_BINARY_DIR}/prumuxConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindTorch.cmake
  ${PROJECT_SOURCE_DIR}/cmake/PrumuxAddPlugin.cmake
  DESTINATION ${package_dir})

# What `plugins new` writes from, and the pipelines with their sample data.
set(shared_files ${CMAKE_INSTALL_DATADIR}/prumux)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/templates ${PROJECT_SOURCE_DIR}/configs
        DESTINATION ${shared_files})
install(FILES LICENSE docs/user-guide.md docs/plugin-guide.md docs/methods.md docs/file-formats.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/results DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/prumux)
foreach(folder IN ITEMS sdk/templates configs)
  get_filename_component(name ${folder} NAME)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/share/prumux/${name}
       SYMBOLIC)
endforeach()

if(PRUMUX_INSTALL_TORCH)
  # The layout of the wheel: its libraries look for each other along it.
  install(DIRECTORY ${PRUMUX_TORCH_ROOT}/torch/lib ${PRUMUX_TORCH_ROOT}/torch/include
          DESTINATION ${installed_torch}/torch USE_SOURCE_PERMISSIONS COMPONENT torch)
  install(DIRECTORY ${PRUMUX_TORCH_ROOT}/nvidia DESTINATION ${installed_torch}
          USE_SOURCE_PERMISSIONS COMPONENT torch)
  set(torch_rpath "/prumux/torch/torch/lib")
  set_target_properties(prumux PROPERTIES
    INSTALL_RPATH "$ORIGIN/../lib;$ORIGIN/../lib${torch_rpath}")
  set_target_properties(prumux_sdk PROPERTIES INSTALL_RPATH "$ORIGIN;$ORIGIN${torch_rpath}")
else()
  set_target_properties(prumux PROPERTIES
    INSTALL_RPATH "$ORIGIN/../lib;${PRUMUX_TORCH_ROOT}/torch/lib")
  set_target_properties(prumux_sdk PROPERTIES
    INSTALL_RPATH "$ORIGIN;${PRUMUX_TORCH_ROOT}/torch/lib")
endif()
