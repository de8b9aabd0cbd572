#include "daemon/data_directory.h"

#include "fakes/full_disk.h"
#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

namespace hub::daemon {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class DataDirectoryTest : public testing::Test {
protected:
    std::string refusalOf(const std::filesystem::path& path) {
        try {
            const DataDirectory data(path);
            return "";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    }

    fakes::TemporaryFolder temporary_;
    const std::filesystem::path path_ = temporary_.path() / "a" / "var";
};

TEST_F(DataDirectoryTest, IsMadeWithItsParents) {
    const DataDirectory data(path_);
    EXPECT_TRUE(std::filesystem::is_directory(path_));
}

TEST_F(DataDirectoryTest, RefusesASecondHubAndNamesTheFirst) {
    const DataDirectory first(path_);
    EXPECT_EQ(refusalOf(path_),
              "cannot keep data in " + path_.string() + ": another hubd or import (process " +
                  std::to_string(::getpid()) + ") is using it (choose the folder with --data-dir)");
}

TEST_F(DataDirectoryTest, IsFreeAgainAfterwards) {
    EXPECT_EQ(refusalOf(path_), "");
    EXPECT_EQ(refusalOf(path_), "");
}

TEST_F(DataDirectoryTest, IsFreeAgainAfterAKill) {
    const pid_t holder = ::fork();
    if (holder == 0) {
        const DataDirectory data(path_);
        ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(holder, &status, 0), holder);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_TRUE(std::filesystem::exists(path_ / "hubd.lock"));

    EXPECT_EQ(refusalOf(path_), "");
}

TEST_F(DataDirectoryTest, IsHeldOnAFullDiskToo) {
    const fakes::FullDisk full;
    const DataDirectory first(path_);
    EXPECT_EQ(refusalOf(path_), "cannot keep data in " + path_.string() +
                                    ": another hubd or import is using it (choose the folder with "
                                    "--data-dir)");
}

TEST_F(DataDirectoryTest, RefusesAFileInItsPlace) {
    std::ofstream(temporary_.path() / "a") << "a file";
    EXPECT_THAT(refusalOf(path_), HasSubstr("Not a directory"));
    EXPECT_THAT(refusalOf(path_), EndsWith("(choose the folder with --data-dir)"));
}

TEST_F(DataDirectoryTest, RefusesAFolderThatCannotBeWritten) {
    EXPECT_THAT(refusalOf("/proc"), HasSubstr("cannot keep data in /proc: "));
}

}  // namespace
}  // namespace hub::daemon
