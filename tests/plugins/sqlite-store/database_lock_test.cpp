#include "database_lock.h"

#include "database_connection.h"
#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>
#include <type_traits>

namespace hub::sqlite_store {
namespace {

using testing::HasSubstr;

static_assert(!std::is_copy_constructible_v<DatabaseLock>);

class DatabaseLockTest : public testing::Test {
protected:
    static std::string complaintAbout(const std::filesystem::path& file) {
        try {
            const DatabaseLock lock(file);
            return "";
        } catch (const DatabaseError& error) {
            return error.what();
        }
    }

    fakes::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "hub.db";
};

TEST_F(DatabaseLockTest, ASecondHubIsRefusedWithWhoHoldsIt) {
    const DatabaseLock lock(file_);
    EXPECT_EQ(complaintAbout(file_), "cannot use " + file_.string() + ": another hub (process " +
                                         std::to_string(::getpid()) +
                                         ") is using it, and holds the lock on " + file_.string() +
                                         "-lock; end that one, or choose another store.path");
}

TEST_F(DatabaseLockTest, IsFreeAgainAtItsEnd) {
    std::optional<DatabaseLock> lock(file_);
    lock.reset();
    EXPECT_EQ(complaintAbout(file_), "");
}

TEST_F(DatabaseLockTest, AnotherNameOfTheFileIsNoWayAround) {
    const auto link = folder_.path() / "link.db";
    std::ofstream(file_).flush();
    std::filesystem::create_symlink(file_, link);
    const DatabaseLock lock(file_);
    EXPECT_THAT(complaintAbout(link), HasSubstr("is using it"));
    EXPECT_EQ(complaintAbout(folder_.path() / "other.db"), "");
}

TEST_F(DatabaseLockTest, AFolderThatIsMissingIsNamed) {
    EXPECT_EQ(complaintAbout(folder_.path() / "missing" / "hub.db"),
              "cannot use " + folder_.path().string() + "/missing/hub.db: the file for its lock, " +
                  folder_.path().string() +
                  "/missing/hub.db-lock, cannot be opened (No such file or directory); check that "
                  "its folder exists and that the hub's user may write there");
}

}  // namespace
}  // namespace hub::sqlite_store
