#include "http_api_fixture.h"

#include <gmock/gmock.h>

namespace hub::http_api {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class CommandRoutes : public HttpApi {
protected:
    HttpResponse submit(const std::string& body, const std::string& key = {}) {
        fakes::FakeHttpRequest request("/api/command", "POST");
        request.withBody(body);
        if (!key.empty()) request.withHeader("Idempotency-Key", key);
        return hub_.routes().send(std::move(request));
    }
    static std::string detail(const HttpResponse& response) {
        EXPECT_EQ(response.content_type, "application/problem+json");
        return parsed(response)->getValue<std::string>("detail");
    }
    static bool isReplay(const HttpResponse& response) {
        return std::ranges::count(response.headers, std::pair(std::string("Idempotency-Replayed"),
                                                              std::string("true"))) == 1;
    }

    // Command number `number` to the sensors, `c1` and on, is kept.
    fakes::FakeHistory::Command& commandIsKept(std::uint64_t number) {
        fakes::FakeHistory::Command command;
        command.record.number = CommandNumber{number};
        command.record.command = {"c" + std::to_string(number), "blink", R"({"times":2})"};
        command.record.device_type = "sensor";
        command.record.created = kStart + std::chrono::seconds{number};
        command.record.ack_timeout = 1500ms;
        command.record.ttl = 24h;
        command.progress.status = CommandStatus::Sent;
        return *history_.command_rows.insert(history_.command_rows.begin(), std::move(command));
    }
    // It came to stand so with a device.
    void stands(std::uint64_t number, std::uint32_t device, TargetStatus status,
                const std::string& payload = "{}", bool late = false) {
        ++sequence_;
        history_.target_rows.push_back(
            {CommandNumber{number}, sequence_, kStart + std::chrono::seconds{sequence_},
             "d" + std::to_string(device), status, payload, late, DeviceIndex{device}});
    }

    static std::vector<std::string> idsIn(const Object::Ptr& page) {
        std::vector<std::string> ids;
        for (const auto& log : itemsOf(page, "logs")) {
            ids.push_back(log->getValue<std::string>("command_id"));
        }
        return ids;
    }

    Sequence sequence_ = 0;
};

TEST_F(CommandRoutes, TheAnswerTellsTheCommandAndHowItStandsWithEachDevice) {
    hub_.ledger().answer(
        CommandStatus::Sent,
        {{"a", TargetStatus::Sent, ""}, {"b", TargetStatus::Unreachable, "the device is offline"}});
    const HttpResponse response =
        submit(R"({"device_type":"lamp","command_name":"on","payload":{"level": 1.0}})");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body,
              R"({"command_id":"00000000-0000-7000-8000-000000000001","device_type":"lamp",)"
              R"("command_name":"on","payload":{"level": 1.0},"status":"sent",)"
              R"("created_at":"2026-11-23T16:40:00.000000Z","target_device_count":2,"targets":[)"
              R"({"device_id":"a","status":"sent"},{"device_id":"b","status":"unreachable",)"
              R"("reason":"the device is offline"}]})");
    EXPECT_FALSE(isReplay(response));
    ASSERT_EQ(hub_.ledger().requests().size(), 1U);
    EXPECT_EQ(hub_.ledger().requests().front().payload, R"({"level": 1.0})");
}

TEST_F(CommandRoutes, TheFormOfTheEarlierSystemIsTaken) {
    fakes::FakeHttpRequest request("/api/command", "POST");
    request.withQuery("device_type", "esp32").withQuery("command_name", "forward");
    EXPECT_EQ(hub_.routes().send(request).status, 200);
    EXPECT_EQ(hub_.ledger().requests().front().targets.word, "esp32");
}

TEST_F(CommandRoutes, ARepeatedKeyHasTheSameBytesAndSaysSo) {
    const std::string body = R"({"device_id":"a","command_name":"on"})";
    const HttpResponse first = submit(body, "k");
    const HttpResponse again = submit(body, "k");
    EXPECT_EQ(again.status, first.status);
    EXPECT_EQ(again.body, first.body);
    EXPECT_FALSE(isReplay(first));
    EXPECT_TRUE(isReplay(again));
    EXPECT_EQ(hub_.ledger().requests().front().idempotency_key, "k");
}

TEST_F(CommandRoutes, WhatGuardsRefuseAltogetherIsAConflict) {
    hub_.ledger().answer(CommandStatus::Rejected,
                         {{"b", TargetStatus::Rejected, "a pose is running"},
                          {"c", TargetStatus::Rejected, "the wheels are locked"}});
    const HttpResponse response =
        submit(R"({"device_type":"esp32","command_name":"forward"})", "k");
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(detail(response), "The command was rejected: a pose is running.");
    EXPECT_THAT(response.body, HasSubstr(R"("status":409,)"));
    EXPECT_THAT(
        response.body,
        HasSubstr(
            R"(,"command_id":"00000000-0000-7000-8000-000000000001","command_status":"rejected",)"
            R"("targets":[{"device_id":"b","status":"rejected","reason":"a pose is running"},)"));
    const HttpResponse again = submit(R"({"device_type":"esp32","command_name":"forward"})", "k");
    EXPECT_EQ(again.body, response.body);
    EXPECT_TRUE(isReplay(again));
}

