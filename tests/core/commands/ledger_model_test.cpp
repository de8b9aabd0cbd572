// Commands under random schedules: recorded for any devices, committed late, delivered to devices
// that are there, gone or full, refused, acknowledged in and out of time, taken back, forgotten,
// and the hub restarts at any step. After each step the ledger's changes are compared with those of
// a model that is as plain as PROTOCOL's words: it keeps everything and looks through all of it.
#include "commands/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hub::commands {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 4000;
constexpr int kSteps = 120;
constexpr std::uint32_t kDevices = 5;
constexpr std::array<std::chrono::milliseconds, 3> kAckTimeouts{1ms, 50ms, 400ms};
constexpr std::array<std::chrono::milliseconds, 3> kTtls{1ms, 100ms, 2s};

std::string secondsOf(std::optional<Timestamp> time) {
    return time ? std::to_string(time->time_since_epoch().count()) : "never";
}

// A change as one line, whichever side it comes from.
std::string lineOf(CommandNumber number, DeviceIndex device, TargetStatus status, bool late,
                   bool first, std::string_view text, const CommandProgress& progress) {
    std::string line = std::to_string(static_cast<std::uint64_t>(number)) + "/" +
                       std::to_string(static_cast<std::uint32_t>(device)) + " ";
    line.append(toString(status)).append(late ? " late" : "").append(first ? " first" : "");
    line.append(" '").append(text).append("' of ").append(toString(progress.status));
    line +=
        " " + std::to_string(progress.success_count) + "/" + std::to_string(progress.target_count);
    line += " executed " + secondsOf(progress.executed);
    line += " completed " + secondsOf(progress.completed);
    return line;
}

std::vector<std::string> linesOf(const Changes& changes) {
    std::vector<std::string> lines;
    for (const Change& change : changes) {
        if (change.kind == EventKind::CommandRecorded) continue;
        const auto& [reason, response] = change.texts;
        lines.push_back(lineOf(change.record->number, change.device, change.told.target,
                               change.told.late, change.first, response.empty() ? reason : response,
                               change.told.progress));
    }
    return lines;
}

struct ModelTarget {
    DeviceIndex device{};
    TargetStatus status = TargetStatus::Pending;
    Timestamp since{};  // when it came to stand so
    bool ever_sent = false;
    bool given_up = false;  // pending at a restart: it may have been sent, and is not sent again
};

struct ModelCommand {
    CommandRecord record;
    bool committed = false;
    std::vector<ModelTarget> targets;
    std::optional<Timestamp> executed;
    std::optional<Timestamp> completed;
};

class Model {
public:
    std::map<CommandNumber, ModelCommand> commands;
    Timestamp now{1000s};
    std::vector<std::string> lines;

    void record(const CommandRecord& record, const std::vector<Recipient>& recipients) {
        ModelCommand& command = commands[record.number];
        command.record = record;
        for (const Recipient& recipient : recipients) command.targets.push_back({recipient.device});
        for (std::size_t i = 0; i < recipients.size(); ++i) {
            begin(command, command.targets[i], recipients[i]);
        }
    }

    ModelTarget* target(CommandNumber number, DeviceIndex device) {
        const auto found = commands.find(number);
        if (found == commands.end()) return nullptr;
        for (ModelTarget& target : found->second.targets) {
            if (target.device == device) return &target;
        }
        return nullptr;
    }

    std::vector<CommandNumber> sendable(DeviceIndex device) {
        std::vector<CommandNumber> numbers;
        for (auto& [number, command] : commands) {
            const ModelTarget* const one = target(number, device);
            if (!one || !waits(*one)) continue;
            if (!command.committed) break;
            numbers.push_back(number);
        }
        return numbers;
    }

    void deliver(CommandNumber number, DeviceIndex device, Delivery delivery) {
        ModelTarget* const one = target(number, device);
        if (!one || !waits(*one)) return;
        ModelCommand& command = commands[number];
        if (delivery == Delivery::Accepted) return move(command, *one, TargetStatus::Sent, "");
        if (one->status == TargetStatus::Queued) return;
        if (command.record.ttl > 0ms) return move(command, *one, TargetStatus::Queued, "");
        move(command, *one, TargetStatus::Unreachable,
             delivery == Delivery::Busy ? Ledger::kQueueFull : Ledger::kOffline);
    }

    void reject(CommandNumber number, DeviceIndex device, std::string_view reason) {
        ModelTarget* const one = target(number, device);
        if (one && waits(*one)) move(commands[number], *one, TargetStatus::Rejected, reason);
    }

