#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hub::ctl::importer {

// Judges texts that should be JSON objects, as Python writes them: with NaN and Infinity, which no
// other reader takes. One thread.
class JsonRepair {
public:
    enum class Verdict : std::uint8_t {
        Sound,
        Repaired,  // NaN, Infinity and -Infinity have become null
        Hopeless,  // no JSON object (RFC 8259), or nested deeper than devices may
    };

    JsonRepair();
    ~JsonRepair();

    // `object` is then the text to use, unless it is hopeless: `text` itself or a text of this
    // object, valid until the next call.
    Verdict judge(std::string_view text, std::string_view& object);

    // The string member `name` of the object that was judged last; "" when there is none. Valid
    // until the next call of `judge`.
    [[nodiscard]] std::string_view member(std::string_view name) const;

private:
    struct Parser;

    [[nodiscard]] bool isObject(std::string_view text);

    std::unique_ptr<Parser> parser_;
    std::string repaired_;
};

}  // namespace hub::ctl::importer
