hub_add_fuzz_target(frame_decoder SOURCES frame_decoder.cpp LINK hub::websocket)
