#pragma once

#include "core/http/front_door_fixture.h"
#include "core/net/mailbox.h"
#include "hub/http.h"

#include <future>
#include <string>
#include <utility>

namespace hub::http {

// Keeps one call of a handler, or of what else runs on a worker, waiting until the test has seen
// to everything that is to happen meanwhile.
class HeldHandler {
public:
    // The handler answers `text` in the end.
    explicit HeldHandler(std::string text = {}) : text_(std::move(text)) {}

    // Must outlive its route, as this must.
    [[nodiscard]] HttpHandler handler() {
        return [this](const HttpRequest&) {
            hold();
            return said(text_);
        };
    }

    // The worker's part, once: returns after `release`.
    void hold() {
        called_.put("called");
        released_.get_future().wait();
    }

    // Returns when the call is held.
    void awaitCall() { called_.take(); }
    void release() { released_.set_value(); }

private:
    const std::string text_;
    net::Mailbox called_;
    std::promise<void> released_;
};

}  // namespace hub::http
