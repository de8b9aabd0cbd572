#include "ctl/export.h"

#include "core/ctl/ctl_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace hub::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFirstPage = "GET /api/state-history/lamp?limit=1000";
constexpr const char* kSecondPage = "GET /api/state-history/lamp?limit=1000&cursor=1h9";

class Export : public CtlFixture {
protected:
    Export() {
        hub_.answer(kFirstPage,
                    R"({"device_id":"lamp","states":[)"
                    R"({"state_data":{"n":3},"timestamp":"2026-11-23T16:39:00.250000Z"},)"
                    R"({"state_data":{"n":2},"timestamp":"2026-11-23T16:38:00.000000Z"}],)"
                    R"("total":2,"next":"1h9"})");
        hub_.answer(kSecondPage,
                    R"({"device_id":"lamp","states":[)"
                    R"({"state_data":{"n":1,"m":0},"timestamp":"2026-11-23T16:37:00.000000Z"}],)"
                    R"("total":1,"next":null})");
    }
};

TEST_F(Export, WritesEveryPageLineByLine) {
    EXPECT_EQ(run(exportSubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(out(), R"({"state_data":{"n":3},"timestamp":"2026-11-23T16:39:00.250000Z"})"
                     "\n"
                     R"({"state_data":{"n":2},"timestamp":"2026-11-23T16:38:00.000000Z"})"
                     "\n"
                     R"({"state_data":{"n":1,"m":0},"timestamp":"2026-11-23T16:37:00.000000Z"})"
                     "\n");
    EXPECT_EQ(err(), "");
    EXPECT_THAT(hub_.requests(), ElementsAre(kFirstPage, kSecondPage));
}

TEST_F(Export, CsvHasOneHeading) {
    EXPECT_EQ(run(exportSubcommand(), {"lamp", "--format", "csv"}), kDone);
    EXPECT_EQ(out(),
              "timestamp,device_time,n,more\n"
              "2026-11-23T16:39:00.250000Z,,3,\n"
              "2026-11-23T16:38:00.000000Z,,2,\n"
              "2026-11-23T16:37:00.000000Z,,1,\"{\"\"m\"\":0}\"\n");
}

TEST_F(Export, ShowsAPersonHowFarItIs) {
    shows_progress_ = true;
    EXPECT_EQ(run(exportSubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(err(), "\r\x1b[K2 rows, back to 2026-11-23 17:38:00\n");
}

TEST_F(Export, ThePeriodIsTheHubsToFind) {
    hub_.answer(
        "GET /api/state-history/lamp?since=2026-11-23T15%3A40%3A00.000000Z&"
        "until=2026-11-23T16%3A00%3A00.000000Z&limit=1000",
        R"({"states":[],"next":null})");
    hub_.answer("GET /api/devices/lamp", "{}");
    EXPECT_EQ(run(exportSubcommand(), {"lamp", "--since", "1h", "--until", "2026-11-23T16:00:00Z"}),
              kDone)
        << err();
    EXPECT_EQ(out(), "");
}

TEST_F(Export, WhatCannotBeExportedFails) {
    hub_.answer("GET /api/state-history/nobody?limit=1000", R"({"states":[],"next":null})");
    hub_.answer("GET /api/devices/nobody", R"({"detail":"There is none.","unknown":"device"})",
                404);
    EXPECT_EQ(run(exportSubcommand(), {"nobody"}), kFailed);
    EXPECT_EQ(err(), "hubctl export: no device \"nobody\" is known: hubctl devices lists them\n");
    EXPECT_EQ(run(exportSubcommand(), {"nobody", "--format", "csv"}), kFailed);
    EXPECT_EQ(out(), "");
    EXPECT_EQ(run(exportSubcommand(), {"lamp", "--format", "xml"}), kUsageWrong);
    EXPECT_THAT(err(), HasSubstr("\"xml\" is no format: give csv or jsonl"));

    hub_.answer(kFirstPage, R"({"detail":"The database is busy."})", 503);
    EXPECT_EQ(run(exportSubcommand(), {"lamp"}), kFailed);
    EXPECT_EQ(err(), "hubctl export: " + hub_.url() + " answers 503: The database is busy.\n");
}

TEST_F(Export, GoesOnOnceTheHubIsBack) {
    shows_progress_ = true;
    hub_.answerOnce(kSecondPage, R"({"detail":"The database is busy."})", 503);
    EXPECT_EQ(run(exportSubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(std::ranges::count(out(), '\n'), 3);
    EXPECT_THAT(err(), testing::StartsWith("\r\x1b[K2 rows, back to 2026-11-23 17:38:00\n"
                                           "hubctl export: asking again until the hub answers: " +
                                           hub_.url() +
                                           " answers 503: The database is busy.\n"
                                           "hubctl export: going on\n"));
}

}  // namespace
}  // namespace hub::ctl
