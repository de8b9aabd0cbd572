// Presence under random schedules: links open, speak, fall silent, break and take over, operators
// kick and forget, the hub crashes, and what the hub asks of the links is carried out late and in
// any order. After each step the registry is compared with a plain model of PROTOCOL's rules.
#include "fakes/fake_store.h"
#include "fakes/manual_clock.h"
#include "metrics/metric_registry.h"
#include "registry/device_registry.h"
#include "router/event_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace hub::registry {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 3> kNames{"a", "b", "c"};
constexpr std::size_t kThreads = 2;
constexpr int kSteps = 150;

class Silence final : public Logger {
    void log(LogLevel, std::string_view) noexcept override {}
    [[nodiscard]] bool enabled(LogLevel) const noexcept override { return false; }
};

// What the hub has asked of links and nobody has carried out yet; in order for each link.
class LateTransport final : public Transport {
public:
    using Order = std::optional<OfflineReason>;  // nothing: granted

    [[nodiscard]] std::string_view name() const noexcept override { return "late"; }
    [[nodiscard]] Delivery deliver(LinkId, const Command&) override {
        return Delivery::Unreachable;
    }
    void disconnect(LinkId link, OfflineReason reason) noexcept override {
        orders[link].push_back(reason);
    }
    void granted(LinkId link) noexcept override { orders[link].push_back(std::nullopt); }
    void durable(LinkId, AckTag) noexcept override {}

    std::map<LinkId, std::deque<Order>> orders;
};

struct Hub {
    Hub(const Clock& clock, const Recovery& recovery, PresenceTimeouts timeouts)
        : log(1 << 20, clock, metrics),
          registry(log, clock, silence, metrics,
                   {.timeouts = std::move(timeouts), .forget_limit = 0ms}) {
        log.retain(recovery.last_sequence, recovery.last_time);
        registry.restore(recovery);
        for (auto& sink : sinks) sink = registry.openSink([] {});
    }

    Silence silence;
    metrics::MetricRegistry metrics;
    router::EventLog log;
    DeviceRegistry registry;
    std::array<std::unique_ptr<EventSink>, kThreads> sinks;
};

struct Link {
    LinkId id;
    std::string device;
    SteadyTime opened;
    SteadyTime heard;
    std::size_t thread;
    std::unique_ptr<DeviceSession> session;  // once it has spoken
    bool may_be_kicked = false;
};

// One life of a device in the model, from its first registration until it is forgotten.
struct Life {
    DeviceIndex index{};
    LinkId holder{};  // 0: none
    LinkId waiter{};
    bool online = false;
    OfflineReason reason = OfflineReason::None;
    std::optional<Timestamp> seen;
    std::optional<Timestamp> heartbeat;
    bool lives = false;  // it was heard of since the store was told
};

struct Objection {
    std::string text;
};

std::string wordFor(EventKind kind, std::string_view name, OfflineReason reason) {
    std::string word(name);
    if (kind == EventKind::Disconnected) word.append(":").append(toString(reason));
    return word;
}

class Schedule {
public:
    explicit Schedule(std::uint32_t seed) : random_(seed) { start(); }
    ~Schedule() { links_.clear(); }

    // What went wrong, or "".
    std::string run() {
        try {
            for (int i = 0; i < kSteps; ++i) {
                step();
                compareDevices();
            }
            settle();
        } catch (const Objection& objection) {
            return objection.text;
        }
        return "";
    }

    [[nodiscard]] std::string story() const {
        std::string all;
        for (const std::string& line : story_) all += line + "\n";
        return all;
    }

private:
    static constexpr LinkId kNone{};

    std::size_t pick(std::size_t count) { return random_() % count; }
    std::string anyName() { return kNames[pick(kNames.size())]; }
    Link* anyLink() { return links_.empty() ? nullptr : links_[pick(links_.size())].get(); }
    Link* linkOf(LinkId id) {
        const auto found = std::ranges::find(links_, id, [](const auto& link) { return link->id; });
        return found == links_.end() ? nullptr : found->get();
    }
    Life* known(const std::string& name) {
        const auto found = known_.find(name);
        return found == known_.end() ? nullptr : &found->second;
    }
    static std::string show(const Link& link) {
        return link.device + "/" + std::to_string(static_cast<std::uint64_t>(link.id));
    }
    void note(std::string line) { story_.push_back(std::move(line)); }
    static void require(bool holds, const std::string& rule) {
        if (!holds) throw Objection{rule};
    }

    void start() {
        hub_.emplace(clock_, store_.recover(),
                     PresenceTimeouts{.all = 90s, .by_type = {}, .by_device = {{"b", 30s}}});
    }

