// `kill -9` while the store writes: everything it had taken is there, nothing is half there.
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "shell.h"
#include "sqlite_history.h"
#include "sqlite_store.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <stdexcept>
#include <string>

namespace hub::sqlite_store {
namespace {

constexpr int kRounds = 8;

// A crash_writer, killed when this ends.
class Victim {
public:
    Victim(const std::filesystem::path& file, int seed) {
        int ends[2];
        if (::pipe(ends) != 0) {
            throw std::runtime_error("cannot make a pipe");
        }
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, ends[0]);
        std::string program = CRASH_WRITER;
        std::string path = file.string();
        std::string number = std::to_string(seed);
        char* arguments[] = {program.data(), path.data(), number.data(), nullptr};
        const int failure =
            ::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        acks_ = ::fdopen(ends[0], "r");
        if (failure != 0 || acks_ == nullptr) {
            throw std::runtime_error("cannot run " + program);
        }
    }
    ~Victim() {
        kill();
        std::fclose(acks_);
    }
    Victim(const Victim&) = delete;
    Victim& operator=(const Victim&) = delete;

    // The number of the next acknowledged batch, 0 when there are no more.
    Sequence nextAck() {
        unsigned long number = 0;
        return std::fscanf(acks_, "%lu", &number) == 1 ? number : 0;
    }

    void kill() {
        if (process_ != 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
            process_ = 0;
        }
    }

private:
    pid_t process_ = 0;
    std::FILE* acks_ = nullptr;
};

TEST(SqliteStoreCrash, WhatWasTakenIsThereAfterAKill) {
    const fakes::TemporaryFolder folder;
    const auto file = folder.path() / "hub.db";
    std::mt19937 random(5);
    for (int round = 0; round < kRounds; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        Sequence acknowledged = 0;
        {
            Victim victim(file, round);
            for (auto acks = 1 + random() % 60; acks > 0; --acks) {
                acknowledged = victim.nextAck();
                ASSERT_NE(acknowledged, 0U) << "the writer must not end by itself";
            }
            victim.kill();
            while (const Sequence late = victim.nextAck()) {
                acknowledged = late;
            }
        }
        fakes::RecordingLogger logger;
        SqliteStore store(file, logger);
        const Recovery recovered = store.recover();
        EXPECT_GE(recovered.last_sequence, acknowledged);
        EXPECT_EQ(recovered.devices.size(), 20U);

        Shell shell(file);
        EXPECT_EQ(shell.value("PRAGMA integrity_check"), "ok");
        const std::string last = std::to_string(recovered.last_sequence);
        EXPECT_EQ(shell.value("SELECT count(*), min(seq), max(seq) FROM (SELECT seq FROM state"
                              " UNION ALL SELECT seq FROM connection"
                              " UNION ALL SELECT seq FROM event"
                              " UNION ALL SELECT seq FROM command_target"
                              " UNION ALL SELECT seq FROM command)"),
                  last + "|1|" + last);
        EXPECT_EQ(std::to_string(static_cast<std::uint64_t>(recovered.last_command)),
                  shell.value("SELECT count(*) FROM command"));
        EXPECT_EQ(shell.value("SELECT count(*) FROM command c WHERE target_count <> 1 OR 2 <>"
                              " (SELECT count(*) FROM command_target WHERE command = c.number)"),
                  std::to_string(recovered.commands.size()));
        EXPECT_EQ(shell.rows("SELECT s.seq FROM state s WHERE prev <> (SELECT coalesce(max(seq), 0)"
                             " FROM state WHERE device = s.device AND seq < s.seq)"
                             " AND s.seq > " +
                             last + " - 500"),
                  std::vector<std::string>{});
    }
}

}  // namespace
}  // namespace hub::sqlite_store
