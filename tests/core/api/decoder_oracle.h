#pragma once

#include "hub/device_message.h"

#include <memory>
#include <string>
#include <string_view>

namespace hub {

// Compares the decoder with simdjson's DOM parser, which validates by other code.
class DecoderOracle {
public:
    DecoderOracle();
    ~DecoderOracle();

    // Decodes `text` and says in one sentence what is wrong with the result; "" when nothing is.
    [[nodiscard]] std::string objection(std::string_view text, std::string_view topic_name = {});

    // The decoder's verdict on the last text.
    [[nodiscard]] bool accepted() const noexcept { return accepted_; }

private:
    std::string objectionToMessage(const DeviceMessage& message);

    struct Reference;
    std::unique_ptr<Reference> reference_;
    DeviceMessageDecoder decoder_;
    bool accepted_ = false;
};

}  // namespace hub
