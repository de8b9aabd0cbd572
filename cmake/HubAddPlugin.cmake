# hub_add_plugin(<name> SOURCES <file>... [LINK <library>...])
#
# A plugin: an object part that its unit tests can link (hub_<name>_objects), and <name>, the module
# that the hub loads, <name>.so in the folder `plugins` of the build. The same for the hub's own
# plugins and for those built against an installed hub.
function(hub_add_plugin name)
  cmake_parse_arguments(PLUGIN "" "" "SOURCES;LINK" ${ARGN})
  add_library(hub_${name}_objects OBJECT ${PLUGIN_SOURCES})
  target_include_directories(hub_${name}_objects PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(hub_${name}_objects PUBLIC hub::api ${PLUGIN_LINK})
  add_library(${name} MODULE)
  target_link_libraries(${name} PRIVATE hub_${name}_objects)
  # What a plugin does not export on purpose stays its own: libraries are opened globally.
  set_target_properties(hub_${name}_objects PROPERTIES POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  set_target_properties(${name} PROPERTIES PREFIX ""
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  # A missing symbol fails here or at load, not at its first call in the field.
  target_link_options(${name} PRIVATE -Wl,-z,now)
  if(NOT HUB_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  if(TARGET hub_options)
    target_link_libraries(hub_${name}_objects PRIVATE hub_options)
    target_link_libraries(${name} PRIVATE hub_options)
  endif()
endfunction()
