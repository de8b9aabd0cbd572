#include "command_routes.h"

#include "command_request.h"
#include "command_targets.h"
#include "json_fields.h"
#include "list_page.h"
#include "list_query.h"
#include "problems.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::http_api {

namespace {

// What begins every description of a command.
void appendCommand(std::string& json, const CommandRecord& record, CommandStatus status) {
    json += R"("command_id":)";
    appendJsonString(json, record.command.id);
    appendTextField(json, "device_type", record.device_type);
    appendTextField(json, "command_name", record.command.name);
    json.append(R"(,"payload":)").append(record.command.payload);
    appendTextField(json, "status", toString(status));
    appendTimeField(json, "created_at", record.created);
}

void appendProgress(std::string& json, const CommandProgress& progress) {
    appendTimeField(json, "executed_at", progress.executed);
    appendTimeField(json, "completed_at", progress.completed);
    json.append(R"(,"target_device_count":)").append(std::to_string(progress.target_count));
    json.append(R"(,"success_count":)").append(std::to_string(progress.success_count));
}

void appendTargets(std::string& json, const std::vector<TargetOutcome>& targets) {
    json += R"("targets":[)";
    for (const TargetOutcome& target : targets) {
        if (&target != targets.data()) json += ',';
        json += R"({"device_id":)";
        appendJsonString(json, target.device_id);
        appendTextField(json, "status", toString(target.status));
        if (!target.reason.empty()) appendTextField(json, "reason", target.reason);
        json += '}';
    }
    json += ']';
}

HttpResponse accepted(const CommandReceipt& receipt) {
    HttpResponse response;
    std::string& json = response.body;
    json += '{';
    appendCommand(json, receipt.record, receipt.status);
    json.append(R"(,"target_device_count":)").append(std::to_string(receipt.targets.size()));
    json += ',';
    appendTargets(json, receipt.targets);
    json += '}';
    return response;
}

// By guards, for every device. As a whole a command is Rejected when most of them say so.
bool isRejected(const CommandReceipt& receipt) {
    return !receipt.targets.empty() &&
           std::ranges::all_of(receipt.targets, [](const TargetOutcome& target) {
               return target.status == TargetStatus::Rejected;
           });
}

// With what a client wants to know of the command as extension members (RFC 9457, 3.2), of which
// `status` is not free: it is that of the response.
HttpResponse rejected(const CommandReceipt& receipt) {
    std::string sentence = "The command was rejected: ";
    sentence += firstReason(receipt);
    HttpResponse response = HttpResponse::problem(Error{Error::Kind::Refused, std::move(sentence)});
    std::string& json = response.body;
    json.pop_back();
    json += R"(,"command_id":)";
    appendJsonString(json, receipt.record.command.id);
    appendTextField(json, "command_status", toString(receipt.status));
    json += ',';
    appendTargets(json, receipt.targets);
    json += '}';
    return response;
}

// In seconds, with as many decimals as it needs; null for none at all.
void appendSecondsField(std::string& json, std::string_view name, std::chrono::milliseconds time) {
    if (time == time.zero()) return appendTextField(json, name, "");
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    std::string decimals = std::to_string(1000 + (time - whole).count()).substr(1);
    decimals.erase(decimals.find_last_not_of('0') + 1);
    json.append(",\"").append(name).append("\":").append(std::to_string(whole.count()));
    if (!decimals.empty()) json.append(".").append(decimals);
}

Result<std::optional<CommandStatus>> readStatus(const HttpRequest& request) {
    const auto word = request.query("status");
    if (!word) return std::optional<CommandStatus>{};
    if (const auto status = commandStatusFrom(*word)) return std::optional{*status};
    return invalidParameter("status",
                            "must be no_devices, pending, queued, sent, ack_success, ack_error, "
                            "partial, timeout, expired, unreachable, cancelled or rejected");
}

// What the client asked for, but for the device.
Result<CommandQuery> readQuery(const HttpRequest& request) {
    const auto limit = readLimit(request);
    if (!limit) return limit.error();
    const auto cursor = readCursor(request, List::Commands);
    if (!cursor) return cursor.error();
    const auto since = readTime(request, "since");
    if (!since) return since.error();
    const auto until = readTime(request, "until");
    if (!until) return until.error();
    const auto status = readStatus(request);
    if (!status) return status.error();
    CommandQuery query;
    query.status = *status;
    query.device_type = request.query("device_type");
    query.since = *since;
    query.until = *until;
    query.before = CommandNumber{cursor->value_or(0)};
    query.limit = limit->value_or(kDefaultLimit);
    return query;
}

}  // namespace

