#include "command_targets.h"

#include "hub/http.h"
#include "json_fields.h"
#include "json_object.h"
#include "list_query.h"

#include <string_view>
#include <utility>

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

bool CommandTargetPage::add(const CommandTargetRow& row) {
    if (!target_ || target_->device != row.device) {
        end();
        if (total_ == limit_ || json_.size() > kMaxRowsBytes) {
            next_ = row.device;
            return false;
        }
        target_.emplace();
        target_->device = row.device;
        target_->device_id = row.device_id;
    }
    if (row.late) {
        addLateAck(*target_, row);
    } else {
        change(*target_, row);
    }
    return true;
}

void CommandTargetPage::end() {
    if (!target_) return;
    const Target& target = *target_;
    if (total_++ > 0) json_ += ',';
    json_ += R"({"device_id":)";
    appendJsonString(json_, target.device_id);
    appendTextField(json_, "status", toString(target.status));
    appendTextField(json_, "reason", target.reason);
    appendRawField(json_, "response", target.response);
    appendTimeField(json_, "pending_at", target.pending);
    appendTimeField(json_, "queued_at", target.queued);
    appendTimeField(json_, "sent_at", target.sent);
    appendTimeField(json_, "completed_at", target.completed);
    json_.append(R"(,"late_acks":[)").append(target.late_acks).append("]}");
    target_.reset();
}

void CommandTargetPage::change(Target& target, const CommandTargetRow& row) {
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

void CommandTargetPage::addLateAck(Target& target, const CommandTargetRow& row) {
    if (target.late_ack_count == kMaxLateAcks) return;
    std::string& json = target.late_acks;
    if (target.late_ack_count++ > 0) json += ',';
    json.append(R"({"status":")").append(toString(row.status)).append("\"");
    appendTimeField(json, "timestamp", row.time);
    appendRawField(json, "response", toldBy(row.payload).response);
    json += '}';
}

}  // namespace hub::http_api
