#include "interlock.h"

#include "rule.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace hub::robot_interlock {

namespace {

bool isWaitedFor(const CommandReceipt& receipt) {
    return std::ranges::any_of(receipt.targets, [](const TargetOutcome& target) {
        return target.status == TargetStatus::Queued;
    });
}

}  // namespace

Interlock::Interlock(const InterlockSurroundings& surroundings, const EarlierRun& earlier)
    : surroundings_(surroundings), locked_(earlier.locked), unlock_(earlier.unlock) {
    const SteadyTime now = surroundings_.clock.steady();
    for (const TargetKey& pose : earlier.poses) poses_.heard(pose, TargetStatus::Sent, now);
    if (locked_) poses_.settle(now);
    thread_ = std::thread([this] { run(); });
}

Interlock::~Interlock() { stop(); }

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

bool Interlock::engaged() {
    const std::lock_guard lock(mutex_);
    return poses_.engaged(surroundings_.clock.steady());
}

bool Interlock::posing() const {
    const std::lock_guard lock(mutex_);
    return poses_.posing();
}

Result<Registration> Interlock::engage() {
    Lock lock(mutex_);
    poses_.hold();
    wake();
    const std::uint64_t before = failures_;
    tried_.wait_for(lock, kEngagePatience,
                    [&] { return locked_ || failures_ != before || stopping_; });
    const bool locked = locked_;
    std::string why = failure_.empty() ? "that takes too long, or the hub is stopping" : failure_;
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

void Interlock::post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
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
void Interlock::wake() {
    news_ = true;
    changed_.notify_one();
}

void Interlock::run() {
    Lock lock(mutex_);
    while (!stopping_) turn(lock);
    if (locked_) unlockRobots(lock);
}

void Interlock::turn(Lock& lock) {
    news_ = false;
    runTasks(lock);
    const SteadyTime now = surroundings_.clock.steady();
    const bool wanted = poses_.engaged(now);
    if (wanted == locked_) failure_.clear();
    if (wanted == locked_ || now < retry_at_) {
        const auto news = [this] { return news_ || stopping_; };
        const auto next = wanted == locked_ ? poses_.nextChange(now) : std::optional(retry_at_);
        if (next) {
            changed_.wait_for(lock, *next - now, news);
        } else {
            changed_.wait(lock, news);
        }
    } else if (wanted) {
        lockRobots(lock);
    } else {
        unlockRobots(lock);
    }
}

void Interlock::runTasks(Lock& lock) {
    const auto tasks = std::exchange(tasks_, {});
    if (tasks.empty()) return;
    lock.unlock();
    for (const auto& task : tasks) {
        try {
            task();
        } catch (const std::exception& error) {
            surroundings_.logger.error(std::string("the hub does not tell how commands end: ") +
                                       error.what() + "; wheels may stay locked until it restarts");
        }
    }
    lock.lock();
}

void Interlock::lockRobots(Lock& lock) {
    // One that still waits for robots to come would free them in the middle of the pose.
    if (const std::string unlock = std::exchange(unlock_, {}); !unlock.empty()) {
        lock.unlock();
        (void)surroundings_.commands.cancel(unlock);
        lock.lock();
    }
    locked_ = send(lock, requestFor("lock")).has_value();
    tried_.notify_all();
}

// Whoever engages meanwhile waits for the next `lock`.
void Interlock::unlockRobots(Lock& lock) {
    locked_ = false;
    CommandRequest request = requestFor("unlock");
    request.queue_offline = true;
    request.ttl = kUnlockPatience;
    const auto sent = send(lock, request);
    if (sent && isWaitedFor(*sent)) unlock_ = sent->record.command.id;
    locked_ = !sent;
    tried_.notify_all();
}

std::optional<CommandReceipt> Interlock::send(Lock& lock, const CommandRequest& request) {
    const bool failed_before = !failure_.empty();
    const char* const next =
        stopping_ ? " (the next run of the hub does it)" : " (tried again every second)";
    lock.unlock();
    auto sent = surroundings_.commands.submit(request);
    std::string failure;
    if (sent) {
        surroundings_.logger.info(request.name + " sent to " +
                                  std::to_string(sent->targets.size()) + " robots");
    } else {
        failure = request.name + " could not be sent to the robots: " + sent.error().message;
        if (!failed_before) surroundings_.logger.warning(failure + next);
    }
    lock.lock();
    failure_ = std::move(failure);
    if (sent) return std::move(sent).value();
    ++failures_;
    retry_at_ = surroundings_.clock.steady() + kRetry;
    return std::nullopt;
}

CommandRequest Interlock::requestFor(std::string_view name) {
    CommandRequest request;
    request.targets.by = CommandTargets::By::Type;
    request.targets.word = kWheelType;
    request.name = name;
    request.idempotency_key.append(kOwnKey)
        .append(formatTimestamp(surroundings_.clock.wall()))
        .append("/")
        .append(std::to_string(++requests_));
    return request;
}

}  // namespace hub::robot_interlock
