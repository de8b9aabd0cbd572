#include "device_filter.h"

#include "list_query.h"

#include <algorithm>
#include <string_view>

namespace hub::http_api {

namespace {

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view lower_part) {
    return !std::ranges::search(text, lower_part, {}, lowered).empty();
}

}  // namespace

Result<DeviceFilter> DeviceFilter::read(const HttpRequest& request) {
    const auto online = readFlag(request, "online");
    if (!online) return online.error();
    DeviceFilter filter;
    filter.online_ = *online;
    filter.type_ = request.query("type");
    filter.tag_ = request.query("tag");
    filter.part_ = request.query("q").value_or("");
    std::ranges::transform(filter.part_, filter.part_.begin(), lowered);
    return filter;
}

bool DeviceFilter::matches(const Device& device) const {
    if (online_ && device.online != *online_) return false;
    if (type_ && device.type != *type_) return false;
    if (tag_ && std::ranges::find(device.tags, *tag_) == device.tags.end()) return false;
    if (part_.empty()) return true;
    return contains(device.id, part_) || contains(device.type, part_) ||
           std::ranges::any_of(device.tags,
                               [&](const std::string& tag) { return contains(tag, part_); });
}

}  // namespace hub::http_api
