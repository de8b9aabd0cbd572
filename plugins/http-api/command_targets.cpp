#include "command_targets.h"

#include "hub/http.h"
#include "json_fields.h"
#include "json_object.h"

#include <algorithm>
#include <string_view>

namespace hub::http_api {

namespace {

// What a device answered may be as deep as any document, and stands within the change.
constexpr int kChangeDepth = kMaxJsonDepth + 8;

// What a change tells beside its status.
struct Told {
    std::string reason;
    std::string response;
};

Told toldBy(std::string_view payload) {
    Told told;
    const auto members = readJsonObject(payload, kChangeDepth);
    if (!members) return told;
    for (const JsonMember& member : *members) {
        if (member.name == "reason") told.reason = textIn(member).value_or("");
        if (member.name == "response") told.response = member.raw;
    }
    return told;
}

void appendRawField(std::string& json, std::string_view name, std::string_view raw) {
    json.append(",\"").append(name).append("\":").append(raw.empty() ? "null" : raw);
}

}  // namespace

void CommandTargetList::add(const CommandTargetRow& row) {
    const auto [place, is_new] = places_.try_emplace(row.device, targets_.size());
    if (is_new) targets_.emplace_back().device_id = row.device_id;
    Target& target = targets_[place->second];
    if (row.late) {
        if (target.late_acks.size() == kMaxLateAcks) return;
        target.late_acks.push_back({row.status, row.time, toldBy(row.payload).response});
        return;
    }
    target.status = row.status;
    switch (row.status) {
        case TargetStatus::Pending:
            target.pending = row.time;
            return;
        case TargetStatus::Queued:
            target.queued = row.time;
            return;
        case TargetStatus::Sent:
            target.sent = row.time;
            return;
        case TargetStatus::AckSuccess:
        case TargetStatus::AckError:
        case TargetStatus::Timeout:
        case TargetStatus::Expired:
        case TargetStatus::Unreachable:
        case TargetStatus::Cancelled:
        case TargetStatus::Rejected: {
            target.completed = row.time;
            Told told = toldBy(row.payload);
            target.reason = std::move(told.reason);
            target.response = std::move(told.response);
            return;
        }
    }
}

void CommandTargetList::append(std::string& json) const {
    json += '[';
    bool first = true;
    for (const Target& target : targets_) {
        if (target.device_id.empty()) continue;
        if (!first) json += ',';
        first = false;
        append(json, target);
    }
    json += ']';
}

void CommandTargetList::append(std::string& json, const Target& target) {
    json += R"({"device_id":)";
    appendJsonString(json, target.device_id);
    appendTextField(json, "status", toString(target.status));
    appendTextField(json, "reason", target.reason);
    appendRawField(json, "response", target.response);
    appendTimeField(json, "pending_at", target.pending);
    appendTimeField(json, "queued_at", target.queued);
    appendTimeField(json, "sent_at", target.sent);
    appendTimeField(json, "completed_at", target.completed);
    json += R"(,"late_acks":[)";
    for (const LateAck& ack : target.late_acks) {
        if (&ack != target.late_acks.data()) json += ',';
        json.append(R"({"status":")").append(toString(ack.status)).append("\"");
        appendTimeField(json, "timestamp", ack.time);
        appendRawField(json, "response", ack.response);
        json += '}';
    }
    json += "]}";
}

}  // namespace hub::http_api