HttpResponse submitCommand(Commands& commands, const HttpRequest& request) {
    const auto command = readCommandRequest(request);
    if (!command) return HttpResponse::problem(command.error());
    if (command->payload.size() > CommandRequest::kMaxPayloadBytes) {
        return HttpResponse::problem(413, "The payload of a command may have " +
                                              std::to_string(CommandRequest::kMaxPayloadBytes) +
                                              " bytes; this one has " +
                                              std::to_string(command->payload.size()) + ".");
    }
    const auto receipt = commands.submit(*command);
    if (!receipt) {
        const Error& error = receipt.error();
        return error.kind == Error::Kind::NotFound ? unknownTarget(error)
                                                   : HttpResponse::problem(error);
    }
    HttpResponse response = isRejected(*receipt) ? rejected(*receipt) : accepted(*receipt);
    if (receipt->repeated) response.headers.emplace_back("Idempotency-Replayed", "true");
    return response;
}

HttpResponse cancelCommand(Commands& commands, const HttpRequest& request) {
    const std::string_view id = request.parameter("id");
    const auto cancelled = commands.cancel(id);
    if (!cancelled) {
        const Error& error = cancelled.error();
        return error.kind == Error::Kind::NotFound ? unknownCommand(id)
                                                   : HttpResponse::problem(error);
    }
    if (*cancelled == 0) {
        return HttpResponse::problem(
            409, "Nothing of this command is open: every device has an outcome.");
    }
    HttpResponse response;
    response.body = R"({"cancelled":)" + std::to_string(*cancelled) + "}";
    return response;
}

HttpResponse showCommand(const History* history, const HttpRequest& request) {
    if (!history) return withoutStore();
    const auto limit = readLimit(request);
    if (!limit) return HttpResponse::problem(limit.error());
    const auto from = readDeviceCursor(request, List::Targets);
    if (!from) return HttpResponse::problem(from.error());
    const std::string_view id = request.parameter("id");
    HttpResponse response;
    std::string& json = response.body;
    CommandTargetPage targets(json, limit->value_or(kMaxLimit));
    const auto found = history->command(
        id, from->value_or(DeviceIndex{}),
        [&json](const CommandRecord& record, const CommandProgress& progress) {
            json += '{';
            appendCommand(json, record, progress.status);
            appendProgress(json, progress);
            appendSecondsField(json, "ack_timeout_s", record.ack_timeout);
            appendSecondsField(json, "ttl_s", record.ttl);
            appendTextField(json, "idempotency_key", record.idempotency_key);
            json += R"(,"targets":[)";
            return true;
        },
        [&targets](const CommandTargetRow& row) { return targets.add(row); });
    if (!found) return unreadableHistory(found.error());
    if (!*found) return unknownCommand(id);
    targets.end();
    json += ']';
    const auto next = targets.next();
    appendListEnd(json, targets.total(), next ? makeDeviceCursor(List::Targets, *next) : "");
    return response;
}

HttpResponse noCommandList() {
    return HttpResponse::problem(
        404,
        "There is nothing at /api/commands: GET /api/command-logs lists the commands, GET "
        "/api/commands/{id} shows one, POST /api/command gives one.");
}

HttpResponse listCommands(const Devices& devices, const History* history,
                          const HttpRequest& request) {
    if (!history) return withoutStore();
    auto query = readQuery(request);
    if (!query) return HttpResponse::problem(query.error());
    bool nobody = false;
    if (const auto id = request.query("device_id")) {
        const auto device = devices.find(*id);
        nobody = !device;
        if (device) query->device = device->index;
    }
    HttpResponse response;
    std::string& json = response.body;
    json += R"({"logs":[)";
    ListPage page;
    if (!nobody) {
        const auto rows = appendRows(
            json, *query,
            [history](const CommandQuery& part, const auto& visit) {
                return history->commands(part, visit);
            },
            [&json](const CommandRecord& record, const CommandProgress& progress) {
                json += '{';
                appendCommand(json, record, progress.status);
                appendProgress(json, progress);
                json += '}';
                return static_cast<std::uint64_t>(record.number);
            });
        if (!rows) return unreadableHistory(rows.error());
        page = *rows;
    }
    json += ']';
    appendListEnd(json, page.total, page.more ? makeCursor(List::Commands, page.last) : "");
    return response;
}

}  // namespace hub::http_api
