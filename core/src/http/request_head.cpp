#include "http/request_head.h"

#include "http/field_syntax.h"

#include <algorithm>
#include <charconv>

namespace hub::http {
namespace {

constexpr std::string_view kRequestLineForm =
    "The request line must be: method, one space, target, one space, HTTP/1.1.";

using Refusal = std::optional<HeadRefused>;

Refusal refuse(std::string_view reason, int status = 400) { return HeadRefused{status, reason}; }

// RFC 3986 would have more of these encoded; browsers do not, and none of them means anything here.
bool isTargetText(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

// host [":" port]: enough to be sure that it is one, and only one.
bool isHost(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f &&
               std::string_view("/?#@,\\\"<>^`{|}").find(c) == std::string_view::npos;
    });
}

// Cuts the scheme and authority off an absolute-form target (RFC 9112, 3.2.2).
std::optional<std::string_view> withoutAuthority(std::string_view target) {
    const std::size_t colon = target.find("://");
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view scheme = target.substr(0, colon);
    if (!equalsIgnoringCase(scheme, "http") && !equalsIgnoringCase(scheme, "https")) {
        return std::nullopt;
    }
    const std::string_view rest = target.substr(colon + 3);
    const std::size_t authority = std::min(rest.find_first_of("/?"), rest.size());
    if (authority == 0 || !isHost(rest.substr(0, authority))) return std::nullopt;
    return rest.substr(authority);
}

Refusal readTarget(std::string_view target, RequestHead& head) {
    if (!isTargetText(target)) {
        return refuse("The request target may have only visible ASCII characters, without '#'.");
    }
    if (target == "*") {
        if (head.method != "OPTIONS") return refuse("The target '*' is for OPTIONS only.");
        head.path = target;
        return std::nullopt;
    }
    if (!target.starts_with('/')) {
        const auto rest = withoutAuthority(target);
        if (!rest) return refuse("The request target must be a path that begins with '/'.");
        target = *rest;
    }
    const std::size_t mark = std::min(target.find('?'), target.size());
    head.path = mark == 0 ? "/" : target.substr(0, mark);
    if (mark < target.size()) head.query = target.substr(mark + 1);
    return std::nullopt;
}

Refusal readVersion(std::string_view version, RequestHead& head) {
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (version.size() != 8 || !version.starts_with("HTTP/") || !isDigit(version[5]) ||
        version[6] != '.' || !isDigit(version[7])) {
        return refuse(kRequestLineForm);
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return refuse("Only HTTP/1.1 and HTTP/1.0 are spoken here.", 505);
    }
    head.http_1_0 = version.back() == '0';
    return std::nullopt;
}

Refusal readRequestLine(std::string_view line, RequestHead& head) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return refuse(kRequestLineForm);
    head.method = line.substr(0, first);
    if (!isToken(head.method)) return refuse("The request method is not a token.");
    if (auto refusal = readVersion(line.substr(last + 1), head)) return refusal;
    return readTarget(line.substr(first + 1, last - first - 1), head);
}

Refusal readField(std::string_view line, std::size_t fields_before, RequestHead& head) {
    if (fields_before == kMaxHeaderFields) {
        return refuse("The request has more than 64 header fields.", 431);
    }
    if (line.front() == ' ' || line.front() == '\t') {
        return refuse("A header field may not be folded over several lines.");
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) {
        return refuse("A header line must be: name, colon, value, with no space before the colon.");
    }
    const std::string_view value = line.substr(colon + 1);
    if (!isFieldText(value)) return refuse("A header field value has a control character.");
    head.fields.push_back({line.substr(0, colon), trimmed(value)});
    return std::nullopt;
}

Refusal readContentLength(std::string_view value, RequestHead& head) {
    if (head.content_length) return refuse("Content-Length may be given only once.");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc{} || end != value.data() + value.size()) {
        return refuse("Content-Length must be a decimal number of bytes.");
    }
    head.content_length = length;
    return std::nullopt;
}

Refusal readTransferEncoding(std::string_view value, RequestHead& head) {
    if (head.chunked) return refuse("Transfer-Encoding may be given only once.");
    if (head.http_1_0) return refuse("HTTP/1.0 has no Transfer-Encoding.");
    if (!equalsIgnoringCase(value, "chunked")) {
        return refuse("The only transfer coding understood here is chunked.", 501);
    }
    head.chunked = true;
    return std::nullopt;
}

// What the fields say about the message and the connection, once all are known.
class Meaning {
public:
    explicit Meaning(RequestHead& head) : head_(head) {}

