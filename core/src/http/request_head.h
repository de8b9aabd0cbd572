#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace hub::http {

struct HeaderField {
    std::string_view name;
    std::string_view value;  // without the white space around it
};

// The head of a request that obeys RFC 9112. Views into the text it was parsed from.
struct RequestHead {
    std::string_view method;
    std::string_view path;   // as sent: begins with `/`, or is `*`
    std::string_view query;  // as sent, behind the `?`
    std::vector<HeaderField> fields;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;           // the body is: never together with a content length
    bool keep_alive = false;        // the connection stays open for another request
    bool http_1_0 = false;          // the client knows neither chunks, nor 100, nor upgrades
    bool expects_continue = false;  // it waits for a 100 before it sends the body

    // The value of the first field of that name, in any case.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
    [[nodiscard]] bool hasBody() const noexcept {
        return chunked || content_length.value_or(0) > 0;
    }
};

struct HeadIncomplete {};  // more must come: nothing wrong so far
struct HeadRefused {
    int status = 400;
    std::string_view reason;  // a sentence for whoever wrote the client
};
using HeadResult = std::variant<HeadIncomplete, RequestHead, HeadRefused>;

// Reads a request head at the begin of `input` (RFC 9112, 2 to 6). Stricter than the RFC asks where
// leniency lets two parties see different requests: a line ends with CR LF only, no control
// characters, no white space before a colon, no folded lines, one unambiguous body length.
//
// An error is told as soon as the line that contains it can be judged, so that a client that speaks
// something else, such as TLS, does not wait.
[[nodiscard]] HeadResult parseRequestHead(std::string_view input);

// How far a head that comes in pieces has been judged: each byte is looked at once, however small
// the pieces. A new one for each head.
struct HeadProgress {
    std::size_t line = 0;      // where the line that has not ended begins
    std::size_t searched = 0;  // up to here, that line has been judged
    std::size_t fields = 0;    // in the lines before it
};

// Where the head at the begin of `input` ends, its last empty line included.
enum class HeadEnd : std::size_t {};

// Looks for the end of the head in what `input` has more than in the call before, and refuses as
// soon as `parseRequestHead`; what only the whole head can tell is left to that.
[[nodiscard]] std::variant<HeadIncomplete, HeadEnd, HeadRefused> findHeadEnd(
    std::string_view input, HeadProgress& progress);

inline constexpr std::size_t kMaxHeadBytes = 8 * 1024;
inline constexpr std::size_t kMaxHeaderFields = 64;

}  // namespace hub::http