    void acknowledge(CommandNumber number, DeviceIndex device, bool succeeded) {
        ModelTarget* const one = target(number, device);
        if (!one) return;
        ModelCommand& command = commands[number];
        const TargetStatus status = succeeded ? TargetStatus::AckSuccess : TargetStatus::AckError;
        if (!isOpen(one->status)) return tell(command, device, status, true, "{}");
        if (one->status != TargetStatus::Sent) move(command, *one, TargetStatus::Sent, "");
        move(command, *one, status, "{}");
    }

    void cancel(CommandNumber number) {
        const auto found = commands.find(number);
        if (found == commands.end()) return;
        std::vector<ModelTarget*> open;
        for (ModelTarget& one : found->second.targets) {
            if (isOpen(one.status)) open.push_back(&one);
        }
        std::ranges::sort(open, {}, [](const ModelTarget* one) { return one->device; });
        for (ModelTarget* one : open) {
            move(found->second, *one, TargetStatus::Cancelled, "cancelled");
        }
    }

    void forget(DeviceIndex device) {
        for (auto& [number, command] : commands) {
            for (ModelTarget& one : command.targets) {
                if (one.device == device && isOpen(one.status)) {
                    move(command, one, TargetStatus::Cancelled, "forgotten");
                }
            }
        }
    }

    void expire() {
        for (auto due = earliest(); due && due->at <= now; due = earliest()) {
            const bool queued = due->target->status == TargetStatus::Queued;
            const bool unknown = due->target->status == TargetStatus::Pending;
            move(*due->command, *due->target,
                 queued ? TargetStatus::Expired : TargetStatus::Timeout,
                 unknown ? Ledger::kSendingUnknown : "");
        }
    }

    std::optional<Timestamp> nextDeadline() {
        const auto due = earliest();
        return due ? std::optional(due->at) : std::nullopt;
    }

    // What a store would give back. What was pending is queued again if it is kept,
    // and otherwise not sent any more.
    std::vector<OpenCommand> restart() {
        std::vector<OpenCommand> recovered;
        for (auto& [number, command] : commands) {
            OpenCommand open;
            open.record = command.record;
            for (const ModelTarget& one : command.targets) {
                ++open.counts.by_status[static_cast<std::size_t>(one.status)];
                open.counts.ever_sent += one.ever_sent ? 1 : 0;
                if (isOpen(one.status)) open.targets.push_back({one.device, one.status, one.since});
            }
            open.progress = progressOf(command);
            if (!open.targets.empty()) recovered.push_back(open);
            command.committed = true;
            for (ModelTarget& one : command.targets) {
                if (one.status != TargetStatus::Pending) continue;
                if (command.record.ttl > 0ms) {
                    one.status = TargetStatus::Queued;
                    tell(command, one.device, one.status, false, "");
                } else {
                    one.given_up = true;
                }
            }
        }
        return recovered;
    }

    [[nodiscard]] std::size_t open() const {
        std::size_t count = 0;
        for (const auto& [number, command] : commands) {
            count += static_cast<std::size_t>(std::ranges::count_if(
                command.targets, [](const ModelTarget& one) { return isOpen(one.status); }));
        }
        return count;
    }

private:
    struct Due {
        Timestamp at;
        ModelCommand* command;
        ModelTarget* target;
    };

    static bool waits(const ModelTarget& one) {
        return !one.given_up &&
               (one.status == TargetStatus::Pending || one.status == TargetStatus::Queued);
    }

    std::optional<Due> earliest() {
        std::optional<Due> due;
        for (auto& [number, command] : commands) {
            for (ModelTarget& one : command.targets) {
                if (!isOpen(one.status) || (one.status == TargetStatus::Pending && !one.given_up)) {
                    continue;
                }
                const Timestamp at =
                    one.since + (one.status == TargetStatus::Queued ? command.record.ttl
                                                                    : command.record.ack_timeout);
                if (!due || at < due->at) due = Due{at, &command, &one};
            }
        }
        return due;
    }

    void begin(ModelCommand& command, ModelTarget& one, const Recipient& recipient) {
        if (recipient.status != TargetStatus::Pending) {
            move(command, one, recipient.status, recipient.reason, true);
        } else {
            one.since = now;
            tell(command, one.device, one.status, false, "", true);
        }
    }

    void move(ModelCommand& command, ModelTarget& one, TargetStatus to, std::string_view text,
              bool first = false) {
        one.status = to;
        one.since = now;
        if (to == TargetStatus::Sent) {
            one.ever_sent = true;
            if (!command.executed) command.executed = now;
        }
        if (std::ranges::none_of(command.targets,
                                 [](const ModelTarget& any) { return isOpen(any.status); })) {
            command.completed = now;
        }
        tell(command, one.device, to, false, text, first);
    }

