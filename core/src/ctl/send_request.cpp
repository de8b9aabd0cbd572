#include "ctl/send_request.h"

#include "ctl/json_object.h"
#include "hub/commands.h"
#include "hub/device.h"
#include "hub/http.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hub::ctl {

namespace {

// Reads to the end, or a little more than a payload may have.
std::string readPayload(std::istream& in, const std::string& name) {
    std::string text(CommandRequest::kMaxPayloadBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) throw std::runtime_error("cannot read the payload from " + name);
    return text;
}

// The text that a payload operand stands for: itself, `@file`, or `-` for the standard input.
std::string payloadText(const std::string& operand, std::istream& in) {
    if (operand.empty()) return "{}";
    if (operand == "-") return readPayload(in, "the standard input");
    if (operand.front() != '@') return operand;
    const std::string path = operand.substr(1);
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw UsageError("cannot open the payload's file " + path + ": " +
                         std::generic_category().message(errno));
    }
    return readPayload(file, path);
}

std::string readPayloadOperand(const std::string& operand, std::istream& in) {
    std::string payload = payloadText(operand, in);
    if (payload.size() > CommandRequest::kMaxPayloadBytes) {
        throw UsageError("the payload is too long: at most " +
                         std::to_string(CommandRequest::kMaxPayloadBytes) + " bytes");
    }
    if (const auto checked = checkJsonObject(payload); !checked) {
        throw UsageError("the payload is no JSON object (" + checked.error().message +
                         "): write '{\"angle\":90}', @file, or - for the standard input");
    }
    return payload;
}

void appendMember(std::string& body, std::string_view name, std::string_view text) {
    appendJsonString(body += ',', name);
    appendJsonString(body += ':', text);
}

void appendSeconds(std::string& body, std::string_view name, std::chrono::milliseconds time) {
    std::array<char, 32> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                            std::chrono::duration<double>(time).count());
    appendJsonString(body += ',', name);
    body.append(1, ':').append(digits.data(), end);
}

}  // namespace

SendTarget parseSendTarget(std::string_view text) {
    if (text == "all") return {"all", {}};
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPrefixes{
        {{"id:", "device_id"}, {"type:", "device_type"}, {"tag:", "tag"}}};
    for (const auto& [prefix, member] : kPrefixes) {
        if (!text.starts_with(prefix)) continue;
        if (text == prefix) {
            throw UsageError("\"" + std::string(text) + "\" names nobody: write " +
                             std::string(prefix) + " and a word");
        }
        return {member, text.substr(prefix.size())};
    }
    return {"device_id", text};
}

SendRequest readSendRequest(const Arguments& arguments, std::istream& in) {
    const Options& options = arguments.options;
    const std::string whom = arguments.operand(0);
    const SendTarget target = parseSendTarget(whom);

    SendRequest request;
    request.body = "{\"payload\":" + readPayloadOperand(arguments.operand(2), in);
    appendMember(request.body, "command_name", arguments.operand(1));
    if (target.word.empty()) {
        request.body += R"(,"all":true)";
    } else {
        appendMember(request.body, target.member, target.word);
    }
    for (const auto& [option, member] :
         {std::pair("ttl", "ttl_s"), std::pair("ack-timeout", "ack_timeout_s")}) {
        if (!arguments.given.contains(option)) continue;
        if (options.duration(option) < std::chrono::milliseconds(1)) {
            throw UsageError("--" + std::string(option) + ": at least 0.001 seconds");
        }
        appendSeconds(request.body, member, options.duration(option));
    }
    if (options.flag("queue")) {
        request.body += R"(,"queue_offline":true)";
    } else if (arguments.given.contains("ttl")) {
        throw UsageError("--ttl says how long --queue keeps the command: give --queue too");
    }
    request.body += '}';

    if (arguments.given.contains("key")) {
        if (!CommandRequest::isValidKey(options.text("key"))) {
            throw UsageError("--key: \"" + options.text("key") + "\" is no key: 1 to " +
                             std::to_string(CommandRequest::kMaxKeyBytes) +
                             " printable ASCII characters without spaces");
        }
        request.headers.emplace_back("Idempotency-Key", options.text("key"));
    }
    const bool one = target.member == "device_id" && isValidDeviceId(target.word);
    request.filter = "devices/" + (one ? std::string(target.word) : "+") + "/command";
    return request;
}

}  // namespace hub::ctl
