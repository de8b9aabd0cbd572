#include "http/request.h"

#include "http/field_syntax.h"

#include <algorithm>

namespace hub::http {

Request::Request(std::string_view head, std::string_view remote_address, ByteBudget& budget)
    : text_(head), address_(remote_address), budget_(budget) {}

Request::~Request() { budget_.giveBack(body_.size()); }

std::optional<HeadRefused> Request::parse() {
    HeadResult result = parseRequestHead(text_);
    if (const auto* refused = std::get_if<HeadRefused>(&result)) return *refused;
    head_ = std::move(std::get<RequestHead>(result));
    joinRepeatedFields();
    // The request is well-formed HTTP, but a handshake is refused as RFC 6455, 4.2.1 says.
    const int status = head_.find("upgrade") ? 400 : 422;
    auto path = Path::decode(head_.path);
    if (!path) {
        return HeadRefused{status,
                           "The path has a broken escape, or one for a control character or for "
                           "text that is not UTF-8."};
    }
    auto query = Query::decode(head_.query);
    if (!query) {
        return HeadRefused{status,
                           "The query has a broken escape, or one for text that is not UTF-8."};
    }
    path_ = std::move(*path);
    query_ = std::move(*query);
    return std::nullopt;
}

// RFC 9110, 5.3: fields of one name are one list.
void Request::joinRepeatedFields() {
    std::vector<HeaderField>& fields = head_.fields;
    for (auto field = fields.begin(); field != fields.end(); ++field) {
        std::string joined;
        const auto joins = [&](const HeaderField& later) {
            if (!equalsIgnoringCase(later.name, field->name)) return false;
            if (joined.empty()) joined = field->value;
            joined.append(", ").append(later.value);
            return true;
        };
        fields.erase(std::remove_if(field + 1, fields.end(), joins), fields.end());
        if (!joined.empty()) field->value = joined_.emplace_front(std::move(joined));
    }
}

bool Request::appendBody(std::string_view bytes) {
    if (!budget_.take(bytes.size())) return false;
    body_ += bytes;
    return true;
}

void Request::setParameters(std::vector<std::pair<std::string_view, std::string_view>> parameters) {
    parameters_ = std::move(parameters);
}

std::string_view Request::parameter(std::string_view name) const noexcept {
    for (const auto& [key, value] : parameters_) {
        if (key == name) return value;
    }
    return {};
}

std::optional<std::string_view> Request::query(std::string_view name) const noexcept {
    return query_.find(name);
}

std::optional<std::string_view> Request::header(std::string_view name) const noexcept {
    return head_.find(name);
}

}  // namespace hub::http