TEST_F(CommandRoutes, WhatGuardsRefuseForSomeIsNoConflict) {
    const TargetOutcome offline{"a", TargetStatus::Unreachable, "the device is offline"};
    const TargetOutcome refused{"b", TargetStatus::Rejected, "a pose is running"};
    const std::vector<std::pair<CommandStatus, std::vector<TargetOutcome>>> answers{
        {CommandStatus::Rejected, {offline, refused, refused}},
        {CommandStatus::Unreachable, {offline, refused}},
        {CommandStatus::NoDevices, {}}};
    for (const auto& [status, targets] : answers) {
        hub_.ledger().answer(status, targets);
        const HttpResponse response = submit(R"({"device_type":"esp32","command_name":"left"})");
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(parsed(response)->getValue<std::string>("status"), toString(status));
    }
}

TEST_F(CommandRoutes, WhatIsWrongNeverReachesTheLedger) {
    EXPECT_EQ(submit("{").status, 422);
    EXPECT_EQ(detail(submit(R"({"device_id":"a"})")), R"(A command needs a "command_name".)");
    const std::string text(CommandRequest::kMaxPayloadBytes, 'x');
    const HttpResponse too_large =
        submit(R"({"all":true,"command_name":"x","payload":{"t":")" + text + "\"}}");
    EXPECT_EQ(too_large.status, 413);
    EXPECT_EQ(detail(too_large),
              "The payload of a command may have 65536 bytes; this one has 65544.");
    EXPECT_TRUE(hub_.ledger().requests().empty());
}

TEST_F(CommandRoutes, WhatTheLedgerRefusesHasItsOwnStatus) {
    const std::string body = R"({"device_id":"a","command_name":"on"})";
    hub_.ledger().refuse(Error{Error::Kind::NotFound, "no device \"a\" is known"});
    EXPECT_EQ(submit(body).status, 404);
    EXPECT_EQ(detail(submit(body)), "No device \"a\" is known.");
    EXPECT_EQ(parsed(submit(body))->getValue<std::string>("unknown"), "device");
    hub_.ledger().refuse(Error{Error::Kind::Invalid, "the key was used"});
    EXPECT_EQ(submit(body).status, 422);
    hub_.ledger().refuse(Error{Error::Kind::Unavailable, "no store"});
    EXPECT_EQ(submit(body).status, 503);
    EXPECT_EQ(send("DELETE", "/api/commands/c1").status, 503);
}

TEST_F(CommandRoutes, WhatIsOpenCanBeCancelledOnce) {
    hub_.ledger().open("c1", 3);
    const HttpResponse response = send("DELETE", "/api/commands/c1");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"cancelled":3})");
    EXPECT_TRUE(
        hub_.log().contains(LogLevel::Info, "command c1 cancelled (DELETE from 192.0.2.7:50312)"));
    const HttpResponse again = send("DELETE", "/api/commands/c1");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(detail(again), "Nothing of this command is open: every device has an outcome.");
    EXPECT_EQ(detail(send("DELETE", "/api/commands/c9")),
              R"(No command "c9" is kept; GET /api/command-logs lists those that are.)");
}

