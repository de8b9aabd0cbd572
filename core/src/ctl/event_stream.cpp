#include "ctl/event_stream.h"

#include <utility>

namespace hub::ctl {

std::optional<StreamEvent> EventStreamParser::next() {
    while (const auto line = nextLine()) {
        if (line->empty()) {
            last_id_ = id_;
            StreamEvent event = std::exchange(event_, {});
            if (std::exchange(has_data_, false)) return event;
            continue;
        }
        // A line without a colon is a name alone; one space behind the colon is not of the value.
        const std::size_t colon = line->find(':');
        std::string_view value;
        if (colon != std::string_view::npos) value = line->substr(colon + 1);
        if (value.starts_with(' ')) value.remove_prefix(1);
        takeField(line->substr(0, colon), value);
    }
    text_.erase(0, std::exchange(read_, 0));
    return std::nullopt;
}

// Lines end with CR LF, LF or CR. A CR that is the last byte so far waits for the next one.
std::optional<std::string_view> EventStreamParser::nextLine() {
    const std::size_t begin = read_;
    const std::size_t end = text_.find_first_of("\r\n", begin);
    if (end == std::string::npos) return std::nullopt;
    read_ = end + 1;
    if (text_[end] == '\r') {
        if (read_ == text_.size()) {
            read_ = begin;
            return std::nullopt;
        }
        if (text_[read_] == '\n') ++read_;
    }
    return std::string_view(text_).substr(begin, end - begin);
}

void EventStreamParser::takeField(std::string_view name, std::string_view value) {
    if (name == "event") {
        event_.name = value;
    } else if (name == "data") {
        if (std::exchange(has_data_, true)) event_.data += '\n';
        event_.data += value;
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
        id_ = value;
    }
}

}  // namespace hub::ctl
