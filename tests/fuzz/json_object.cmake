hub_add_fuzz_target(json_object
  SOURCES json_object.cpp ${PROJECT_SOURCE_DIR}/plugins/http-api/json_object.cpp
  LINK hub::api simdjson::simdjson)
target_include_directories(json_object PRIVATE ${PROJECT_SOURCE_DIR}/plugins/http-api)