TEST_F(CommandRoutes, ACommandIsShownWithEveryTransitionOfEachDevice) {
    auto& command = commandIsKept(1);
    command.record.idempotency_key = "k";
    command.progress = {CommandStatus::Partial, kStart + 3s, kStart + 6s, 2, 1};
    stands(1, 0, TargetStatus::Pending, R"({"status":"pending","payload":{"reason":"not mine"}})");
    stands(1, 1, TargetStatus::Queued, R"({"status":"queued"})");
    stands(1, 0, TargetStatus::Sent);
    stands(1, 0, TargetStatus::AckSuccess, R"({"status":"ack_success","response":{"n": 1.0}})");
    stands(1, 1, TargetStatus::Cancelled, R"({"reason":"an operator took it \"back\""})");
    stands(1, 0, TargetStatus::AckError, R"({"response":"again","late":true})", true);
    stands(2, 2, TargetStatus::Pending);
    EXPECT_EQ(
        get("/api/commands/c1").body,
        R"({"command_id":"c1","device_type":"sensor","command_name":"blink",)"
        R"("payload":{"times":2},"status":"partial","created_at":"2026-11-23T16:40:01.000000Z",)"
        R"("executed_at":"2026-11-23T16:40:03.000000Z",)"
        R"("completed_at":"2026-11-23T16:40:06.000000Z","target_device_count":2,)"
        R"("success_count":1,"ack_timeout_s":1.5,"ttl_s":86400,"idempotency_key":"k","targets":[)"
        R"({"device_id":"d0","status":"ack_success","reason":null,"response":{"n": 1.0},)"
        R"("pending_at":"2026-11-23T16:40:01.000000Z","queued_at":null,)"
        R"("sent_at":"2026-11-23T16:40:03.000000Z","completed_at":"2026-11-23T16:40:04.000000Z",)"
        R"("late_acks":[{"status":"ack_error","timestamp":"2026-11-23T16:40:06.000000Z",)"
        R"("response":"again"}]},)"
        R"({"device_id":"d1","status":"cancelled","reason":"an operator took it \"back\"",)"
        R"("response":null,"pending_at":null,"queued_at":"2026-11-23T16:40:02.000000Z",)"
        R"("sent_at":null,"completed_at":"2026-11-23T16:40:05.000000Z","late_acks":[]}],)"
        R"("total":2,"next":null})");
}

TEST_F(CommandRoutes, WhatACommandDoesNotHaveIsNull) {
    auto& command = commandIsKept(1);
    command.record.ack_timeout = 0ms;
    command.record.ttl = 0ms;
    const auto shown = json("/api/commands/c1");
    EXPECT_TRUE(shown->isNull("ack_timeout_s"));
    EXPECT_TRUE(shown->isNull("ttl_s"));
    EXPECT_TRUE(shown->isNull("idempotency_key"));
}

TEST_F(CommandRoutes, WhoLooksForTheListIsToldWhereItIs) {
    EXPECT_THAT(problem(404, "/api/commands"), HasSubstr("GET /api/command-logs lists"));
}

TEST_F(CommandRoutes, TheDevicesOfACommandComeInPages) {
    commandIsKept(1);
    for (std::uint32_t device = 0; device < 1100; ++device) {
        stands(1, device, TargetStatus::Pending);
        stands(1, device, TargetStatus::Sent);
    }
    const auto pageOf = [&](const Query& query) {
        const auto page = json("/api/commands/c1", query);
        EXPECT_EQ(page->getValue<std::string>("command_id"), "c1");
        return page;
    };
    // Who asks for no page gets the longest there is.
    EXPECT_EQ(itemsOf(pageOf({}), "targets").size(), 1000U);
    for (const char* limit : {"1000", "550", "99", "1"}) {
        Query query{{"limit", limit}};
        std::uint32_t device = 0;
        for (bool more = true; more && (device < 200 || limit != std::string("1"));) {
            const auto page = pageOf(query);
            for (const auto& target : itemsOf(page, "targets")) {
                EXPECT_EQ(target->getValue<std::string>("device_id"), "d" + std::to_string(device));
                EXPECT_EQ(target->getValue<std::string>("status"), "sent");
                EXPECT_FALSE(target->isNull("pending_at"));
                ++device;
            }
            more = !page->isNull("next");
            if (more) query["cursor"] = page->getValue<std::string>("next");
        }
        EXPECT_GE(device, limit == std::string("1") ? 200U : 1100U);
    }
    (void)problem(422, "/api/commands/c1", {{"limit", "0"}});
    (void)problem(422, "/api/commands/c1", {{"cursor", "1d5"}});
}

TEST_F(CommandRoutes, APageOfDevicesThatAnsweredMuchEndsEarly) {
    commandIsKept(1);
    const std::string answer = R"({"response":")" + std::string(1'000'000, 'x') + "\"}";
    for (std::uint32_t device = 0; device < 6; ++device) {
        stands(1, device, TargetStatus::AckSuccess, answer);
    }
    const auto first = json("/api/commands/c1");
    EXPECT_EQ(itemsOf(first, "targets").size(), 5U);
    const auto second =
        json("/api/commands/c1", {{"cursor", first->getValue<std::string>("next")}});
    EXPECT_EQ(itemsOf(second, "targets").size(), 1U);
    EXPECT_TRUE(second->isNull("next"));
}

TEST_F(CommandRoutes, LateAcksOfADeviceThatRepeatsThemForEverAreNotAllShown) {
    commandIsKept(1);
    stands(1, 0, TargetStatus::Timeout);
    for (int i = 0; i < 150; ++i) stands(1, 0, TargetStatus::AckSuccess, "{}", true);
    const auto target = json("/api/commands/c1")->getArray("targets")->getObject(0);
    EXPECT_EQ(target->getArray("late_acks")->size(), 100U);
    EXPECT_EQ(target->getValue<std::string>("status"), "timeout");
}

