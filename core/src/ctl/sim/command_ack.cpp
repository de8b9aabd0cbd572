#include "ctl/sim/command_ack.h"

#include "hub/http.h"

namespace hub::ctl::sim {

namespace {

std::string beginAck(std::string_view command_id) {
    std::string document = R"({"message_type":"command_ack","command_id":)";
    appendJsonString(document, command_id);
    return document;
}

}  // namespace

std::string commandDone(std::string_view command_id) {
    return beginAck(command_id) + R"(,"status":"success"})";
}

std::string commandRefused(std::string_view command_id, std::string_view reason) {
    std::string document = beginAck(command_id) + R"(,"status":"error","message":)";
    appendJsonString(document, reason);
    document += '}';
    return document;
}

}  // namespace hub::ctl::sim
