# Configuration and unit, put in place by `cmake --install`: only then is the prefix known, and whether
# an operator has written into the configuration already.
set(sources ${CMAKE_CURRENT_LIST_DIR}/../etc)
set(HUB_ETC_DIR ${CMAKE_INSTALL_PREFIX}/etc/hub)

if(EXISTS "$ENV{DESTDIR}${HUB_ETC_DIR}/hubd.properties")
  message(STATUS "Keeping: $ENV{DESTDIR}${HUB_ETC_DIR}/hubd.properties")
else()
  file(INSTALL ${sources}/hubd.properties DESTINATION ${HUB_ETC_DIR})
endif()

set(unit "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/hubd.service")
message(STATUS "Installing: ${unit}")
configure_file(${sources}/hubd.service.in "${unit}" @ONLY)