    // PROTOCOL 5, read out.
    static CommandStatus wholeOf(const ModelCommand& command) {
        const auto count = [&command](TargetStatus status) {
            return std::ranges::count(command.targets, status, &ModelTarget::status);
        };
        const auto some = [&count](TargetStatus status) { return count(status) > 0; };
        const auto all = std::ssize(command.targets);
        if (all == 0) return CommandStatus::NoDevices;
        if (some(TargetStatus::Pending) || some(TargetStatus::Queued) || some(TargetStatus::Sent)) {
            if (std::ranges::any_of(command.targets, &ModelTarget::ever_sent)) {
                return CommandStatus::Sent;
            }
            return some(TargetStatus::Queued) ? CommandStatus::Queued : CommandStatus::Pending;
        }
        if (some(TargetStatus::AckError)) return CommandStatus::AckError;
        if (count(TargetStatus::AckSuccess) == all) return CommandStatus::AckSuccess;
        if (some(TargetStatus::AckSuccess)) return CommandStatus::Partial;
        TargetStatus most = TargetStatus::Timeout;
        for (const TargetStatus other : {TargetStatus::Expired, TargetStatus::Unreachable,
                                         TargetStatus::Cancelled, TargetStatus::Rejected}) {
            if (count(other) > count(most)) most = other;
        }
        return commandStatusFrom(toString(most)).value();
    }

    static CommandProgress progressOf(const ModelCommand& command) {
        CommandProgress progress;
        progress.status = wholeOf(command);
        progress.executed = command.executed;
        progress.completed = command.completed;
        progress.target_count = static_cast<std::uint32_t>(command.targets.size());
        progress.success_count = static_cast<std::uint32_t>(
            std::ranges::count(command.targets, TargetStatus::AckSuccess, &ModelTarget::status));
        return progress;
    }

    void tell(const ModelCommand& command, DeviceIndex device, TargetStatus status, bool late,
              std::string_view text, bool first = false) {
        lines.push_back(
            lineOf(command.record.number, device, status, late, first, text, progressOf(command)));
    }
};

class Schedule {
public:
    explicit Schedule(std::uint64_t seed) : random_(seed) {}

    void run() {
        for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
            const int what = below(100);
            if (what < 20) {
                record();
            } else if (what < 35) {
                commit();
            } else if (what < 60) {
                flush(device());
            } else if (what < 75) {
                acknowledge();
            } else if (what < 78) {
                cancel();
            } else if (what < 80) {
                forget();
            } else if (what < 82) {
                restart();
            } else {
                passTime();
            }
            compare(step);
        }
    }

