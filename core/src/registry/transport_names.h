#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace hub::registry {

// The names of the transports that devices have used: few, so that each device points at one. Any
// thread.
class TransportNames {
public:
    // The same text, as long as this lives.
    [[nodiscard]] const std::string& keep(std::string_view name) {
        const std::lock_guard lock(mutex_);
        const auto found = names_.find(name);
        return found != names_.end() ? *found : *names_.emplace(name).first;
    }

private:
    // Guarded by mutex_.
    std::mutex mutex_;
    std::set<std::string, std::less<>> names_;
};

}  // namespace hub::registry
