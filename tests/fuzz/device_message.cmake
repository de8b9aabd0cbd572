hub_add_fuzz_target(device_message
  SOURCES device_message.cpp ${PROJECT_SOURCE_DIR}/tests/core/api/decoder_oracle.cpp
  LINK hub::api simdjson::simdjson)
target_include_directories(device_message PRIVATE ${PROJECT_SOURCE_DIR}/tests)
