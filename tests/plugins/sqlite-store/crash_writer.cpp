// Appends batches of any size to a store for ever, and prints the last number of each once the
// store has taken it: something to be killed.
//
//   crash_writer FILE SEED
#include "contract/event_story.h"
#include "fakes/recording_logger.h"
#include "sqlite_store.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: crash_writer FILE SEED\n");
        return 2;
    }
    hub::fakes::RecordingLogger logger;
    hub::sqlite_store::SqliteStore store(argv[1], logger, {.heads_interval = 1000});
    const hub::Recovery recovery = store.recover();
    std::mt19937 random(static_cast<unsigned>(std::atoi(argv[2])));
    hub::contract::EventStory story(recovery.last_sequence, recovery.last_time,
                                    recovery.last_command);
    for (unsigned i = 0; i < 20; ++i) {
        static_cast<void>(story.reports("device-" + std::to_string(i), "{}"));
    }
    while (true) {
        for (auto events = 1 + random() % 300; events > 0; --events) {
            const std::string device = "device-" + std::to_string(random() % 20);
            if (random() % 10 == 0) {
                story.connects(device);
            } else if (random() % 10 == 0) {
                story.says(device, "alert");
            } else if (random() % 5 == 0) {
                const auto command = story.records({}, 1);
                story.stands(command, device, hub::TargetStatus::Sent);
                story.stands(command, device, hub::TargetStatus::AckSuccess);
            } else {
                story.reports(device, std::string(1 + random() % 2000, 'x'));
            }
        }
        if (!store.append(story.take()).ok()) {
            return 1;
        }
        const std::string line = std::to_string(story.sequence()) + "\n";
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) {
            return 1;
        }
    }
}