    void step() {
        switch (pick(22)) {
            case 0:
            case 1:
            case 2:
                return openLink();
            case 3:
            case 4:
            case 5:
            case 6:
                if (Link* const link = anyLink()) speak(*link);
                return;
            case 7:
                if (Link* const link = anyLink()) ping(*link);
                return;
            case 8:
            case 9:
                return letTimePass();
            case 10:
                if (Link* const link = anyLink()) end(*link, OfflineReason::Closed);
                return;
            case 11:
                if (Link* const link = anyLink()) end(*link, OfflineReason::Lost);
                return;
            case 12:
                return kick(anyName());
            case 13:
                return forget(anyName());
            case 14:
            case 15:
            case 16:
            case 17:
                return carryOutOrder();
            case 18:
                note("flush");
                (void)hub_->sinks[pick(kThreads)]->flush();
                return;
            case 19:
                return commit();
            case 20:
                return keepSignsOfLife();
            default:
                if (pick(6) == 0) crash();
        }
    }

    void openLink() {
        // Time moves on between any two links, so that the newer one is known.
        clock_.advance(1ms);
        auto link = std::make_unique<Link>();
        link->id = LinkId{++last_link_};
        link->device = anyName();
        link->opened = link->heard = clock_.steady();
        link->thread = pick(kThreads);
        note("open " + show(*link));
        links_.push_back(std::move(link));
    }

    static DeviceMessage registration() {
        return {.type = MessageType::Registration,
                .name = "registration",
                .document = "{}",
                .device_type = "lamp"};
    }

    void speak(Link& link) {
        note("speak " + show(link));
        link.heard = clock_.steady();
        if (!link.session) return speakFirst(link);
        static const Reading reading{"{}", std::nullopt};
        const DeviceMessage message{
            .type = MessageType::Status, .name = "status", .readings = {&reading, 1}};
        const bool taken = link.session->publish(message, AckTag::None);
        Life* const life = lifeHeldBy(link);
        require(taken == (life != nullptr), "only the device's holder may publish");
        if (life) {
            expectOnline(*life);
            expected_[life->index].push_back("status");
        }
    }

    void speakFirst(Link& link) {
        DeviceRegistry& registry = hub_->registry;
        auto opened = static_cast<Devices&>(registry).open(
            link.device, {transport_, link.id, "", link.opened}, registration(), AckTag::None,
            *hub_->sinks[link.thread]);
        if (leaving_.contains(link.device)) {
            require(!opened.ok(), "no link may open while its device is being forgotten");
            link.may_be_kicked = true;
            return;
        }
        require(opened.ok(), "a registration opens a session");
        link.session = std::move(opened).value();
        spoken_[link.device].push_back(link.opened);
        if (!known(link.device)) known_[link.device].index = DeviceIndex{next_index_++};
        Life& life = known_[link.device];
        if (life.holder == kNone) {
            life.holder = link.id;
            expectRegistration(life);
        } else {
            const Link* const newest = linkOf(life.waiter == kNone ? life.holder : life.waiter);
            if (newest->opened < link.opened) life.waiter = link.id;
        }
        require(link.session->active() == (life.holder == link.id),
                "a session is active when it holds the device");
        require(link.session->timeout() == (link.device == "b" ? 30s : 90s), "a wrong timeout");
    }

    // It has published something.
    void expectOnline(Life& life) {
        if (!life.online) expected_[life.index].push_back("connected");
        life.online = true;
        life.reason = OfflineReason::None;
        expectSeen(life);
    }

    void expectRegistration(Life& life) {
        expectOnline(life);
        expected_[life.index].push_back("registration");
        life.heartbeat = life.seen;
    }

    void expectSeen(Life& life) {
        life.lives = true;
        life.seen = clock_.wall();
    }

    void ping(Link& link) {
        note("ping " + show(link));
        link.heard = clock_.steady();
        if (!link.session) return;
        link.session->seen();
        Life* const life = lifeHeldBy(link);
        if (life && life->online) expectSeen(*life);
    }

    void letTimePass() {
        clock_.advance(std::chrono::seconds(pick(50)));
        note("time passes");
        for (std::size_t i = 0; i < links_.size();) {
            Link& link = *links_[i];
            const bool silent =
                link.session && clock_.steady() - link.heard >= link.session->timeout();
            if (silent) {
                end(link, OfflineReason::Timeout);
            } else {
                ++i;
            }
        }
    }

    void end(Link& link, OfflineReason reason) {
        note("end " + show(link) + " " + std::string(toString(reason)));
        const LinkId id = link.id;
        const std::string name = link.device;
        if (link.session && (reason != OfflineReason::Lost || pick(2) == 0)) {
            link.session->end(reason);
            require(!link.session->active(), "an ended session is not active");
        }
        std::erase_if(links_, [id](const auto& one) { return one->id == id; });
        transport_.orders.erase(id);
        if (Life* const life = known(name)) expectEnd(*life, id, reason, false);
        if (const auto left = leaving_.find(name); left != leaving_.end()) {
            expectEnd(left->second, id, reason, true);
            if (left->second.holder == kNone && left->second.waiter == kNone) {
                expected_[left->second.index].push_back("forgotten");
                leaving_.erase(left);
            }
        }
    }

