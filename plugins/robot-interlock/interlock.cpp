#include "interlock.h"

#include "rule.h"

#include <utility>

namespace hub::robot_interlock {

namespace {

// The first robot that should have got the command and did not. One that is offline is none: it
// moves nowhere, and gets `unlock` when it is back.
std::optional<TargetOutcome> robotLeftOut(const CommandReceipt& receipt, const Devices& devices) {
    for (const TargetOutcome& target : receipt.targets) {
        if (isOpen(target.status)) continue;
        if (target.status == TargetStatus::Rejected) return target;
        const auto device = devices.find(target.device_id);
        if (device && device->online) return target;
    }
    return std::nullopt;
}

}  // namespace

Interlock::~Interlock() { stop(); }

void Interlock::start(Look look) {
    look_ = std::move(look);
    Lock lock(mutex_);
    (void)tryToLook(lock);  // the thread tries again
    thread_ = std::thread([this] { run(); });
}

void Interlock::restart(const EarlierRun& now) {
    const std::lock_guard lock(mutex_);
    const SteadyTime time = surroundings_.clock.steady();
    if (now.locked && wheels_ == Wheels::Free) wheels_ = Wheels::Unsure;
    // A pose may just have ended unseen.
    if (wheels_ != Wheels::Free || poses_.posing()) poses_.settle(time);
    poses_.restart(now.poses, time);
}

void Interlock::lost() noexcept {
    const std::lock_guard lock(mutex_);
    ++losses_;
    wake();
}

void Interlock::asked(const TargetKey& pose) {
    const std::lock_guard lock(mutex_);
    poses_.asked(pose, surroundings_.clock.steady());
    wake();
}

void Interlock::heard(const TargetKey& pose, TargetStatus status) {
    const std::lock_guard lock(mutex_);
    poses_.heard(pose, status, surroundings_.clock.steady());
    wake();
}

bool Interlock::posing() const {
    const std::lock_guard lock(mutex_);
    return poses_.posing();
}

std::optional<std::string> Interlock::objection() {
    const std::lock_guard lock(mutex_);
    if (blind()) return "whether a servo pose is under way cannot be seen just now: try again";
    if (!poses_.engaged(surroundings_.clock.steady())) return std::nullopt;
    return "a servo pose is under way: wheels stand still until 5 s after it";
}

Result<Registration> Interlock::engage() {
    Lock lock(mutex_);
    poses_.hold();
    wake();
    const std::uint64_t before = failures_;
    tried_.wait_for(lock, kEngagePatience,
                    [&] { return wheels_ == Wheels::Locked || failures_ != before || stopping_; });
    const bool locked = wheels_ == Wheels::Locked && !stopping_;
    std::string why = stopping_          ? "the hub is stopping"
                      : failure_.empty() ? "that takes too long"
                                         : failure_;
    lock.unlock();
    Registration hold([this] { release(); });
    if (locked) return hold;
    return Error{Error::Kind::Unavailable,
                 "the robots could not be locked, so no pose is struck: " + std::move(why)};
}

void Interlock::release() {
    const std::lock_guard lock(mutex_);
    poses_.release();
    wake();
}

Health Interlock::health() const {
    const std::lock_guard lock(mutex_);
    if (failure_.empty()) return {};
    return {Health::State::Degraded, failure_};
}

void Interlock::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake();
        tried_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

// Under the lock.
void Interlock::wake() noexcept {
    news_ = true;
    changed_.notify_one();
}

void Interlock::run() {
    Lock lock(mutex_);
    while (!stopping_) turn(lock);
    const bool locked = wheels_ != Wheels::Free;
    lock.unlock();
    if (locked) {
        surroundings_.logger.warning(
            "the hub stops in the middle of a pose: robots stay locked, and are freed when it runs "
            "again; if it does not, send unlock to them");
    }
}

void Interlock::turn(Lock& lock) {
    news_ = false;
    const SteadyTime now = surroundings_.clock.steady();
    const Wheels wanted = engaged(now) ? Wheels::Locked : Wheels::Free;
    if (!blind() && wheels_ == wanted) {
        failure_.clear();
        await(lock, poses_.nextChange(now));
    } else if (now < retry_at_) {
        await(lock, retry_at_);
    } else {
        attempt(lock);
    }
}

void Interlock::await(Lock& lock, std::optional<SteadyTime> until) {
    const auto news = [this] { return news_ || stopping_; };
    if (until) {
        changed_.wait_for(lock, *until - surroundings_.clock.steady(), news);
    } else {
        changed_.wait(lock, news);
    }
}

void Interlock::attempt(Lock& lock) {
    std::string failure = blind() ? tryToLook(lock) : "";
    // Only now, and with what it has seen.
    const bool wanted = engaged(surroundings_.clock.steady());
    std::string unsent;
    if (!stopping_ && wanted && wheels_ != Wheels::Locked) {
        unsent = send(lock, "lock", Wheels::Locked);
    } else if (!stopping_ && !wanted && wheels_ != Wheels::Free) {
        unsent = send(lock, "unlock", Wheels::Free);
    }
    // What is not wanted any more need not be done.
    if (!unsent.empty() && engaged(surroundings_.clock.steady()) == wanted) {
        failure = std::move(unsent);
    }
    if (failure_.empty() && !failure.empty()) {
        lock.unlock();
        surroundings_.logger.warning(failure + " (tried again every second)");
        lock.lock();
    }
    if (!failure.empty()) {
        ++failures_;
        retry_at_ = surroundings_.clock.steady() + kRetry;
    }
    failure_ = std::move(failure);
    tried_.notify_all();
}

std::string Interlock::tryToLook(Lock& lock) {
    const std::uint64_t losses = losses_;
    lock.unlock();
    const auto seen = look_();
    lock.lock();
    if (!seen) return "poses cannot be followed: " + seen.error().message;
    looked_behind_ = losses;
    return {};
}

// Whoever engages meanwhile waits for the next `lock`.
std::string Interlock::send(Lock& lock, const std::string& name, Wheels done) {
    const Wheels before = std::exchange(wheels_, Wheels::Unsure);
    lock.unlock();
    const auto sent = surroundings_.commands.submit(requestFor(name));
    std::string failure;
    if (!sent) {
        failure = name + " could not be sent to the robots: " + sent.error().message;
    } else if (const auto left_out = robotLeftOut(*sent, surroundings_.devices)) {
        failure = name + " did not reach robot " + left_out->device_id + ": " + left_out->reason;
    } else {
        surroundings_.logger.info(name + " sent to " + std::to_string(sent->targets.size()) +
                                  " robots");
    }
    lock.lock();
    if (!sent) {
        wheels_ = before;
    } else if (failure.empty()) {
        wheels_ = done;
    }
    return failure;
}

CommandRequest Interlock::requestFor(const std::string& name) {
    CommandRequest request;
    request.targets.by = CommandTargets::By::Type;
    request.targets.word = kWheelType;
    request.name = name;
    if (name == "unlock") {
        request.queue_offline = true;
        request.ttl = kUnlockPatience;
    }
    request.idempotency_key.append(kOwnKey)
        .append(formatTimestamp(surroundings_.clock.wall()))
        .append("/")
        .append(std::to_string(++requests_));
    return request;
}

}  // namespace hub::robot_interlock
