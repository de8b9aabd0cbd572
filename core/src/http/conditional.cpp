#include "http/conditional.h"

#include "http/field_syntax.h"

#include <algorithm>

namespace hub::http {
namespace {

std::string_view withoutWeakness(std::string_view tag) noexcept {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag;
}

}  // namespace

bool listsEntityTag(std::string_view list, std::string_view tag) noexcept {
    if (trimmed(list) == "*") return true;
    const std::string_view wanted = withoutWeakness(tag);
    while (true) {
        list.remove_prefix(std::min(list.find_first_not_of(" \t,"), list.size()));
        list = withoutWeakness(list);
        // A tag may have commas within: it ends at its quote.
        const std::size_t quote =
            list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
        if (quote == std::string_view::npos) return false;
        if (list.substr(0, quote + 1) == wanted) return true;
        list.remove_prefix(quote + 1);
    }
}

void applyPrecondition(const HttpRequest& request, HttpResponse& response) {
    if (request.method() != "GET" && request.method() != "HEAD") return;
    if (response.status < 200 || response.status > 299) return;
    const auto known = request.header("if-none-match");
    if (!known) return;
    const auto tag =
        std::find_if(response.headers.begin(), response.headers.end(),
                     [](const auto& field) { return equalsIgnoringCase(field.first, "etag"); });
    if (tag == response.headers.end() || !listsEntityTag(*known, tag->second)) return;
    response.status = 304;
    response.body.clear();
    response.stream.reset();
}

}  // namespace hub::http
