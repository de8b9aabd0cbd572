#include "net/loop.h"

#include "net/connection_set.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <future>
#include <limits>
#include <system_error>

namespace hub::net {
namespace {

Descriptor checked(int descriptor, const char* attempt) {
    if (descriptor < 0) throw std::system_error(errno, std::system_category(), attempt);
    return Descriptor{descriptor};
}

}  // namespace

Loop::Loop(const Clock& clock, std::size_t index)
    : clock_(clock),
      index_(index),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "cannot create an epoll descriptor")),
      alarm_(checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "cannot create an eventfd")),
      now_(clock.steady()),
      buffer_(std::make_unique<char[]>(kTailRoom + kReadBytes + kSlack)),
      connections_(std::make_unique<ConnectionSet>()) {
    // Edge-triggered, so that it need not be read: every write is one wake-up.
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    if (::epoll_ctl(epoll_.value(), EPOLL_CTL_ADD, alarm_.value(), &event) < 0) {
        throw std::system_error(errno, std::system_category(), "cannot watch an eventfd");
    }
}

Loop::~Loop() { connections_->abortAll(); }

void Loop::run() {
    thread_ = std::this_thread::get_id();
    while (!stopping_) turn();
    finish();
    thread_ = std::thread::id{};
}

void Loop::stop() noexcept {
    stopping_ = true;
    signal();
}

bool Loop::post(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) return false;
        inbox_.push_back(std::move(task));
    }
    signal();
    return true;
}

bool Loop::call(const std::function<void()>& task) {
    assert(!onThread());
    // Shared: the loop may still be in `set_value` when the caller has seen it and gone on.
    const auto done = std::make_shared<std::promise<void>>();
    if (!post([&task, done] {
            task();
            done->set_value();
        })) {
        return false;
    }
    done->get_future().wait();
    return true;
}

void Loop::wake() noexcept {
    if (!wake_asked_.exchange(true)) signal();
}

// Either this thread sees that the loop is asleep, or the loop, before it sleeps, sees the signal:
// both flags are sequentially consistent.
void Loop::signal() noexcept {
    if (signalled_.exchange(true) || !asleep_) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(alarm_.value(), &one, sizeof one);
}

bool Loop::onThread() const noexcept { return thread_ == std::this_thread::get_id(); }

void Loop::turn() {
    wait();
    now_ = clock_.steady();
    if (wake_asked_.exchange(false) && on_wake_) on_wake_();
    servePollables();
    timers_.run(now_);
    runTasks();
    connections_->offerTails();
    connections_->tellEnds();
    if (on_turn_end_) on_turn_end_();
    connections_->flush();
}

void Loop::wait() {
    asleep_ = true;
    const int timeout = signalled_ || connections_->pending() ? 0 : timeoutMilliseconds();
    const int count =
        ::epoll_wait(epoll_.value(), batch_.data(), static_cast<int>(batch_.size()), timeout);
    asleep_ = false;
    signalled_ = false;
    events_ = std::span(batch_).first(static_cast<std::size_t>(std::max(count, 0)));
}

int Loop::timeoutMilliseconds() const {
    if (timers_.empty()) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.next() - clock_.steady());
    constexpr std::int64_t kLongest = std::numeric_limits<int>::max();
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kLongest));
}

void Loop::servePollables() {
    for (const epoll_event& event : events_) {
        if (event.data.ptr == nullptr) continue;  // the alarm, or a pollable that went meanwhile
        static_cast<Pollable*>(event.data.ptr)->onReady(event.events);
    }
    events_ = {};
}

void Loop::runTasks() {
    {
        const std::lock_guard lock(mutex_);
        tasks_.swap(inbox_);
    }
    for (const auto& task : tasks_) task();
    tasks_.clear();
}

void Loop::finish() {
    {
        const std::lock_guard lock(mutex_);
        tasks_.swap(inbox_);
        ended_ = true;
    }
    for (const auto& task : tasks_) task();
    tasks_.clear();
    connections_->abortAll();
    if (on_turn_end_) on_turn_end_();
}

void Loop::add(int descriptor, std::uint32_t events, Pollable& pollable) {
    control(EPOLL_CTL_ADD, descriptor, events, pollable);
}

void Loop::change(int descriptor, std::uint32_t events, Pollable& pollable) {
    control(EPOLL_CTL_MOD, descriptor, events, pollable);
}

void Loop::control(int operation, int descriptor, std::uint32_t events, Pollable& pollable) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &pollable;
    if (::epoll_ctl(epoll_.value(), operation, descriptor, &event) < 0) {
        throw std::system_error(errno, std::system_category(), "cannot watch a descriptor");
    }
}

void Loop::remove(int descriptor, Pollable& pollable) noexcept {
    ::epoll_ctl(epoll_.value(), EPOLL_CTL_DEL, descriptor, nullptr);
    for (epoll_event& event : events_) {
        if (event.data.ptr == &pollable) event.data.ptr = nullptr;
    }
}

std::span<char> Loop::readBuffer() noexcept { return {buffer_.get() + kTailRoom, kReadBytes}; }

}  // namespace hub::net
