# For outside conformance suites: not run as a test.
add_executable(echo_server echo_server.cpp)
target_include_directories(echo_server PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(echo_server PRIVATE hub::websocket hub::metrics hub_options Threads::Threads)
