#include "daemon/journal_target.h"

#include "fakes/datagram_receiver.h"
#include "fakes/manual_clock.h"
#include "fakes/temporary_folder.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace hub::daemon {
namespace {

class JournalTargetTest : public testing::Test {
protected:
    static LogLine line(LogLevel level, std::string message) {
        return {fakes::ManualClock::kStart, level, "ws-transport", std::move(message)};
    }
    static std::string entry(char priority, const std::string& message) {
        return std::string("PRIORITY=") + priority +
               "\nSYSLOG_IDENTIFIER=hubd\nHUB_LOGGER=ws-transport\nMESSAGE=" + message + "\n";
    }
    std::filesystem::path socket() const { return folder_.path() / "socket"; }

    fakes::TemporaryFolder folder_;
};

TEST_F(JournalTargetTest, SendsEachLineWithItsFields) {
    const fakes::DatagramReceiver journal(socket());
    JournalTarget target(socket());
    target.write(line(LogLevel::Info, "listening"));
    EXPECT_EQ(journal.next(), entry('6', "listening"));
    target.write(line(LogLevel::Debug, "m"));
    EXPECT_EQ(journal.next(), entry('7', "m"));
    target.write(line(LogLevel::Warning, "m"));
    EXPECT_EQ(journal.next(), entry('4', "m"));
    target.write(line(LogLevel::Error, "m"));
    EXPECT_EQ(journal.next(), entry('3', "m"));
    EXPECT_EQ(journal.next(), "");
}

TEST_F(JournalTargetTest, LosesLinesWhileNobodyReads) {
    const fakes::DatagramReceiver journal(socket());
    JournalTarget target(socket());
    for (int i = 0; i < 10'000; ++i) {
        target.write(line(LogLevel::Info, "chatter"));
    }
    int kept = 0;
    while (journal.next() == entry('6', "chatter")) {
        ++kept;
    }
    EXPECT_LT(kept, 10'000);

    target.write(line(LogLevel::Info, "back again"));
    EXPECT_EQ(journal.next(), "PRIORITY=4\nSYSLOG_IDENTIFIER=hubd\nHUB_LOGGER=log\nMESSAGE=" +
                                  std::to_string(10'000 - kept) +
                                  " lines lost: they could not be written\n");
    EXPECT_EQ(journal.next(), entry('6', "back again"));
}

TEST_F(JournalTargetTest, FindsAJournalThatWasRestarted) {
    auto journal = std::make_unique<fakes::DatagramReceiver>(socket());
    JournalTarget target(socket());
    journal.reset();
    std::filesystem::remove(socket());
    target.write(line(LogLevel::Info, "nobody hears it"));

    journal = std::make_unique<fakes::DatagramReceiver>(socket());
    target.write(line(LogLevel::Info, "again"));
    EXPECT_NE(journal->next(), "");  // of the line that was lost
    EXPECT_EQ(journal->next(), entry('6', "again"));
}

TEST_F(JournalTargetTest, RefusesWhenThereIsNoJournal) {
    try {
        const JournalTarget target(socket());
        FAIL() << "nobody listens there";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), "cannot write to the journal at " + socket().string() +
                                    ": No such file or directory");
    }
    EXPECT_THROW(JournalTarget(folder_.path() / std::string(200, 'x')), std::runtime_error);
}

}  // namespace
}  // namespace hub::daemon
