#pragma once

#include "ctl/command_line.h"
#include "ctl/hub_url.h"
#include "ctl/json_object.h"
#include "ctl/rest_client.h"
#include "hub/options.h"

#include <array>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {

// The options of every command that asks a hub.
inline constexpr Option kUrlOption{
    "url", Option::Type::Text, "",
    "where the hub answers (default HUBCTL_URL, or else http://127.0.0.1:8000)"};
inline constexpr Option kJsonOption{"json", Option::Type::Flag, "false",
                                    "print the hub's JSON, one document"};
inline constexpr Option kSinceOption{
    "since", Option::Type::Text, "",
    "not before this time: 15m (ago), 2026-11-23, or \"2026-11-23 16:40:03\", local unless it ends "
    "with Z or an offset"};
inline constexpr Option kUntilOption{"until", Option::Type::Text, "", "not after this time"};
inline constexpr std::array kPlainOptions{kJsonOption, kUrlOption};

// The hub that the call means. Throws UsageError for a bad url.
[[nodiscard]] HubUrl urlFor(const Arguments& arguments, const Environment& environment);

// A client of the hub that the call means. Throws UsageError for a bad url.
[[nodiscard]] RestClient clientFor(const Arguments& arguments, const Environment& environment);

// The options of these names that were given, all times, as the API reads them. Throws UsageError
// for what is no time.
[[nodiscard]] QueryParameters timeParameters(const Arguments& arguments, Timestamp now,
                                             std::initializer_list<const char*> names);

// Sends a request about the device `id`: `suffix` stands behind its path. Throws what RestClient
// throws, but that no such device is known in words of its own.
std::string requestDevice(RestClient& client, std::string_view method, std::string_view id,
                          const std::string& suffix = {});

// The answer to a GET, which must be a JSON object. Throws what RestClient throws.
struct Answer {
    std::string body;
    JsonObject fields;  // borrows the body

    Answer(RestClient& client, const std::string& target);
    // `text` is what was answered to it.
    Answer(const RestClient& client, const std::string& target, std::string text);
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
};

// A list of the API, which comes in pages.
struct ListQuery {
    std::string path;            // `/api/devices`
    QueryParameters parameters;  // beside `limit` and `cursor`
    std::string_view name;       // of the member that holds the items: `devices`
    std::size_t limit = 0;       // of items in all; 0: every one
};

// The path of the command `id`.
[[nodiscard]] std::string commandPath(std::string_view id);
// The command and its devices, of which there may be more than one answer holds.
[[nodiscard]] ListQuery commandQuery(std::string_view id);

// One answer of the hub with items of a list.
struct Page {
    const std::string& body;
    const JsonObject& fields;             // of it
    std::string_view list;                // the member with the items, within `body`
    std::vector<std::string_view> items;  // within `list`
    bool first = false;
    bool last = false;
};

// Visits each page until the hub has no more or `query.limit` is reached; returns how many items
// there were. Throws what RestClient throws.
std::size_t readPages(RestClient& client, const ListQuery& query,
                      const std::function<void(const Page&)>& visit);

// Visits the items page by page, in the hub's order, each item as the hub wrote it; returns how
// many there were. Throws what RestClient throws.
std::size_t readList(RestClient& client, const ListQuery& query,
                     const std::function<void(const std::vector<std::string_view>& items)>& visit);

// Writes all pages as one document, as if they were one answer; returns how many items there were.
std::size_t printListJson(RestClient& client, const ListQuery& query, std::ostream& out);

// The fields of one item of a list. Throws std::runtime_error when it is no object.
[[nodiscard]] JsonObject readItem(std::string_view json);

}  // namespace hub::ctl
