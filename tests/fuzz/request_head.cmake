hub_add_fuzz_target(request_head SOURCES request_head.cpp LINK hub::http)
