#pragma once

#include "commands/change.h"
#include "commands/command_id.h"
#include "commands/submission.h"
#include "hub/device.h"
#include "hub/event.h"
#include "hub/registration.h"
#include "router/event_log.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub::commands {

// What has come for the ledger thread.
struct News {
    struct Acknowledgement {
        DeviceIndex device{};
        bool succeeded = true;
        std::array<char, kCommandIdLength> id{};
        std::size_t response_begin = 0;  // in `responses`, with the reason behind it
        std::size_t response_size = 0;
        std::size_t reason_size = 0;
    };

    std::vector<std::shared_ptr<Submission>> submissions;
    std::vector<std::shared_ptr<Cancellation>> cancellations;
    std::vector<std::shared_ptr<Farewell>> farewells;
    std::vector<Acknowledgement> acknowledgements;
    std::string responses;
    std::size_t dropped_acknowledgements = 0;  // there was no room for them
    std::vector<DeviceIndex> online;           // came online
    bool many_online = false;                  // more than are listed

    [[nodiscard]] ChangeTexts textsOf(const Acknowledgement& ack) const noexcept {
        const std::string_view from = std::string_view(responses).substr(ack.response_begin);
        return {.reason = from.substr(ack.response_size, ack.reason_size),
                .response = from.substr(0, ack.response_size)};
    }
    // Forgets all of it; the memory is kept for what comes next, unless it is much.
    void clear();
};

// The way to the ledger thread: bounded, and a short lock for whoever puts something in. It also
// wakes that thread when what it waits for has become durable. Any thread, but for `take`.
class Inbox {
public:
    // An acknowledgement that finds so much waiting is not taken.
    static constexpr std::size_t kMaxAckBytes = 16 * 1024 * 1024;
    // Of more devices that came online it is only known that there were more.
    static constexpr std::size_t kMaxOnline = 65'536;

    // `log` must outlive it.
    explicit Inbox(router::EventLog& log);

    // Closed at first: then everything is refused.
    void open();
    void close();

    // False: refused.
    [[nodiscard]] bool add(std::shared_ptr<Submission> submission);
    [[nodiscard]] bool add(std::shared_ptr<Cancellation> cancellation);
    [[nodiscard]] bool add(std::shared_ptr<Farewell> farewell);
    // Takes nothing that does not look like the id of a command.
    void acknowledged(DeviceIndex device, std::string_view id, bool succeeded,
                      const ChangeTexts& texts);
    void cameOnline(DeviceIndex device);
    // Whether anything waits for a device to come online: otherwise that is no news. To be said
    // before a device that is waited for is found offline.
    void wantOnline(bool wanted) noexcept { wants_online_ = wanted; }
    // Has `take` return.
    void poke();

    // What the ledger thread waits for beside news.
    struct Interest {
        static constexpr Sequence kNone = std::numeric_limits<Sequence>::max();

        Sequence durable = kNone;  // this to be durable, or the log to stall
        bool room = false;         // the log not to be full any more
        std::optional<std::chrono::nanoseconds> patience;  // this time to be over
    };
    // Waits for any of it, then exchanges `news`, which is cleared, for what has come. False once
    // the inbox is closed: that was the last.
    [[nodiscard]] bool take(News& news, const Interest& interest);

private:
    template <class Item>
    [[nodiscard]] bool push(std::vector<Item>& list, Item item);
    [[nodiscard]] bool reached(const Interest& interest) const noexcept;
    void onLogMoved();

    // Constant after construction.
    router::EventLog& log_;

    std::atomic<bool> wants_online_ = false;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable changed_;
    News news_;
    Interest interest_;
    bool something_ = false;  // has come since `take`
    bool open_ = false;

    const Registration subscription_;  // last: it calls what stands above
};

}  // namespace hub::commands
