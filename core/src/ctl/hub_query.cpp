#include "ctl/hub_query.h"

#include "ctl/field_text.h"
#include "ctl/local_time.h"
#include "ctl/printable.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hub::ctl {

namespace {

constexpr std::string_view kUsualUrl = "http://127.0.0.1:8000";
constexpr std::size_t kPage = 1000;  // the most items that the hub puts into one answer

}  // namespace

HubUrl urlFor(const Arguments& arguments, const Environment& environment) {
    const bool given = arguments.given.contains("url");
    std::string text = given ? arguments.options.text("url") : environment.hub_url;
    if (!given && text.empty()) text = kUsualUrl;
    auto url = parseHubUrl(text);
    if (!url) throw UsageError((given ? "--url: " : "HUBCTL_URL: ") + url.error().message);
    return std::move(*url);
}

RestClient clientFor(const Arguments& arguments, const Environment& environment) {
    return RestClient(urlFor(arguments, environment));
}

QueryParameters timeParameters(const Arguments& arguments, Timestamp now,
                               std::initializer_list<const char*> names) {
    QueryParameters parameters;
    for (const char* name : names) {
        if (!arguments.given.contains(name)) continue;
        const std::string& text = arguments.options.text(name);
        const auto time = parseMoment(text, now);
        if (!time) throw UsageError("--" + std::string(name) + ": " + time.error().message);
        parameters.emplace_back(name, formatTimestamp(*time));
    }
    return parameters;
}

std::string requestDevice(RestClient& client, std::string_view method, std::string_view id,
                          const std::string& suffix) {
    constexpr int kNotFound = 404;
    try {
        return client.request(method, devicePath(id) + suffix);
    } catch (const RestRefusal& refusal) {
        // A device that is known has sent no state yet: that is the hub's to say.
        const auto problem = JsonObject::read(refusal.body());
        if (refusal.status() != kNotFound || !problem || problem->text("unknown") != "device") {
            throw;
        }
        throw std::runtime_error("no device \"" + printable(id) +
                                 "\" is known: hubctl devices lists them");
    }
}

Answer::Answer(RestClient& client, const std::string& target)
    : Answer(client, target, client.get(target)) {}

Answer::Answer(const RestClient& client, const std::string& target, std::string text)
    : body(std::move(text)) {
    auto read = JsonObject::read(body);
    if (!read) throw client.unexpected(target, read.error().message);
    fields = std::move(*read);
}

std::string commandPath(std::string_view id) { return "/api/commands/" + percentEncoded(id); }

ListQuery commandQuery(std::string_view id) {
    return {.path = commandPath(id), .parameters = {}, .name = "targets"};
}

std::size_t readPages(RestClient& client, const ListQuery& query,
                      const std::function<void(const Page&)>& visit) {
    std::size_t count = 0;
    std::string cursor;
    for (bool more = true; more;) {
        QueryParameters parameters = query.parameters;
        const std::size_t wanted = query.limit == 0 ? kPage : std::min(kPage, query.limit - count);
        parameters.emplace_back("limit", std::to_string(wanted));
        if (!cursor.empty()) parameters.emplace_back("cursor", cursor);
        const std::string target = withQuery(query.path, parameters);

        const Answer answer(client, target);
        const auto list = answer.fields.json(query.name);
        if (!list) {
            throw client.unexpected(target, "it has no \"" + std::string(query.name) + "\"");
        }
        auto items = readJsonArray(*list);
        if (!items) throw client.unexpected(target, items.error().message);
        count += items->size();
        const std::string_view next = answer.fields.text("next");
        if (!next.empty() && next == cursor) {
            throw client.unexpected(target, "its \"next\" leads nowhere");
        }
        more = !next.empty() && (query.limit == 0 || count < query.limit);
        visit({answer.body, answer.fields, *list, std::move(*items), cursor.empty(), !more});
        cursor = next;
    }
    return count;
}

std::size_t readList(RestClient& client, const ListQuery& query,
                     const std::function<void(const std::vector<std::string_view>& items)>& visit) {
    return readPages(client, query, [&](const Page& page) { visit(page.items); });
}

std::size_t printListJson(RestClient& client, const ListQuery& query, std::ostream& out) {
    std::size_t count = 0;
    return readPages(client, query, [&](const Page& page) {
        if (page.first && page.last) {
            out << printableJson(page.body) << '\n';
            return;
        }
        if (page.first) {
            const auto begin = static_cast<std::size_t>(page.list.data() - page.body.data());
            out << printableJson(std::string_view(page.body).substr(0, begin)) << '[';
        }
        for (const std::string_view item : page.items) {
            out << (count++ == 0 ? "" : ",") << printableJson(item);
        }
        if (page.last) {
            out << R"(],"total":)" << count << R"(,"next":)"
                << printableJson(page.fields.json("next").value_or("null")) << "}\n";
        }
    });
}

JsonObject readItem(std::string_view json) {
    auto item = JsonObject::read(json);
    if (!item) {
        throw std::runtime_error("the hub listed " + printable(json.substr(0, 80)) +
                                 ", which is not an object");
    }
    return std::move(*item);
}

}  // namespace hub::ctl