private:
    int below(int end) { return std::uniform_int_distribution(0, end - 1)(random_); }
    bool oneIn(int count) { return below(count) == 0; }
    DeviceIndex device() { return DeviceIndex{static_cast<std::uint32_t>(below(kDevices))}; }
    // One that was recorded, or the next one that will be.
    CommandNumber command() { return CommandNumber{std::uint64_t(below(int(last_) + 1)) + 1}; }
    static std::string idOf(CommandNumber number) {
        return "id-" + std::to_string(static_cast<std::uint64_t>(number));
    }
    [[nodiscard]] Moment now() const {
        return {SteadyTime(model_.now.time_since_epoch()), model_.now};
    }

    void record() {
        CommandRecord record;
        record.number = CommandNumber{++last_};
        record.command = {idOf(record.number), "turn", "{}"};
        record.created = model_.now;
        record.ack_timeout = kAckTimeouts[std::size_t(below(3))];
        const bool keep = oneIn(2);
        if (keep) record.ttl = kTtls[std::size_t(below(3))];
        std::vector<Recipient>& recipients = recipients_;
        recipients.clear();
        for (std::uint32_t i = 0; i < kDevices; ++i) {
            if (oneIn(2)) recipients.push_back({.device = DeviceIndex{i}});
        }
        if (recipients.empty()) recipients.push_back({.device = device()});
        std::ranges::shuffle(recipients, random_);
        for (Recipient& recipient : recipients) {
            if (oneIn(3)) continue;
            if (oneIn(4)) {
                recipient.status = TargetStatus::Rejected;
                recipient.reason = "guarded";
            } else if (oneIn(2)) {
                recipient.status = keep ? TargetStatus::Queued : TargetStatus::Unreachable;
                recipient.reason = keep ? "" : "offline";
            }
        }
        ledger_.record(std::make_shared<const CommandRecord>(record), recipients, now(), changes_);
        model_.record(record, recipients);
    }

    // Commits come in the order of recording.
    void commit() {
        for (auto& [number, command] : model_.commands) {
            if (command.committed) continue;
            command.committed = true;
            ledger_.committed(number);
            return;
        }
    }

    // Sends what waits, until the device takes no more.
    void flush(DeviceIndex to) {
        CommandNumber after{};
        for (const CommandNumber number : model_.sendable(to)) {
            const auto next = ledger_.nextToSend(to, after);
            ASSERT_TRUE(next.has_value());
            ASSERT_EQ(next->record.number, number);
            ASSERT_EQ(next->queued, model_.target(number, to)->status == TargetStatus::Queued);
            after = number;
            if (oneIn(8)) {
                ledger_.rejected(number, to, "guarded", now(), changes_);
                model_.reject(number, to, "guarded");
                continue;
            }
            const Delivery delivery = oneIn(6)   ? Delivery::Busy
                                      : oneIn(5) ? Delivery::Unreachable
                                                 : Delivery::Accepted;
            ledger_.delivered(number, to, delivery, now(), changes_);
            model_.deliver(number, to, delivery);
            if (delivery != Delivery::Accepted) return;
        }
        ASSERT_FALSE(ledger_.nextToSend(to, after).has_value());
    }

    void acknowledge() {
        const CommandNumber number = command();
        const DeviceIndex from = device();
        const bool succeeded = !oneIn(4);
        const auto known = ledger_.acknowledged(idOf(number), from, succeeded, {.response = "{}"},
                                                now(), changes_);
        // Closed ones of an earlier run are looked up elsewhere.
        if (known == Ledger::Known::Unknown) {
            const ModelTarget* const one = model_.target(number, from);
            EXPECT_TRUE(one == nullptr || !isOpen(one->status));
            return;
        }
        EXPECT_EQ(known == Ledger::Known::Yes, model_.target(number, from) != nullptr);
        model_.acknowledge(number, from, succeeded);
    }

    void cancel() {
        const CommandNumber number = command();
        ledger_.cancel(number, "cancelled", now(), changes_);
        model_.cancel(number);
    }

    void forget() {
        const DeviceIndex gone = device();
        ledger_.cancelAllOf(gone, "forgotten", now(), changes_);
        model_.forget(gone);
    }

    void restart() {
        ledger_ = Ledger();
        for (const OpenCommand& open : model_.restart()) ledger_.restore(open, now(), changes_);
    }

    void passTime() {
        model_.now += std::chrono::milliseconds(oneIn(3) ? below(500) : below(20));
        while (ledger_.expire(now(), 3, changes_)) {
        }
        model_.expire();
        // Of two that end at the same time either may be told first; by then all have.
        any_order_ = true;
    }

    void compare(int step) {
        std::vector<std::string> told = linesOf(changes_);
        if (any_order_) {
            expectSameEnds(told, step);
        } else {
            EXPECT_EQ(told, model_.lines) << "step " << step;
        }
        any_order_ = false;
        changes_.clear();
        model_.lines.clear();
        EXPECT_EQ(ledger_.open(), model_.open());
        const auto deadline = ledger_.nextDeadline();
        const auto expected = model_.nextDeadline();
        ASSERT_EQ(deadline.has_value(), expected.has_value());
        if (deadline) {
            EXPECT_EQ(deadline->time_since_epoch(), expected->time_since_epoch());
        }
        for (std::uint32_t i = 0; i < kDevices; ++i) {
            const auto sendable = model_.sendable(DeviceIndex{i});
            const auto next = ledger_.nextToSend(DeviceIndex{i}, CommandNumber{});
            ASSERT_EQ(next.has_value(), !sendable.empty());
            if (next) {
                EXPECT_EQ(next->record.number, sendable.front());
            }
        }
    }

    // Each device ended as in the model, and each command's last word is the same.
    void expectSameEnds(const std::vector<std::string>& told, int step) {
        const auto ends = [](const std::vector<std::string>& lines) {
            std::vector<std::string> heads;
            std::map<std::string, std::string> last;
            for (const std::string& line : lines) {
                heads.push_back(line.substr(0, line.find(" of ")));
                last[line.substr(0, line.find('/'))] = line.substr(line.find(" of "));
            }
            std::ranges::sort(heads);
            for (const auto& [number, word] : last) heads.push_back(number + word);
            return heads;
        };
        EXPECT_EQ(ends(told), ends(model_.lines)) << "step " << step;
    }

    std::mt19937_64 random_;
    Ledger ledger_;
    Model model_;
    std::vector<Recipient> recipients_;  // of the last command: viewed by changes
    Changes changes_;
    std::uint64_t last_ = 0;
    bool any_order_ = false;
};

TEST(LedgerModel, RandomSchedulesEndAsPlainRulesSay) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Schedule(seed).run();
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace hub::commands
