#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hub::ctl {

// One event of a stream of Server-Sent Events.
struct StreamEvent {
    std::string name;  // "" for one that has none
    std::string data;  // its lines, joined with line feeds
};

// Reads the events of a text/event-stream (HTML Living Standard, 9.2.6), however it is cut into
// pieces. A stream may hold an event back without end: bound what is given before next() has one.
class EventStreamParser {
public:
    // The next bytes of the stream.
    void take(std::string_view piece) { text_ += piece; }

    // The next event that is complete; nothing until there is one. One without data is none.
    [[nodiscard]] std::optional<StreamEvent> next();

    // The number of bytes that were given and belong to no complete event yet.
    [[nodiscard]] std::size_t pending() const noexcept {
        return text_.size() - read_ + event_.data.size();
    }
    // What the stream has set last as its `id`, to resume behind; "" if nothing.
    [[nodiscard]] const std::string& lastId() const noexcept { return last_id_; }

private:
    [[nodiscard]] std::optional<std::string_view> nextLine();
    void takeField(std::string_view name, std::string_view value);

    std::string text_;       // given
    std::size_t read_ = 0;   // of it
    StreamEvent event_;      // being read
    bool has_data_ = false;  // the event
    std::string id_;         // that the next dispatch makes the last one
    std::string last_id_;
};

}  // namespace hub::ctl
