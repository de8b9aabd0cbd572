# What `cmake --install <build> --prefix <folder>` puts where. The folder may be moved afterwards:
# nothing in it but the unit of systemd knows where it is.
include(CMakePackageConfigHelpers)

set(HUB_INSTALL_PLUGIN_DIR lib/hub/plugins)
set(HUB_INSTALL_CMAKE_DIR lib/cmake/Hub)

install(TARGETS hub_api EXPORT HubTargets LIBRARY DESTINATION lib FILE_SET HEADERS DESTINATION include)
install(TARGETS hubd hubctl RUNTIME DESTINATION bin)
set_target_properties(hubd hubctl PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
install(TARGETS ${HUB_PLUGINS} LIBRARY DESTINATION ${HUB_INSTALL_PLUGIN_DIR})
set_target_properties(${HUB_PLUGINS} PROPERTIES INSTALL_RPATH "$ORIGIN/../..")

install(EXPORT HubTargets NAMESPACE hub:: DESTINATION ${HUB_INSTALL_CMAKE_DIR})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/HubConfig.cmake.in
  ${PROJECT_BINARY_DIR}/cmake/HubConfig.cmake
  INSTALL_DESTINATION ${HUB_INSTALL_CMAKE_DIR} PATH_VARS HUB_INSTALL_PLUGIN_DIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/HubConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/HubConfig.cmake
              ${PROJECT_BINARY_DIR}/cmake/HubConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/HubAddPlugin.cmake
        DESTINATION ${HUB_INSTALL_CMAKE_DIR})

install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/InstallEtc.cmake)

# The documentation, in the folders of the sources: its links lead to the same places.
install(FILES README.md CHANGELOG.md LICENSE DESTINATION share/doc/hub)
install(FILES core/README.md DESTINATION share/doc/hub/core)
install(FILES core/src/ctl/import/README.md DESTINATION share/doc/hub/core/src/ctl/import)
install(FILES tests/README.md DESTINATION share/doc/hub/tests)
install(FILES etc/hubd.properties DESTINATION share/doc/hub/etc)
foreach(plugin IN LISTS HUB_PLUGINS)
  install(FILES plugins/${plugin}/README.md DESTINATION share/doc/hub/plugins/${plugin} OPTIONAL)
endforeach()
install(FILES plugins/README.md DESTINATION share/doc/hub/plugins)
