// Feeds the device document decoder with anything and compares its verdict with simdjson's DOM
// parser. The first byte chooses whether a topic has said the message type.
#include "core/api/decoder_oracle.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static hub::DecoderOracle oracle;
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(bytes + 1), size - 1};
    const std::string_view topic_name = bytes[0] == 's' ? "status" : "";
    const std::string objection = oracle.objection(text, topic_name);
    if (objection.empty()) return 0;
    std::fprintf(stderr, "%s\n", objection.c_str());
    std::abort();
}