    void expectEnd(Life& life, LinkId id, OfflineReason reason, bool forgotten) {
        if (life.waiter == id) life.waiter = kNone;
        if (life.holder != id) return;
        if (life.online) {
            expected_[life.index].push_back("disconnected:" + std::string(toString(reason)));
            life.online = false;
            life.reason = reason;
        }
        life.holder = forgotten ? kNone : std::exchange(life.waiter, kNone);
    }

    void kick(const std::string& name) {
        note("kick " + name);
        const Result<void> kicked = hub_->registry.kick(name);
        const Life* const life = known(name);
        if (!life) {
            require(!kicked.ok() && kicked.error().kind == Error::Kind::NotFound, "kick: unknown");
        } else if (life->holder == kNone) {
            require(!kicked.ok() && kicked.error().kind == Error::Kind::Refused, "kick: offline");
        } else {
            require(kicked.ok(), "a device that is online can be kicked");
            allowKick(name);
        }
    }

    void forget(const std::string& name) {
        note("forget " + name);
        const Result<void> forgotten = hub_->registry.forget(name);
        Life* const life = known(name);
        require(!forgotten.ok(), "nothing is stored yet");
        require(forgotten.error().kind == (life ? Error::Kind::Unavailable : Error::Kind::NotFound),
                "forget: a wrong kind of error");
        if (!life) return;
        if (life->holder == kNone) {
            expected_[life->index].push_back("forgotten");
        } else {
            leaving_[name] = *life;
            allowKick(name);
        }
        known_.erase(name);
    }

    void allowKick(const std::string& name) {
        for (const auto& link : links_) {
            if (link->device == name && link->session) link->may_be_kicked = true;
        }
    }

    void carryOutOrder() {
        std::vector<LinkId> waiting;
        for (const auto& [link, orders] : transport_.orders) {
            if (!orders.empty()) waiting.push_back(link);
        }
        if (!waiting.empty()) carryOutOrderOf(waiting[pick(waiting.size())]);
    }

    void carryOutOrderOf(LinkId id) {
        const LateTransport::Order order = transport_.orders[id].front();
        transport_.orders[id].pop_front();
        Link* const link = linkOf(id);
        require(link != nullptr, "an ended link is asked for something");
        if (!order) return beGranted(*link);
        if (*order == OfflineReason::Kicked) require(link->may_be_kicked, "kicked by nobody");
        if (*order == OfflineReason::TakenOver) {
            require(std::ranges::max(spoken_[link->device]) > link->opened,
                    "taken over by an older link");
        }
        end(*link, *order);
    }

    void beGranted(Link& link) {
        note("granted " + show(link));
        Life* const life = lifeHeldBy(link);
        require(life != nullptr, "granted without being the holder");
        require(link.session->publish(registration(), AckTag::None), "a granted session publishes");
        expectRegistration(*life);
    }

    // The life that it holds, be it known or leaving.
    Life* lifeHeldBy(const Link& link) {
        Life* const life = known(link.device);
        if (life && life->holder == link.id) return life;
        const auto left = leaving_.find(link.device);
        const bool leaves = left != leaving_.end() && left->second.holder == link.id;
        return leaves ? &left->second : nullptr;
    }

    void commit() {
        note("commit");
        std::vector<Event> events;
        (void)hub_->log.wait(events, 1'000'000, 0s);
        if (events.empty()) return;
        (void)store_.append(events);
        hub_->log.advance(events.back().sequence);
    }

    void keepSignsOfLife() {
        note("keep signs of life");
        const std::vector<SignOfLife> signs = hub_->registry.takeSignsOfLife();
        std::map<DeviceIndex, std::optional<Timestamp>> expected;
        for (auto& [name, life] : known_) {
            if (std::exchange(life.lives, false)) expected[life.index] = life.seen;
        }
        require(signs.size() == expected.size(), "other signs of life than expected");
        for (const SignOfLife& sign : signs) {
            require(expected.contains(sign.device) && expected[sign.device] == sign.seen,
                    "a wrong sign of life");
        }
        (void)store_.noteLife(signs);
    }

