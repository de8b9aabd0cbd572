#include "query.h"

#include "database_connection.h"
#include "fakes/temporary_folder.h"
#include "stored_time.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace hub::sqlite_store {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

class QueryTest : public testing::Test {
protected:
    fakes::TemporaryFolder folder_;
    DatabaseConnection connection_{folder_.path() / "hub.db", DatabaseConnection::Use::Write};
};

TEST_F(QueryTest, WorksAgainAfterAFailure) {
    Query query(connection_, "SELECT abs(?)");
    query.bind(1, kMin);  // whose absolute value is no integer
    EXPECT_THROW((void)query.next(), DatabaseError);
    query.bind(1, -7);
    ASSERT_TRUE(query.next());
    EXPECT_EQ(query.integer(0), 7);
}

TEST_F(QueryTest, MayBeLeftAtARow) {
    Query query(connection_, "SELECT ? UNION ALL SELECT 8");
    for (const std::int64_t value : {1, 2}) {
        query.bind(1, value);
        ASSERT_TRUE(query.next());
        EXPECT_EQ(query.integer(0), value);
    }
}

TEST_F(QueryTest, TimesAreInTheYears0000To9999) {
    Query query(connection_, "SELECT ?");
    const auto read = [&query](std::int64_t stored) {
        query.bind(1, stored);
        EXPECT_TRUE(query.next());
        return query.time(0);
    };
    EXPECT_EQ(read(kMax), kLastTime);
    EXPECT_EQ(read(kMin), kFirstTime);
    EXPECT_EQ(read(1'795'452'000'000'120),
              Timestamp(std::chrono::microseconds(1'795'452'000'000'120)));
    EXPECT_EQ(formatTimestamp(kFirstTime), "0000-01-01T00:00:00.000000Z");
    EXPECT_EQ(formatTimestamp(kLastTime), "9999-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace hub::sqlite_store
