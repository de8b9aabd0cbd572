hub_add_fuzz_target(topic_filter SOURCES topic_filter.cpp LINK hub::api)