    // What was not committed is lost, with every link.
    void crash() {
        note("crash");
        // Their ends go into a log that nobody reads any more.
        links_.clear();
        transport_.orders.clear();
        hub_.reset();
        checkStored(true);
        known_.clear();
        leaving_.clear();
        spoken_.clear();
        const Recovery stored = store_.recover();
        next_index_ = static_cast<std::uint32_t>(stored.next_device);
        for (const Device& device : stored.devices) {
            Life life;
            life.index = device.index;
            life.seen = device.last_seen;
            life.heartbeat = device.last_heartbeat;
            life.reason = device.offline_reason;
            if (device.online) {
                life.reason = OfflineReason::HubRestarted;
                expected_[device.index].push_back("disconnected:hub_restarted");
            }
            require(!known(device.id), "one id, two devices");
            known_[device.id] = life;
        }
        start();
    }

    void compareDevices() {
        require(hub_->registry.count() == known_.size(), "another number of devices");
        for (const char* const name : kNames) {
            const std::optional<Device> device = hub_->registry.find(name);
            const Life* const life = known(name);
            require(device.has_value() == (life != nullptr), std::string(name) + " is known");
            if (!life) continue;
            require(device->index == life->index, std::string(name) + " has another number");
            require(device->online == life->online, std::string(name) + " is online or not");
            require(device->offline_reason == life->reason, std::string(name) + ": why offline");
            require(device->last_seen == life->seen, std::string(name) + ": last seen");
        }
    }

    // Everything that was asked for is done and stored: what is left is simple.
    void settle() {
        note("settle");
        for (bool more = true; more;) {
            more = false;
            for (std::size_t i = 0; i < links_.size() && !more; ++i) {
                const LinkId id = links_[i]->id;
                more = !transport_.orders[id].empty();
                if (more) carryOutOrderOf(id);
            }
        }
        compareDevices();
        require(leaving_.empty(), "a device is still being forgotten");
        std::map<std::string, int> sessions;
        for (const auto& link : links_) {
            if (!link->session) continue;
            require(++sessions[link->device] == 1, "two sessions of one device");
            require(link->session->active(), "the session that is left is not active");
        }
        for (const auto& sink : hub_->sinks) (void)sink->flush();
        commit();
        checkStored(false);
        for (const Device& stored : store_.recover().devices) {
            const std::optional<Device> device = hub_->registry.find(stored.id);
            require(device && device->online == stored.online &&
                        device->offline_reason == stored.offline_reason,
                    "the registry and the events tell different stories of " + stored.id);
        }
    }

    // The stored events of each number are those expected, in their order; of a hub that crashed,
    // the first of them.
    void checkStored(bool crashed) {
        std::map<DeviceIndex, std::vector<std::string>> stored;
        for (const fakes::StoredEvent& event : store_.events()) {
            stored[event.device].push_back(wordFor(event.kind, event.name, event.reason));
        }
        for (auto& [index, words] : expected_) {
            std::vector<std::string>& found = stored[index];
            const std::string number = std::to_string(static_cast<std::uint32_t>(index));
            if (crashed) words.resize(std::min(words.size(), found.size()));
            require(words == found, "other events of number " + number + ":" + joined(found) +
                                        " where there should be" + joined(words));
            checkLife(found, number);
        }
        if (crashed) std::erase_if(expected_, [](const auto& one) { return one.second.empty(); });
    }

    static void checkLife(const std::vector<std::string>& words, const std::string& number) {
        bool online = false;
        for (const std::string& word : words) {
            require(word == "forgotten" || online == (word != "connected"),
                    "the events of number " + number + " do not alternate:" + joined(words));
            require(word != "forgotten" || (!online && &word == &words.back()),
                    "something beside or behind the last event of number " + number);
            online = word != "forgotten" && !word.starts_with("disconnected");
        }
    }

    static std::string joined(const std::vector<std::string>& words) {
        std::string text;
        for (const std::string& word : words) text += " " + word;
        return text;
    }

    std::mt19937 random_;
    std::vector<std::string> story_;
    fakes::ManualClock clock_;
    fakes::FakeStore store_;
    LateTransport transport_;
    std::optional<Hub> hub_;
    std::vector<std::unique_ptr<Link>> links_;  // before the hub they end in
    std::uint64_t last_link_ = 0;

    // The model.
    std::map<std::string, Life> known_;
    std::map<std::string, Life> leaving_;                    // forgotten, and held still
    std::map<std::string, std::vector<SteadyTime>> spoken_;  // when links that spoke were opened
    std::map<DeviceIndex, std::vector<std::string>> expected_;
    std::uint32_t next_index_ = 0;
};

TEST(PresenceModel, HoldsUnderEverySchedule) {
    constexpr std::uint32_t kSeeds = 2000;
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
        Schedule schedule(seed);
        const std::string objection = schedule.run();
        ASSERT_EQ(objection, "") << "seed " << seed << ":\n" << schedule.story();
    }
}

}  // namespace
}  // namespace hub::registry
