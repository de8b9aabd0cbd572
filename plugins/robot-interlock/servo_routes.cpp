#include "servo_routes.h"

#include "rule.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hub::robot_interlock {

namespace {

void appendNumber(std::string& json, double number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    json.append(digits.data(), end);
}

HttpResponse unknownPose(std::string_view word) {
    std::string detail = "There is no pose \"" + std::string(word) + "\"; there are";
    for (const Pose& pose : kPoses) {
        detail.append(&pose == &kPoses.front() ? " " : ", ").append(pose.word);
    }
    return HttpResponse::problem(404, detail + ".");
}

// What a problem says ends as a sentence does.
std::string sentence(std::string text) {
    if (!text.ends_with('.')) text += '.';
    return text;
}

HttpResponse refused(const Error& error) {
    return HttpResponse::problem({error.kind, sentence(error.message)});
}

HttpResponse rejected(const CommandReceipt& receipt) {
    std::string detail = "The pose was refused: ";
    detail += firstReason(receipt);
    return HttpResponse::problem(409, sentence(std::move(detail)));
}

}  // namespace

HttpResponse showServos(const Servos& servos, bool posing) {
    const Servos::All all = servos.all();
    HttpResponse response;
    response.headers.emplace_back("Cache-Control", "no-cache");
    std::string& json = response.body;
    json = "{";
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string channel = std::to_string(i);
        json.append(i == 0 ? "\"" : ",\"").append(channel);
        json.append(R"(":{"channel":)").append(channel).append(R"(,"current_angle":)");
        appendNumber(json, all[i].current_angle);
        json += R"(,"target_angle":)";
        appendNumber(json, all[i].target_angle);
        json += R"(,"is_moving":)";
        json += posing || all[i].is_moving ? "true}" : "false}";
    }
    json += '}';
    return response;
}

HttpResponse strikePose(Interlock& interlock, Commands& commands, const HttpRequest& request) {
    const std::string_view word = request.parameter("pose");
    const auto pose = poseFrom(word);
    if (!pose) return unknownPose(word);
    const auto engaged = interlock.engage();
    if (!engaged) return refused(engaged.error());
    CommandRequest command;
    command.targets.by = CommandTargets::By::Type;
    command.targets.word = kServoType;
    command.name = pose->command;
    const auto receipt = commands.submit(command);
    if (!receipt) return refused(receipt.error());
    if (receipt->status == CommandStatus::Rejected) return rejected(*receipt);
    HttpResponse response;
    response.body.append(R"({"pose":")").append(pose->word).append(R"(","command_id":")");
    response.body.append(receipt->record.command.id).append(R"(","status":")");
    response.body.append(toString(receipt->status)).append("\"}");
    return response;
}

}  // namespace hub::robot_interlock
