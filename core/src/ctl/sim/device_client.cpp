#include "ctl/sim/device_client.h"

#include "ctl/printable.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace hub::ctl::sim {

DeviceClient::DeviceClient(FleetContext& context, std::unique_ptr<SimulatedDevice> device)
    : context_(context),
      device_(std::move(device)),
      number_(context.unfinished++),
      backoff_(static_cast<std::minstd_rand::result_type>(context.random())),
      timer_(context.loop, [this] { onTimer(); }) {}

void DeviceClient::start() { queue(); }

void DeviceClient::queue() {
    state_ = State::Queued;
    context_.handshakes.request([this] { dial(); });
}

void DeviceClient::dial() {
    state_ = State::Dialling;
    auto dial =
        Dial::begin(context_.loop, context_.endpoint, sourceFor(context_.endpoint, number_), *this);
    if (!dial) return attemptFailed(dial.error().message);
    dial_ = std::move(*dial);
    arm(context_.loop.now() + kHandshakeLimit);
}

void DeviceClient::onConnected(net::Descriptor descriptor) {
    state_ = State::Handshaking;
    dial_.reset();
    try {
        link_ = &ClientLink::begin(context_.loop, std::move(descriptor),
                                   {context_.authority, device_->id()}, context_.random, *this);
    } catch (const std::system_error& error) {
        attemptFailed(error.what());
    }
}

void DeviceClient::onRefused(std::string reason) { attemptFailed(reason); }

void DeviceClient::attemptFailed(std::string_view reason) {
    dial_.reset();
    if (finishing_) {
        end();
    } else {
        ++context_.statistics.failed_attempts;
        if (!connected_before_ && !std::exchange(failed_before_, true)) {
            ++context_.statistics.never_in;
        }
        context_.statistics.last_failure = printable(reason);
        rest();
    }
    context_.handshakes.done();
}

void DeviceClient::rest() {
    state_ = State::Resting;
    arm(context_.loop.now() + backoff_.next());
}

void DeviceClient::end() {
    state_ = State::Ended;
    timer_.disarm();
    if (--context_.unfinished == 0) context_.all_finished();
}

void DeviceClient::onOpen() {
    state_ = State::Open;
    opened_at_ = context_.loop.now();
    context_.handshakes.done();
    ++context_.statistics.online;
    ++context_.statistics.connects;
    if (std::exchange(connected_before_, true)) {
        ++context_.statistics.reconnects;
    } else if (failed_before_) {
        --context_.statistics.never_in;
    }
    device_->onOpen(opened_at_, *this);
    act();
}

void DeviceClient::onText(std::string_view text) {
    Statistics& statistics = context_.statistics;
    const auto message = context_.reader.read(text);
    if (!message || message->kind == HubMessage::Kind::Error) {
        ++statistics.errors;
        statistics.last_error = printable(message ? message->error : text);
    }
    if (!message) return;
    if (message->kind == HubMessage::Kind::Command) ++statistics.commands_received;
    device_->onMessage(*message, context_.loop.now(), *this);
    act();
    if (finishing_ && device_->waiting() == 0) closeLink();
}

void DeviceClient::onDrained() { act(); }

void DeviceClient::act() {
    const SteadyTime now = context_.loop.now();
    const SteadyTime device_next = device_->onTime(now, *this);
    arm(std::min(device_next, link_->onTime(now)));
}

void DeviceClient::onEnd(std::string_view reason) {
    const bool was_open = state_ == State::Open;
    link_ = nullptr;
    if (!was_open) return attemptFailed(reason);

    --context_.statistics.online;
    if (context_.loop.now() - opened_at_ >= kProven) backoff_.reset();
    if (finishing_) return end();
    context_.statistics.last_failure = printable(reason);
    rest();
}

void DeviceClient::onTimer() {
    armed_for_ = SteadyTime::max();
    switch (state_) {
        case State::Resting:
            return queue();
        case State::Dialling:
            return attemptFailed("no answer within 10 s");
        case State::Handshaking:
            return link_->abort("no answer to the handshake within 10 s");
        case State::Open:
            return act();
        case State::Queued:
        case State::Ended:
            return;
    }
}

// Most calls repeat the time already set.
void DeviceClient::arm(SteadyTime at) {
    if (at == armed_for_) return;
    armed_for_ = at;
    timer_.arm(at);
}

void DeviceClient::finish() {
    finishing_ = true;
    device_->retire();
    switch (state_) {
        case State::Resting:
        case State::Queued:
            return end();
        case State::Dialling:
            return attemptFailed("given up");
        case State::Handshaking:
            return link_->abort("given up");
        case State::Open:
            if (device_->waiting() == 0) closeLink();
            return;
        case State::Ended:
            return;
    }
}

void DeviceClient::closeLink() {
    if (link_ != nullptr) link_->close(CloseCode::Normal);
}

void DeviceClient::abort() {
    if (link_ != nullptr) link_->abort("given up");
}

bool DeviceClient::hasRoom() const noexcept { return link_ != nullptr && link_->hasRoom(); }

void DeviceClient::send(std::string_view document) {
    if (link_->send(document)) ++context_.statistics.sent;
}

}  // namespace hub::ctl::sim
