#include "command_request.h"

#include "hub/options.h"
#include "json_object.h"
#include "list_query.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace hub::http_api {

namespace {

using By = CommandTargets::By;

constexpr double kShortestSeconds = 0.001;
constexpr double kLongestSeconds = 30 * 24 * 3600;

// In either form: in one of them the payload stands within an object.
constexpr int kMaxPayloadDepth = kMaxJsonDepth - 1;

Error invalid(std::string sentence) { return {Error::Kind::Invalid, std::move(sentence)}; }

std::string inQuotes(std::string_view name) { return std::string{'"'}.append(name).append("\""); }

// Each takes one member, and returns false for a value that is not as required.

bool takeDevice(const JsonMember& member, CommandRequest& request) {
    auto id = textIn(member);
    if (id) request.targets = {By::Ids, {std::move(*id)}, {}};
    return id.has_value();
}

bool takeDevices(const JsonMember& member, CommandRequest& request) {
    auto ids = textsIn(member);
    if (!ids || ids->empty()) return false;
    request.targets = {By::Ids, std::move(*ids), {}};
    return true;
}

template <By by>
bool takeWord(const JsonMember& member, CommandRequest& request) {
    auto word = textIn(member);
    if (!word || word->empty()) return false;
    request.targets = {by, {}, std::move(*word)};
    return true;
}

bool takeAll(const JsonMember& member, CommandRequest& request) {
    request.targets = {By::All, {}, {}};
    return booleanIn(member).value_or(false);
}

bool takeName(const JsonMember& member, CommandRequest& request) {
    auto name = textIn(member);
    if (name) request.name = std::move(*name);
    return name.has_value();
}

bool takePayload(const JsonMember& member, CommandRequest& request) {
    request.payload = member.raw;
    return member.type == JsonMember::Type::Object;
}

template <std::chrono::milliseconds CommandRequest::*field>
bool takeSeconds(const JsonMember& member, CommandRequest& request) {
    const auto seconds = numberIn(member);
    if (!seconds || !(*seconds >= kShortestSeconds && *seconds <= kLongestSeconds)) return false;
    request.*field = std::chrono::milliseconds(std::llround(*seconds * 1000));
    return true;
}

bool takeQueueing(const JsonMember& member, CommandRequest& request) {
    const auto wanted = booleanIn(member);
    request.queue_offline = wanted.value_or(false);
    return wanted.has_value();
}

struct KnownMember {
    std::string_view name;
    std::string_view requirement;
    bool (*take)(const JsonMember& member, CommandRequest& request);
};

constexpr std::size_t kTargetMembers = 5;  // the first ones
constexpr std::array<KnownMember, 10> kMembers{{
    {"device_id", "must be a string", takeDevice},
    {"device_ids", "must be a list of at least one string", takeDevices},
    {"device_type", "must be a string that is not empty", takeWord<By::Type>},
    {"tag", "must be a string that is not empty", takeWord<By::Tag>},
    {"all", "must be true", takeAll},
    {"command_name", "must be a string", takeName},
    {"payload", "must be an object", takePayload},
    {"ttl_s", "must be a number of seconds from 0.001 to 2592000",
     takeSeconds<&CommandRequest::ttl>},
    {"ack_timeout_s", "must be a number of seconds from 0.001 to 2592000",
     takeSeconds<&CommandRequest::ack_timeout>},
    {"queue_offline", "must be true or false", takeQueueing},
}};

Error unknownMember(std::string_view name) {
    std::array<std::string_view, kMembers.size()> names;
    std::ranges::transform(kMembers, names.begin(), &KnownMember::name);
    const std::string hint = didYouMean(name, names);
    return invalid("A command has no member " + inQuotes(name) + (hint.empty() ? "." : hint));
}

// What is wrong with the members taken together, `targets` of which say for whom; "" for nothing.
std::string_view faultOf(const CommandRequest& request, std::size_t targets, bool has_ttl) {
    if (targets != 1) {
        return R"(A command needs exactly one of "device_id", "device_ids", "device_type", "tag" )"
               R"(and "all".)";
    }
    if (request.name.empty()) return R"(A command needs a "command_name".)";
    if (has_ttl && !request.queue_offline) {
        return R"(The member "ttl_s" is for a command that is kept for devices that are offline: )"
               R"(it needs "queue_offline" to be true.)";
    }
    return {};
}

// A member that is null is as one that is absent.
Result<CommandRequest> readObject(std::string_view body) {
    const auto members = readJsonObject(body);
    if (!members) {
        return invalid("The body must be a JSON object: " + members.error().message + ".");
    }
    CommandRequest request;
    std::set<std::string_view> seen;
    std::size_t targets = 0;
    bool has_ttl = false;
    for (const JsonMember& member : *members) {
        const auto known = std::ranges::find(kMembers, member.name, &KnownMember::name);
        if (known == kMembers.end()) return unknownMember(member.name);
        if (!seen.insert(known->name).second) {
            return invalid("The member " + inQuotes(member.name) + " stands there twice.");
        }
        if (member.type == JsonMember::Type::Null) continue;
        if (!known->take(member, request)) {
            return invalid("The member " + inQuotes(member.name) + " " +
                           std::string(known->requirement) + ".");
        }
        if (known - kMembers.begin() < std::ptrdiff_t{kTargetMembers}) ++targets;
        if (known->name == "ttl_s") has_ttl = true;
    }
    const std::string_view fault = faultOf(request, targets, has_ttl);
    if (!fault.empty()) return invalid(std::string(fault));
    return request;
}

std::string_view withoutSpaceAround(std::string_view text) {
    constexpr std::string_view kSpace = " \t\n\r";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

constexpr std::string_view kTypeParameter = "device_type";
constexpr std::string_view kNameParameter = "command_name";

Result<CommandRequest> readQuery(const HttpRequest& request) {
    for (const KnownMember& member : kMembers) {
        if (member.name == kTypeParameter || member.name == kNameParameter) continue;
        if (request.query(member.name)) {
            return invalidParameter(member.name,
                                    "cannot be given: a query takes device_type and command_name "
                                    "only, with the payload as the body; for all else leave out "
                                    "the query and give everything in one JSON body");
        }
    }
    CommandRequest command;
    for (const auto& [name, value] : {std::pair(kTypeParameter, &command.targets.word),
                                      std::pair(kNameParameter, &command.name)}) {
        *value = request.query(name).value_or("");
        if (value->empty()) return invalidParameter(name, "must be given and not be empty");
    }
    command.targets.by = By::Type;
    const std::string_view payload = withoutSpaceAround(request.body());
    if (payload.empty() || payload == "null") return command;
    if (const auto members = readJsonObject(payload, kMaxPayloadDepth); !members) {
        return invalid("The body, which is the payload, must be a JSON object: " +
                       members.error().message + ".");
    }
    command.payload = payload;
    return command;
}

}  // namespace

Result<CommandRequest> readCommandRequest(const HttpRequest& request) {
    const bool in_query = std::ranges::any_of(kMembers, [&](const KnownMember& member) {
        return request.query(member.name).has_value();
    });
    auto command = in_query ? readQuery(request) : readObject(request.body());
    if (!command) return command;
    if (const auto key = request.header("Idempotency-Key")) {
        if (!CommandRequest::isValidKey(*key)) {
            return invalid(
                "The header Idempotency-Key must be 1 to 255 visible ASCII characters without "
                "spaces.");
        }
        command->idempotency_key = *key;
    }
    return command;
}

}  // namespace hub::http_api