TEST_F(CommandRoutes, AnUnknownCommandIsNotFound) {
    EXPECT_EQ(problem(404, "/api/commands/c9"),
              R"(No command "c9" is kept; GET /api/command-logs lists those that are.)");
    EXPECT_EQ(parsed(get("/api/commands/c9"))->getValue<std::string>("unknown"), "command");
}

TEST_F(CommandRoutes, CommandsAreListedNewestFirstAndFiltered) {
    deviceIsKnown("d0");
    for (std::uint64_t number = 1; number <= 4; ++number) commandIsKept(number);
    history_.command_rows[0].progress.status = CommandStatus::NoDevices;
    history_.command_rows[1].record.device_type = "";
    history_.command_rows[2].devices = {DeviceIndex{0}};
    EXPECT_THAT(idsIn(json("/api/command-logs")), ElementsAre("c4", "c3", "c2", "c1"));
    EXPECT_THAT(idsIn(json("/api/command-logs", {{"status", "no_devices"}})), ElementsAre("c4"));
    EXPECT_THAT(idsIn(json("/api/command-logs", {{"device_type", "sensor"}})),
                ElementsAre("c4", "c2", "c1"));
    EXPECT_THAT(idsIn(json("/api/command-logs", {{"device_id", "d0"}})), ElementsAre("c2"));
    EXPECT_THAT(idsIn(json("/api/command-logs", {{"device_id", "nobody"}})), ElementsAre());
    EXPECT_THAT(idsIn(json("/api/command-logs", {{"since", formatTimestamp(kStart + 2s)},
                                                 {"until", formatTimestamp(kStart + 3s)}})),
                ElementsAre("c3", "c2"));
    EXPECT_EQ(get("/api/command-logs", {{"device_id", "d0"}}).body,
              R"({"logs":[{"command_id":"c2","device_type":"sensor","command_name":"blink",)"
              R"("payload":{"times":2},"status":"sent",)"
              R"("created_at":"2026-11-23T16:40:02.000000Z","executed_at":null,)"
              R"("completed_at":null,"target_device_count":0,"success_count":0}],)"
              R"("total":1,"next":null})");
    EXPECT_EQ(problem(422, "/api/command-logs", {{"status", "done"}}),
              R"(The query parameter "status" must be no_devices, pending, queued, sent, )"
              "ack_success, ack_error, partial, timeout, expired, unreachable, cancelled or "
              "rejected.");
    (void)problem(422, "/api/command-logs", {{"limit", "0"}});
    (void)problem(422, "/api/command-logs", {{"cursor", "1h0.3"}});
    (void)problem(422, "/api/command-logs", {{"since", "x"}});
}

TEST_F(CommandRoutes, ThePagesOfTheListHoldWhileCommandsAreGiven) {
    std::uint64_t newest = 0;
    while (newest < 2500) commandIsKept(++newest);
    std::vector<std::string> seen;
    Query query{{"limit", "1000"}};
    for (bool more = true; more;) {
        const auto page = json("/api/command-logs", query);
        for (std::string& id : idsIn(page)) seen.push_back(std::move(id));
        more = !page->isNull("next");
        if (more) query["cursor"] = page->getValue<std::string>("next");
        commandIsKept(++newest);
    }
    ASSERT_EQ(seen.size(), 2500U);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        ASSERT_EQ(seen[i], "c" + std::to_string(2500 - i));
    }
}

TEST_F(CommandRoutes, ASearchThatIsCutShortKeepsWhatItHasFoundAndGoesOn) {
    for (std::uint64_t number = 1; number <= 10; ++number) commandIsKept(number);
    history_.command_rows[1].progress.status = CommandStatus::Rejected;
    history_.command_rows[8].progress.status = CommandStatus::Rejected;
    history_.patience = 4;
    Query query{{"status", "rejected"}};
    std::vector<std::vector<std::string>> pages;
    for (bool more = true; more && pages.size() < 10;) {
        const auto page = json("/api/command-logs", query);
        pages.push_back(idsIn(page));
        more = !page->isNull("next");
        if (more) query["cursor"] = page->getValue<std::string>("next");
    }
    EXPECT_THAT(pages, ElementsAre(ElementsAre("c9"), ElementsAre(), ElementsAre("c2")));
}

TEST_F(CommandRoutes, WithoutAReadableStoreThereIsNothingToShow) {
    commandIsKept(1);
    history_.broken = Error{Error::Kind::Unavailable, "hub.db is locked"};
    EXPECT_EQ(problem(503, "/api/commands/c1"), "The history cannot be read: hub.db is locked.");
    (void)problem(503, "/api/command-logs");
    hub_.setHistory(nullptr);
    (void)problem(503, "/api/commands/c1");
    (void)problem(503, "/api/command-logs");
}

}  // namespace
}  // namespace hub::http_api
