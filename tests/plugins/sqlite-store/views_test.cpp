// What people and readers written for the earlier system see of the database: its tables' names and
// columns, as views.
#include "contract/event_story.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "shell.h"
#include "sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hub::sqlite_store {
namespace {

using contract::EventStory;
using Strings = std::vector<std::string>;

class Views : public testing::Test {
protected:
    Views() : store_(file_, logger_) {
        static_cast<void>(store_.recover());
        story_.connects("lamp-1");
        story_.registers("lamp-1", "esp32", R"({"room":2})");
        story_.reports("lamp-1", R"({"on":true})", Timestamp(std::chrono::microseconds(-1)));
        story_.reports("cam-1", R"({"ok":1})");
        story_.says("lamp-1", "collision", R"({"message_type":"collision"})");
        story_.disconnects("lamp-1", OfflineReason::Timeout);
        EXPECT_TRUE(store_.append(story_.take()).ok());
        const std::vector<SignOfLife> signs{
            {story_.indexOf("lamp-1"), story_.time() - std::chrono::milliseconds(1), std::nullopt}};
        EXPECT_TRUE(store_.noteLife(signs).ok());
    }

    fakes::TemporaryFolder folder_;
    fakes::RecordingLogger logger_;
    std::filesystem::path file_ = folder_.path() / "hub.db";
    EventStory story_;
    SqliteStore store_;
    Shell shell_{file_};
};

TEST_F(Views, Devices) {
    EXPECT_EQ(
        shell_.rows("SELECT device_id, device_type, is_online, last_heartbeat, connected_at,"
                    " disconnected_at, metadata_json, transport, offline_reason, last_changed,"
                    " last_seen FROM devices"),
        (Strings{"lamp-1|esp32|0|2026-11-23T16:40:00.002000Z|2026-11-23T16:40:00.001000Z|"
                 "2026-11-23T16:40:00.006000Z|{\"room\":2}|websocket|timeout|"
                 "2026-11-23T16:40:00.006000Z|2026-11-23T16:40:00.005000Z",
                 "cam-1|unknown|0||||{}||||"}));
}

TEST_F(Views, WhoIsOnlineOrNeverWasHasNoOfflineReason) {
    story_.connects("lamp-1");
    ASSERT_TRUE(store_.append(story_.take()).ok());
    EXPECT_EQ(shell_.rows("SELECT device_id FROM devices WHERE offline_reason IS NULL"),
              (Strings{"lamp-1", "cam-1"}));
}

TEST_F(Views, DeviceStateSnapshots) {
    EXPECT_EQ(shell_.rows("SELECT id, device_id, device_type, state_data, timestamp, seq,"
                          " device_time FROM device_state_snapshots"),
              (Strings{"3|lamp-1|esp32|{\"on\":true}|2026-11-23T16:40:00.003000Z|3|"
                       "1969-12-31T23:59:59.999999Z",
                       "4|cam-1|unknown|{\"ok\":1}|2026-11-23T16:40:00.004000Z|4|"}));
}

TEST_F(Views, DeviceConnectionLogs) {
    EXPECT_EQ(shell_.rows("SELECT id, device_id, device_type, event, timestamp, details, seq"
                          " FROM device_connection_logs"),
              (Strings{"1|lamp-1|esp32|connected|2026-11-23T16:40:00.001000Z|{\"link\":1}|1",
                       "6|lamp-1|esp32|timeout|2026-11-23T16:40:00.006000Z|"
                       "{\"reason\":\"timeout\"}|6"}));
}

TEST_F(Views, DeviceEvents) {
    EXPECT_EQ(shell_.rows("SELECT id, device_id, device_type, event, payload, timestamp, seq"
                          " FROM device_events"),
              (Strings{"2|lamp-1|esp32|registration|{\"device_type\":\"esp32\"}|"
                       "2026-11-23T16:40:00.002000Z|2",
                       "5|lamp-1|esp32|collision|{\"message_type\":\"collision\"}|"
                       "2026-11-23T16:40:00.005000Z|5"}));
}

TEST_F(Views, CommandLogs) {
    story_.connects("lamp-1");
    CommandRecord record;
    record.command = {"id-1", "forward", R"({"speed":3})"};
    record.device_type = "esp32";
    const CommandNumber number = story_.records(record, 2);
    story_.stands(number, "lamp-1", TargetStatus::Sent);
    story_.stands(number, "cam-1", TargetStatus::Unreachable, R"({"reason":"offline"})");
    story_.stands(number, "lamp-1", TargetStatus::AckSuccess, R"({"response":{"at":7}})");
    story_.acknowledgesLate(number, "lamp-1", R"({"response":{"at":9}})");
    story_.acknowledgesLate(number, "lamp-1", "not JSON");
    record.command.id = "id-2";
    story_.records(record, 0);
    EXPECT_TRUE(store_.append(story_.take()).ok());
    EXPECT_EQ(shell_.rows("SELECT command_id, device_type, command_name, payload, status,"
                          " created_at, executed_at, completed_at, response_data,"
                          " target_device_count, success_count FROM command_logs"),
              (Strings{"id-1|esp32|forward|{\"speed\":3}|partial|2026-11-23T16:40:00.007000Z|"
                       "2026-11-23T16:40:00.008000Z|2026-11-23T16:40:00.010000Z|{\"at\":7}|2|1",
                       "id-2|esp32|forward|{\"speed\":3}|no_devices|2026-11-23T16:40:00.013000Z|"
                       "|2026-11-23T16:40:00.013000Z||0|0"}));
    EXPECT_EQ(shell_.rows("SELECT command_id, device_id, status, late, timestamp, reason, response,"
                          " seq FROM command_targets"),
              (Strings{"id-1|lamp-1|sent|0|2026-11-23T16:40:00.009000Z|||9",
                       "id-1|cam-1|unreachable|0|2026-11-23T16:40:00.010000Z|offline||10",
                       "id-1|lamp-1|ack_success|0|2026-11-23T16:40:00.011000Z||{\"at\":7}|11",
                       "id-1|lamp-1|ack_success|1|2026-11-23T16:40:00.012000Z||{\"at\":9}|12",
                       "id-1|lamp-1|ack_success|1|2026-11-23T16:40:00.013000Z|||13"}));
}

// The queries of the earlier system's dashboard and of people, in their words.
TEST_F(Views, QueriesForTheEarlierTablesWork) {
    EXPECT_EQ(shell_.rows("SELECT state_data FROM device_state_snapshots WHERE device_id='lamp-1'"
                          " AND timestamp >= '2026-11-23T16:40:00' ORDER BY timestamp DESC"
                          " LIMIT 100"),
              Strings{R"({"on":true})"});
    EXPECT_EQ(shell_.value("SELECT json_extract(state_data, '$.on')"
                           " FROM device_state_snapshots WHERE id=3"),
              "1");
    EXPECT_EQ(shell_.rows("SELECT event, count(*) FROM device_connection_logs GROUP BY event"),
              (Strings{"connected|1", "timeout|1"}));
}

TEST_F(Views, TheResponseToACommandIsFoundWithoutSorting) {
    for (const std::string& step : shell_.rows("EXPLAIN QUERY PLAN SELECT * FROM command_logs")) {
        EXPECT_THAT(step, testing::Not(testing::HasSubstr("B-TREE")));
    }
}

TEST_F(Views, CountingDoesNotLookAtDevices) {
    for (const std::string view :
         {"device_state_snapshots", "device_connection_logs", "device_events", "command_targets"}) {
        for (const std::string& step :
             shell_.rows("EXPLAIN QUERY PLAN SELECT count(*) FROM " + view)) {
            EXPECT_THAT(step, testing::Not(testing::HasSubstr("device"))) << view;
        }
    }
}

}  // namespace
}  // namespace hub::sqlite_store
