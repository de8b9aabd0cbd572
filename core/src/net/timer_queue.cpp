#include "net/timer_queue.h"

#include "net/timer.h"

#include <cstdint>

namespace hub::net {

void TimerQueue::bringForward(Timer& timer) {
    switch (timer.place_) {
        case Timer::Place::Nowhere:
            waiting_.push_back({timer.at_, &timer});
            timer.place_ = Timer::Place::Waiting;
            return rise(waiting_.size() - 1, {timer.at_, &timer});
        case Timer::Place::Waiting:
            if (timer.at_ < waiting_[timer.slot_].at) rise(timer.slot_, {timer.at_, &timer});
            return;
        case Timer::Place::Due:
            return;
    }
}

void TimerQueue::remove(Timer& timer) noexcept {
    switch (timer.place_) {
        case Timer::Place::Nowhere:
            return;
        case Timer::Place::Waiting:
            return erase(timer.slot_);
        case Timer::Place::Due:
            due_[timer.slot_] = nullptr;
            return;
    }
}

void TimerQueue::run(SteadyTime now) {
    while (!empty() && next() <= now) {
        Timer& timer = *waiting_.front().timer;
        erase(0);
        timer.place_ = Timer::Place::Due;
        timer.slot_ = static_cast<std::uint32_t>(due_.size());
        due_.push_back(&timer);
    }
    // One that is called may destroy others, which takes them out of the list.
    for (std::size_t i = 0; i < due_.size(); ++i) {
        if (due_[i] == nullptr) continue;
        Timer& timer = *due_[i];
        timer.place_ = Timer::Place::Nowhere;
        if (!timer.armed_) continue;
        if (timer.at_ > now) {
            bringForward(timer);
        } else {
            timer.armed_ = false;
            timer.call_(timer.function_);
        }
    }
    due_.clear();
}

void TimerQueue::put(std::size_t slot, const Entry& entry) noexcept {
    waiting_[slot] = entry;
    entry.timer->slot_ = static_cast<std::uint32_t>(slot);
}

// Puts `entry` at `slot`, or before those above it that are later.
void TimerQueue::rise(std::size_t slot, const Entry& entry) noexcept {
    while (slot > 0) {
        const std::size_t parent = (slot - 1) / 2;
        if (waiting_[parent].at <= entry.at) break;
        put(slot, waiting_[parent]);
        slot = parent;
    }
    put(slot, entry);
}

// Puts `entry` at `slot`, or behind those below it that are earlier.
void TimerQueue::sink(std::size_t slot, const Entry& entry) noexcept {
    for (std::size_t child = 2 * slot + 1; child < waiting_.size(); child = 2 * slot + 1) {
        if (child + 1 < waiting_.size() && waiting_[child + 1].at < waiting_[child].at) ++child;
        if (entry.at <= waiting_[child].at) break;
        put(slot, waiting_[child]);
        slot = child;
    }
    put(slot, entry);
}

void TimerQueue::erase(std::size_t slot) noexcept {
    waiting_[slot].timer->place_ = Timer::Place::Nowhere;
    const Entry last = waiting_.back();
    waiting_.pop_back();
    if (slot == waiting_.size()) return;
    if (slot > 0 && last.at < waiting_[(slot - 1) / 2].at) {
        rise(slot, last);
    } else {
        sink(slot, last);
    }
}

}  // namespace hub::net
