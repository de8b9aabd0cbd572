#include "daemon/pid_file.h"

#include "fakes/full_disk.h"
#include "fakes/temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace hub::daemon {
namespace {

class PidFileTest : public testing::Test {
protected:
    static std::string refusalOf(const std::filesystem::path& path) {
        try {
            const PidFile file(path);
            return "";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    }
    static std::string refusal(const std::filesystem::path& path, const std::string& why) {
        return "cannot write the file with the process number " + path.string() + ": " + why +
               " (choose it with --pidfile)";
    }
    std::string content() const {
        std::ifstream stream(path_);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    fakes::TemporaryFolder folder_;
    const std::filesystem::path path_ = folder_.path() / "hubd.pid";
};

TEST_F(PidFileTest, HoldsTheNumberOfThisProcessAndIsRemoved) {
    {
        const PidFile file(path_);
        EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
    }
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(PidFileTest, ReplacesWhatAnotherProcessHasLeft) {
    std::ofstream(path_) << "12345678901234567890\n";
    const PidFile file(path_);
    EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
}

TEST_F(PidFileTest, MayBeRemovedBySomebodyElse) {
    const PidFile file(path_);
    std::filesystem::remove(path_);
}

TEST_F(PidFileTest, RefusesAFolderThatIsMissing) {
    const std::filesystem::path nowhere = folder_.path() / "missing" / "hubd.pid";
    EXPECT_EQ(refusalOf(nowhere), refusal(nowhere, "No such file or directory"));
}

TEST_F(PidFileTest, RefusesTheFileOfAProcessThatLives) {
    {
        const PidFile first(path_);
        EXPECT_EQ(refusalOf(path_),
                  refusal(path_, "process " + std::to_string(::getpid()) + " holds it"));
        EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
    }
    EXPECT_EQ(refusalOf(path_), "");
}

TEST_F(PidFileTest, LeavesAloneWhatIsNoRegularFile) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(refusalOf(path_), refusal(path_, "it is no regular file"));
    EXPECT_TRUE(std::filesystem::is_fifo(path_));

    EXPECT_EQ(refusalOf("/dev/null"), refusal("/dev/null", "it is no regular file"));

    const std::filesystem::path link = folder_.path() / "link";
    std::filesystem::create_symlink(folder_.path() / "target", link);
    EXPECT_EQ(refusalOf(link), refusal(link, "it is no regular file"));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "target"));
}

TEST_F(PidFileTest, LeavesAloneAFileWithSomethingElseInIt) {
    std::ofstream(path_) << "4 devices\n";
    EXPECT_EQ(refusalOf(path_),
              refusal(path_, "there is something else in it than the number of a process"));
    EXPECT_EQ(content(), "4 devices\n");
}

TEST_F(PidFileTest, DoesNotRemoveTheFileOfAnotherInItsPlace) {
    {
        const PidFile file(path_);
        std::filesystem::remove(path_);
        std::ofstream(path_) << "4711\n";
    }
    EXPECT_EQ(content(), "4711\n");
}

TEST_F(PidFileTest, LeavesNothingBehindOnAFullDisk) {
    const fakes::FullDisk full;
    EXPECT_EQ(refusalOf(path_), refusal(path_, "File too large"));
    EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace hub::daemon
