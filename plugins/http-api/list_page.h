#pragma once

#include "hub/result.h"
#include "list_query.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace hub::http_api {

// What an answer shows of a list.
struct ListPage {
    std::size_t total = 0;   // items
    std::uint64_t last = 0;  // where the last that was looked at stands
    bool more = false;       // behind it
};

// Appends to `json` up to `query.limit` rows of History, which `read(query, visit)` visits.
// `append(row)` appends one and returns its position, from which a later query goes on (`before`).
template <class Query, class Read, class Append>
[[nodiscard]] Result<ListPage> appendRows(std::string& json, Query query, Read read,
                                          Append append) {
    ListPage page;
    const std::size_t limit = query.limit;
    // One row more than wanted tells whether there are more; behind the longest list another
    // question does.
    query.limit = std::min(limit + 1, kMaxLimit);
    const auto found = read(query, [&](const auto&... row) {
        page.more = page.total == limit || json.size() > kMaxRowsBytes;
        if (page.more) return false;
        if (page.total++ > 0) json += ',';
        page.last = append(row...);
        return true;
    });
    if (!found) return found.error();
    if (!page.more && *found) {
        page.more = true;
        page.last = static_cast<std::uint64_t>(**found);
    }
    if (page.more || page.total < kMaxLimit) return page;
    query.before = decltype(query.before){page.last};
    query.limit = 1;
    const auto found_more = read(query, [&](const auto&...) {
        page.more = true;
        return false;
    });
    if (!found_more) return found_more.error();
    if (*found_more) page.more = true;
    return page;
}

}  // namespace hub::http_api
