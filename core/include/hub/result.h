#pragma once

#include <string>
#include <utility>
#include <variant>

namespace hub {

// Why something expected did not work. The message is one sentence an operator can act on: what
// was attempted, on what, and what to do.
struct Error {
    enum class Kind {
        Invalid,      // the caller's input is wrong: repeating it is no use
        NotFound,     // what was named does not exist
        Refused,      // understood, and not allowed now
        Unavailable,  // cannot be done now, for instance because the disk is full: try again
    };

    Kind kind = Kind::Invalid;
    std::string message;
};

// A value, or the error that stands in its place. Used for failures that are expected while the hub
// runs; starting up throws instead.
//
// Reading the value of a failed result (or the error of a good one) throws
// std::bad_variant_access: ask `ok()` first.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    [[nodiscard]] T& value() & { return std::get<0>(state_); }
    [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
    [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
    [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : state_(std::move(error)) {}

    [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
    [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<std::monostate, Error> state_;
};

}  // namespace hub
