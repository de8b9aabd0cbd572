#include "ctl/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hub::ctl {
namespace {

using testing::ElementsAre;

// The events of `stream` as `name|data`, when it comes in pieces of so many bytes.
std::vector<std::string> eventsOf(std::string_view stream, std::size_t piece) {
    EventStreamParser parser;
    std::vector<std::string> events;
    for (std::size_t begin = 0; begin < stream.size(); begin += piece) {
        parser.take(stream.substr(begin, piece));
        while (const auto event = parser.next()) events.push_back(event->name + '|' + event->data);
    }
    return events;
}

TEST(EventStreamParser, EventsAreTheSameHoweverTheyAreCut) {
    const std::string stream =
        "retry: 2000\n\n"
        ": heartbeat\n\n"
        "id: 7\nevent: status\ndata: {\"n\":1}\n\n"
        "data:one\ndata: two\ndata:  three\n\n"
        "event: nothing\n\n"
        "data\n\n"
        "colour: red\r\ndata: x\r\n\r\n"
        "data: not complete\n";
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 4096U}) {
        EXPECT_THAT(eventsOf(stream, piece),
                    ElementsAre("status|{\"n\":1}", "|one\ntwo\n three", "|", "|x"))
            << piece;
    }
}

TEST(EventStreamParser, ACarriageReturnEndsALineToo) {
    EXPECT_THAT(eventsOf("data: a\r\rdata: b\r\n\r\n", 1), ElementsAre("|a", "|b"));
}

TEST(EventStreamParser, TheLastIdIsThatOfTheLastEventGiven) {
    EventStreamParser parser;
    EXPECT_EQ(parser.lastId(), "");
    parser.take("id: 7\ndata: a\n\ndata: b\n\nid: 9\ndata: c\n");
    EXPECT_TRUE(parser.next());
    EXPECT_EQ(parser.lastId(), "7");
    EXPECT_TRUE(parser.next());
    EXPECT_EQ(parser.lastId(), "7");
    EXPECT_FALSE(parser.next());
    EXPECT_EQ(parser.lastId(), "7");
    parser.take("\n");
    EXPECT_TRUE(parser.next());
    EXPECT_EQ(parser.lastId(), "9");
}

TEST(EventStreamParser, CountsWhatIsNoEventYet) {
    EventStreamParser parser;
    parser.take("data: a\n\ndata: 12345\ndata: 6");
    EXPECT_TRUE(parser.next());
    EXPECT_FALSE(parser.next());
    EXPECT_EQ(parser.pending(), std::string("12345data: 6").size());
}

}  // namespace
}  // namespace hub::ctl