    Refusal read() {
        for (const HeaderField& field : head_.fields) {
            if (auto refusal = readOne(field)) return refusal;
        }
        if (hosts_ > 1) return refuse("Host may be given only once.");
        if (hosts_ == 0 && !head_.http_1_0) return refuse("HTTP/1.1 requires a Host header field.");
        if (head_.chunked && head_.content_length) {
            return refuse("Content-Length and Transfer-Encoding exclude each other.");
        }
        head_.keep_alive = !close_ && (keep_alive_ || !head_.http_1_0);
        return std::nullopt;
    }

private:
    Refusal readOne(const HeaderField& field) {
        if (equalsIgnoringCase(field.name, "host")) {
            ++hosts_;
            if (!isHost(field.value)) {
                return refuse("Host must be one host name, with or without a port.");
            }
        } else if (equalsIgnoringCase(field.name, "content-length")) {
            return readContentLength(field.value, head_);
        } else if (equalsIgnoringCase(field.name, "transfer-encoding")) {
            return readTransferEncoding(field.value, head_);
        } else if (equalsIgnoringCase(field.name, "connection")) {
            close_ = close_ || listContains(field.value, "close");
            keep_alive_ = keep_alive_ || listContains(field.value, "keep-alive");
        } else if (equalsIgnoringCase(field.name, "expect") && !head_.http_1_0) {
            if (!equalsIgnoringCase(field.value, "100-continue")) {
                return refuse("The only expectation understood here is 100-continue.", 417);
            }
            head_.expects_continue = true;
        }
        return std::nullopt;
    }

    RequestHead& head_;
    std::size_t hosts_ = 0;
    bool close_ = false;
    bool keep_alive_ = false;
};

// A line that has not ended yet can only be wrong by its characters, and by its length; `rest` is
// what of it has not been judged.
Refusal judgeUnfinished(std::string_view rest) {
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    if (isFieldText(rest)) return std::nullopt;
    return refuse("The request head has a control character.");
}

using LinesResult = std::variant<HeadIncomplete, HeadEnd, HeadRefused>;

// Reads the lines from `progress` on into `head`, up to the empty one.
LinesResult readLines(std::string_view input, HeadProgress& progress, RequestHead& head) {
    // An empty line that an old client sent behind the body before (RFC 9112, 2.2).
    const std::size_t begin = input.starts_with("\r\n") ? 2 : 0;
    progress.line = std::max(progress.line, begin);
    progress.searched = std::max(progress.searched, begin);
    for (;;) {
        const bool is_request_line = progress.line == begin;
        const std::size_t end = input.find('\n', progress.searched);
        if (std::min(end, input.size()) >= kMaxHeadBytes) {
            return is_request_line ? HeadRefused{414, "The request line is longer than 8 KiB."}
                                   : HeadRefused{431, "The request head is longer than 8 KiB."};
        }
        if (end == std::string_view::npos) {
            // The last one may have been the first of an end of line.
            const std::size_t judged = std::max(progress.line + 1, progress.searched) - 1;
            if (auto refusal = judgeUnfinished(input.substr(judged))) return *refusal;
            progress.searched = input.size();
            return HeadIncomplete{};
        }
        if (end == progress.line || input[end - 1] != '\r') {
            return HeadRefused{400, "Every line of the request head must end with CR LF."};
        }
        const std::string_view line = input.substr(progress.line, end - 1 - progress.line);
        progress.line = progress.searched = end + 1;
        if (line.empty() && !is_request_line) return HeadEnd{end + 1};
        if (auto refusal = is_request_line ? readRequestLine(line, head)
                                           : readField(line, progress.fields++, head)) {
            return *refusal;
        }
    }
}

}  // namespace

std::optional<std::string_view> RequestHead::find(std::string_view name) const noexcept {
    for (const HeaderField& field : fields) {
        if (equalsIgnoringCase(field.name, name)) return field.value;
    }
    return std::nullopt;
}

HeadResult parseRequestHead(std::string_view input) {
    RequestHead head;
    head.fields.reserve(16);
    HeadProgress progress;
    const LinesResult lines = readLines(input, progress, head);
    if (const auto* const refused = std::get_if<HeadRefused>(&lines)) return *refused;
    if (std::holds_alternative<HeadIncomplete>(lines)) return HeadIncomplete{};
    if (auto refusal = Meaning{head}.read()) return *refusal;
    return head;
}

std::variant<HeadIncomplete, HeadEnd, HeadRefused> findHeadEnd(std::string_view input,
                                                               HeadProgress& progress) {
    RequestHead fresh;
    return readLines(input, progress, fresh);
}

}  // namespace hub::http
