#include "ctl/sim/hub_message.h"

#include <simdjson.h>

namespace hub::ctl::sim {

namespace dom = simdjson::dom;

struct HubMessageReader::Parser {
    dom::parser json;
};

namespace {

HubMessage::Kind kindOf(std::string_view message_type) {
    if (message_type == "ack") return HubMessage::Kind::Ack;
    if (message_type == "command") return HubMessage::Kind::Command;
    if (message_type == "error") return HubMessage::Kind::Error;
    return HubMessage::Kind::Other;
}

std::string_view textOf(dom::object document, std::string_view key) {
    std::string_view text;
    return document[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::optional<double> numberOf(simdjson::simdjson_result<dom::element> value) {
    double number = 0;
    return value.get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

}  // namespace

HubMessageReader::HubMessageReader() : parser_(std::make_unique<Parser>()) {}

HubMessageReader::~HubMessageReader() = default;

std::optional<HubMessage> HubMessageReader::read(std::string_view text) {
    dom::object document;
    std::string_view type;
    if (parser_->json.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS ||
        document["message_type"].get(type) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    HubMessage message;
    message.kind = kindOf(type);
    std::uint64_t number = 0;
    if (document["msg_id"].get(number) == simdjson::SUCCESS) message.number = number;
    message.command_id = textOf(document, "command_id");
    message.command_name = textOf(document, "command_name");
    message.channel = numberOf(document["payload"]["channel"]);
    message.angle = numberOf(document["payload"]["angle"]);
    message.error = textOf(document, "error");
    return message;
}

}  // namespace hub::ctl::sim
