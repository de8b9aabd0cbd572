#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hub::http {

// Takes the chunked coding off a body (RFC 9112, 7.1) as it comes, strictly: every line ends with
// CR LF, sizes are hexadecimal digits only. Chunk extensions and trailer fields are read over.
class ChunkedDecoder {
public:
    enum class State : std::uint8_t {
        More,  // give it what comes next
        Done,  // the body has ended
        Bad,   // the coding is broken, or one of its lines too long
    };
    struct Step {
        std::size_t taken = 0;   // of the input
        std::string_view bytes;  // of the body, a view into the input; often empty
        State state = State::More;
    };

    // Decodes up to the end of the input or of a chunk, whichever is first: call it again while
    // input is left and the state is More. What follows the body is not taken.
    [[nodiscard]] Step decode(std::string_view input);

    // A chunk's length line, and all trailer fields together.
    static constexpr std::size_t kMaxLineBytes = 256;
    static constexpr std::size_t kMaxTrailerBytes = 8 * 1024;

private:
    enum class Expect : std::uint8_t {
        Size,
        Extension,
        SizeLineFeed,
        Bytes,
        BytesReturn,
        BytesLineFeed,
        TrailerBegin,
        Trailer,
        TrailerLineFeed,
        LastLineFeed,
        Nothing,
    };

    State decodeCharacter(char c);
    State decodeSize(char c);
    State decodeText(char c, std::size_t limit, Expect line_feed);

    Expect expect_ = Expect::Size;
    std::uint64_t chunk_left_ = 0;
    std::size_t line_bytes_ = 0;  // of the length line, or of the trailer
    std::size_t digits_ = 0;
};

}  // namespace hub::http
