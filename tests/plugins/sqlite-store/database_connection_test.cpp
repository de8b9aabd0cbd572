#include "database_connection.h"

#include "fakes/temporary_folder.h"
#include "query.h"

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <type_traits>

namespace hub::sqlite_store {
namespace {

static_assert(!std::is_copy_constructible_v<DatabaseConnection>);
static_assert(!std::is_copy_constructible_v<Transaction>);

// A user whom files of root can refuse something, for as long as this lives.
class Unprivileged {
public:
    Unprivileged() { worked_ = user_ != 0 || ::seteuid(kNobody) == 0; }
    ~Unprivileged() { worked_ = ::seteuid(user_) == 0; }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;

    [[nodiscard]] bool worked() const noexcept { return worked_; }

private:
    static constexpr uid_t kNobody = 65534;
    const uid_t user_ = ::geteuid();
    bool worked_ = false;
};

class Connection : public testing::Test {
protected:
    Connection() {
        writer_.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(a TEXT UNIQUE) STRICT");
    }

    static std::int64_t number(DatabaseConnection& connection, std::string_view sql) {
        Query query(connection, sql);
        return query.next() ? query.integer(0) : -1;
    }

    fakes::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "hub.db";
    DatabaseConnection writer_{file_, DatabaseConnection::Use::Write};
};

TEST_F(Connection, TheWriterSyncsAtEveryCommitAndCheckpointsEarly) {
    EXPECT_EQ(number(writer_, "PRAGMA synchronous"), 2);  // FULL
    EXPECT_EQ(number(writer_, "PRAGMA wal_autocheckpoint"), 500);
    EXPECT_EQ(number(writer_, "PRAGMA cache_size"), -65536);
    EXPECT_EQ(number(writer_, "PRAGMA journal_size_limit"), 67108864);
    EXPECT_EQ(number(writer_, "PRAGMA busy_timeout"), 1000);
}

TEST_F(Connection, AReaderNeitherWritesNorCheckpoints) {
    DatabaseConnection reader(file_, DatabaseConnection::Use::Read);
    EXPECT_EQ(number(reader, "PRAGMA wal_autocheckpoint"), 0);
    EXPECT_EQ(number(reader, "PRAGMA busy_timeout"), 1000);
    EXPECT_THROW(reader.execute("INSERT INTO t VALUES('x')"), DatabaseError);
}

TEST_F(Connection, ATransactionThatIsNotCommittedIsRolledBack) {
    {
        Transaction transaction(writer_, Transaction::Kind::Write);
        writer_.execute("INSERT INTO t VALUES('x')");
    }
    EXPECT_EQ(number(writer_, "SELECT count(*) FROM t"), 0);
    {
        Transaction transaction(writer_, Transaction::Kind::Write);
        writer_.execute("INSERT INTO t VALUES('x')");
        transaction.commit();
    }
    EXPECT_EQ(number(writer_, "SELECT count(*) FROM t"), 1);
}

TEST_F(Connection, AReadTransactionDoesNotSeeWhatIsCommittedMeanwhile) {
    DatabaseConnection reader(file_, DatabaseConnection::Use::Read);
    const Transaction transaction(reader, Transaction::Kind::Read);
    EXPECT_EQ(number(reader, "SELECT count(*) FROM t"), 0);
    writer_.execute("INSERT INTO t VALUES('x')");
    EXPECT_EQ(number(reader, "SELECT count(*) FROM t"), 0);
}

TEST_F(Connection, AnErrorNamesTheFileAndTheCause) {
    writer_.execute("INSERT INTO t VALUES('x')");
    try {
        writer_.execute("INSERT INTO t VALUES('x')");
        FAIL() << "the second one must be refused";
    } catch (const DatabaseError& e) {
        EXPECT_EQ(std::string(e.what()),
                  "cannot write to " + file_.string() +
                      ": what is to be stored contradicts what is there (UNIQUE constraint failed: "
                      "t.a); make sure that no other program writes to this file, then restart the "
                      "hub");
    }
}

TEST_F(Connection, AFileThatMayNotBeWrittenIsRefusedWithTheCause) {
    using std::filesystem::perms;
    const auto file = folder_.path() / "read-only.db";
    DatabaseConnection(file, DatabaseConnection::Use::Write).execute("CREATE TABLE t(a)");
    std::filesystem::permissions(file, perms{0444});
    std::filesystem::permissions(folder_.path(), perms{0755});
    const Unprivileged user;
    ASSERT_TRUE(user.worked());
    try {
        const DatabaseConnection connection(file, DatabaseConnection::Use::Write);
        FAIL() << "the file must be refused";
    } catch (const DatabaseError& error) {
        EXPECT_EQ(std::string(error.what()),
                  "cannot write to " + file.string() +
                      ": it is read-only; give the hub's user the right to write the file and its "
                      "folder, or mount their file system writable");
    }
}

TEST_F(Connection, AQueryMayRunAgain) {
    writer_.execute("INSERT INTO t VALUES('a'), ('b'), (NULL)");
    Query query(writer_, "SELECT a, rowid FROM t WHERE rowid >= ?");
    query.bind(1, 2);
    ASSERT_TRUE(query.next());
    EXPECT_EQ(query.text(0), "b");
    query.reset();
    query.bind(1, 1);
    ASSERT_TRUE(query.next());
    EXPECT_EQ(query.text(0), "a");
    EXPECT_EQ(query.optionalInteger(1), 1);
    ASSERT_TRUE(query.next());
    ASSERT_TRUE(query.next());
    EXPECT_EQ(query.text(0), "");
    EXPECT_EQ(query.optionalInteger(0), std::nullopt);
    EXPECT_FALSE(query.next());
}

TEST_F(Connection, AQueryThatIsNoSqlThrows) {
    EXPECT_THROW(Query(writer_, "SELECT nothing FROM nowhere"), DatabaseError);
}

}  // namespace
}  // namespace hub::sqlite_store
