#include "daemon/pid_file.h"

#include "fakes/temporary_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace hub::daemon {
namespace {

class PidFileTest : public testing::Test {
protected:
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
    try {
        const PidFile file(nowhere);
        FAIL() << "it cannot be written";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), "cannot write the file with the process number " +
                                    nowhere.string() +
                                    ": No such file or directory (choose it with --pidfile)");
    }
}

}  // namespace
}  // namespace hub::daemon
