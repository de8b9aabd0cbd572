#include "daemon/file_target.h"

#include "fakes/manual_clock.h"
#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>

namespace hub::daemon {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class FileTargetTest : public testing::Test {
protected:
    static LogLine line(std::string message) {
        return {fakes::ManualClock::kStart, LogLevel::Info, "hub", std::move(message)};
    }
    static std::string written(std::string message) {
        return "2026-11-23T16:40:00.000Z info hub: " + std::move(message) + "\n";
    }

    std::filesystem::path path(const std::string& name = "hubd.log") const {
        return folder_.path() / name;
    }
    // What is in the file; "none" when there is no such file.
    std::string content(const std::string& name = "hubd.log") const {
        std::ifstream stream(path(name));
        return stream ? std::string(std::istreambuf_iterator<char>(stream), {}) : "none";
    }
    // Two lines fill a file.
    std::unique_ptr<FileTarget> smallFiles(std::size_t kept) const {
        return std::make_unique<FileTarget>(path(), LogFormat::Text,
                                            FileTarget::Rotation{2 * written("1").size(), kept});
    }
    std::string refusal() const {
        try {
            const FileTarget target(path(), LogFormat::Text, {4096, 1});
            return "";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    }

    fakes::TemporaryFolder folder_;
};

TEST_F(FileTargetTest, WritesBehindWhatIsThere) {
    FileTarget(path(), LogFormat::Text, {4096, 1}).write(line("from before"));
    FileTarget(path(), LogFormat::Json, {4096, 1}).write(line("listening"));
    FileTarget(path(), LogFormat::Text, {4096, 1}).write(line("again"));
    EXPECT_EQ(content(), written("from before") + formatLine(line("listening"), LogFormat::Json) +
                             written("again"));
}

TEST_F(FileTargetTest, LeavesAloneAFileThatIsNoLog) {
    for (const std::string& other :
         {std::string("SQLite format 3\0\20", 17), std::string("4711"), std::string("2026-11-23"),
          std::string("root:x:0:0:root:/root:/bin/bash\n")}) {
        std::ofstream(path(), std::ios::binary) << other;
        EXPECT_EQ(refusal(), "cannot write the log to " + path().string() +
                                 ": it is no log, and is left as it is (choose another file with "
                                 "log.file)");
        EXPECT_EQ(content(), other);
    }
}

TEST_F(FileTargetTest, KeepsOthersFromReading) {
    const FileTarget target(path(), LogFormat::Text, {4096, 1});
    EXPECT_EQ(std::filesystem::status(path()).permissions() & std::filesystem::perms::others_all,
              std::filesystem::perms::none);
}

TEST_F(FileTargetTest, RotatesAndKeepsTheNewestFiles) {
    const auto target = smallFiles(2);
    for (const char* message : {"1", "2", "3", "4", "5", "6", "7"}) {
        target->write(line(message));
    }
    EXPECT_EQ(content(), written("7"));
    EXPECT_EQ(content("hubd.log.1"), written("5") + written("6"));
    EXPECT_EQ(content("hubd.log.2"), written("3") + written("4"));
    EXPECT_EQ(content("hubd.log.3"), "none");
}

TEST_F(FileTargetTest, RotatesAFileThatWasFullAtTheStart) {
    const std::string full = written(std::string(4000, 'x'));
    std::ofstream(path()) << full;
    smallFiles(1)->write(line("1"));
    EXPECT_EQ(content(), written("1"));
    EXPECT_EQ(content("hubd.log.1"), full);
}

TEST_F(FileTargetTest, BeginsAgainWhenNoOldFilesAreKept) {
    const auto target = smallFiles(0);
    for (const char* message : {"1", "2", "3"}) {
        target->write(line(message));
    }
    EXPECT_EQ(content(), written("3"));
    EXPECT_EQ(content("hubd.log.1"), "none");
}

TEST_F(FileTargetTest, GrowsOnWhereItCannotRotate) {
    const auto target = smallFiles(1);
    std::filesystem::create_directories(path("hubd.log.1") / "in the way");
    for (const char* message : {"1", "2", "3"}) {
        target->write(line(message));
    }
    EXPECT_EQ(content(), written("1") + written("2") + written("3"));
}

TEST_F(FileTargetTest, OpensItsFileAgainWhenItWasMovedAway) {
    FileTarget target(path(), LogFormat::Text, {4096, 1});
    target.write(line("old"));
    std::filesystem::rename(path(), path("moved"));
    target.write(line("still old"));
    target.reopen();
    target.write(line("new"));

    EXPECT_EQ(content("moved"), written("old") + written("still old"));
    EXPECT_EQ(content(), written("new"));
}

TEST_F(FileTargetTest, GoesOnWithTheOldFileWhenANewOneCannotBeOpened) {
    FileTarget target(path(), LogFormat::Text, {4096, 1});
    std::filesystem::rename(path(), path("moved"));
    std::filesystem::create_directory(path());
    target.reopen();
    target.write(line("here"));

    EXPECT_THAT(content("moved"),
                HasSubstr("warning log: cannot write the log to " + path().string() +
                          ": Is a directory; the file opened "
                          "before goes on\n"));
    EXPECT_THAT(content("moved"), EndsWith(written("here")));
}

// A limit of the process stands for the disk: writing beyond it writes a part, then nothing.
TEST_F(FileTargetTest, LosesLinesWhileTheDiskIsFull) {
    FileTarget target(path(), LogFormat::Text, {1024 * 1024, 1});
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{written("1").size() + 10, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    for (const char* message : {"1", "2", "3"}) {
        target.write(line(message));
    }
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(content(), written("1"));

    target.write(line("4"));
    EXPECT_EQ(content(), written("1") +
                             "2026-11-23T16:40:00.000Z warning log: 2 lines lost: they could not "
                             "be written\n" +
                             written("4"));
}

TEST_F(FileTargetTest, RefusesWhatIsNoFile) {
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    EXPECT_THAT(refusal(), StartsWith("cannot write the log to " + path().string() + ": "));
    std::filesystem::remove(path());
    std::filesystem::create_directory(path());
    EXPECT_EQ(refusal(), "cannot write the log to " + path().string() + ": Is a directory");
}

TEST_F(FileTargetTest, RefusesAFolderThatIsMissing) {
    EXPECT_THROW(FileTarget(path("missing") / "hubd.log", LogFormat::Text, {4096, 1}),
                 std::runtime_error);
}

}  // namespace
}  // namespace hub::daemon
