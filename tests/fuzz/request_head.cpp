// Whatever comes, a request head, what it says in its fields, and a chunked body are read without
// harm, and the rules that keep two parties from seeing different requests hold for what is
// accepted.
#include "http/request_head.h"

#include "http/chunked_decoder.h"
#include "http/conditional.h"
#include "http/field_syntax.h"
#include "http/origins.h"
#include "http/target.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using hub::http::ChunkedDecoder;

void require(bool condition) {
    if (!condition) std::abort();
}

bool isWithin(std::string_view part, std::string_view whole) {
    return part.empty() || part == "/" ||
           (part.data() >= whole.data() &&
            part.data() + part.size() <= whole.data() + whole.size());
}

void checkTarget(const hub::http::RequestHead& head) {
    if (const auto path = hub::http::Path::decode(head.path)) {
        std::size_t size = path->segmentCount();
        for (std::size_t i = 0; i < path->segmentCount(); ++i) size += path->segment(i).size();
        require(size == path->text().size() || head.path == "*");
        require(path->text().find_first_of(std::string_view{"\0\r\n", 3}) ==
                std::string_view::npos);
    }
    if (const auto query = hub::http::Query::decode(head.query)) {
        (void)query->find("limit");
    }
}

void checkValue(std::string_view value) {
    (void)hub::http::listsEntityTag(value, "\"7\"");
    if (const auto origin = hub::http::originFrom(value)) {
        require(hub::http::originFrom(*origin) == origin);
        require(hub::http::isSameHost(*origin, origin->substr(origin->find("://") + 3)));
        require(origin->find_first_of(", \t/?#@", origin->find("://") + 3) == std::string::npos);
    }
}

// `text` ends with the first empty line of the input: where whoever reads the head looks for it.
void checkHead(const hub::http::RequestHead& head, std::string_view text) {
    require(text.size() <= hub::http::kMaxHeadBytes);
    require(std::holds_alternative<hub::http::RequestHead>(hub::http::parseRequestHead(text)));
    require(head.fields.size() <= hub::http::kMaxHeaderFields);
    require(!(head.chunked && head.content_length));
    require(!(head.chunked && head.http_1_0));
    require(hub::http::isToken(head.method) && isWithin(head.method, text));
    require(isWithin(head.path, text) && isWithin(head.query, text));
    for (const auto& field : head.fields) {
        require(hub::http::isToken(field.name) && isWithin(field.name, text));
        require(hub::http::isFieldText(field.value) && isWithin(field.value, text));
        checkValue(field.value);
    }
    checkTarget(head);
    // What came before the end must not have looked like an end, or like an error.
    for (std::size_t length = 0; length < text.size(); length += 1 + text.size() / 16) {
        require(std::holds_alternative<hub::http::HeadIncomplete>(
            hub::http::parseRequestHead(text.substr(0, length))));
    }
}

// In pieces or whole, the same is found, as soon as `parseRequestHead` would find it.
void checkPieces(std::string_view input) {
    hub::http::HeadProgress progress;
    const std::size_t step = 1 + input.size() / 64;
    for (std::size_t length = 1; length <= input.size(); length += step) {
        const std::string_view piece = input.substr(0, length);
        const auto whole = hub::http::parseRequestHead(piece);
        const auto found = hub::http::findHeadEnd(piece, progress);
        const bool incomplete = std::holds_alternative<hub::http::HeadIncomplete>(whole);
        require(incomplete == std::holds_alternative<hub::http::HeadIncomplete>(found));
        if (incomplete) continue;
        if (const auto* const end = std::get_if<hub::http::HeadEnd>(&found)) {
            require(piece.substr(0, static_cast<std::size_t>(*end)).ends_with("\r\n\r\n"));
        } else {
            require(std::holds_alternative<hub::http::HeadRefused>(whole));
        }
        return;
    }
}

struct Decoded {
    std::string body;
    std::size_t taken = 0;
    ChunkedDecoder::State state = ChunkedDecoder::State::More;
    bool operator==(const Decoded&) const = default;
};

Decoded decodeChunks(std::string_view input, std::size_t step) {
    ChunkedDecoder decoder;
    Decoded decoded;
    while (decoded.taken < input.size() && decoded.state == ChunkedDecoder::State::More) {
        const auto result = decoder.decode(input.substr(decoded.taken, step));
        require(result.taken > 0);
        decoded.body += result.bytes;
        decoded.taken += result.taken;
        decoded.state = result.state;
    }
    return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(bytes), size};
    std::string_view body = input;
    const auto result = hub::http::parseRequestHead(input);
    if (const auto* head = std::get_if<hub::http::RequestHead>(&result)) {
        const std::size_t length = input.find("\r\n\r\n") + 4;
        checkHead(*head, input.substr(0, length));
        body = input.substr(length);
    }
    checkPieces(input);
    const Decoded whole = decodeChunks(body, body.size());
    require(whole == decodeChunks(body, 1) && whole == decodeChunks(body, 7));
    return 0;
}
