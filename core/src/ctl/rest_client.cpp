#include "ctl/rest_client.h"

#include "ctl/command_line.h"
#include "ctl/interruption.h"
#include "ctl/json_object.h"
#include "ctl/printable.h"
#include "hub/http.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/Timespan.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <istream>
#include <optional>
#include <thread>
#include <utility>

namespace hub::ctl {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxBody = 64 * 1024 * 1024;

Poco::Timespan timespan(std::chrono::milliseconds time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

std::string inSeconds(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

bool isUnreserved(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-._~").find(c) != std::string_view::npos;
}

// A socket on which nothing is received after the deadline, however little comes at a time: the
// timeouts of Poco begin anew with every byte.
class DeadlineSocket final : public Poco::Net::StreamSocketImpl {
public:
    explicit DeadlineSocket(const Interruption* interruption) : interruption_(interruption) {}

    void setDeadline(steady_clock::time_point deadline) { deadline_ = deadline; }
    // What ended the wait for bytes before its deadline.
    [[nodiscard]] const std::optional<Interrupted>& interrupted() const { return interrupted_; }

    using StreamSocketImpl::receiveBytes;
    // Throws Poco::TimeoutException at the deadline and when interrupted.
    int receiveBytes(void* buffer, int length, int flags) override {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline_ - steady_clock::now());
        if (left.count() <= 0 || !isReadable()) throw Poco::TimeoutException();
        setReceiveTimeout(timespan(left));
        return StreamSocketImpl::receiveBytes(buffer, length, flags);
    }

private:
    // Without an interruption the socket itself waits. Poco's streams keep what they do not know
    // to themselves, so an interruption is kept here.
    bool isReadable() {
        try {
            return interruption_ == nullptr || interruption_->awaitReadable(sockfd(), deadline_);
        } catch (const Interrupted& interrupted) {
            interrupted_ = interrupted;
            return false;
        }
    }

    const Interruption* const interruption_;
    steady_clock::time_point deadline_;
    std::optional<Interrupted> interrupted_;
};

// Throws what ended `stream`, which keeps to itself what its buffer throws, unless it was the end
// of the body.
void requireEnd(const std::istream& stream, const Poco::Net::HTTPSession& session) {
    if (dynamic_cast<const Poco::TimeoutException*>(session.networkException()) != nullptr) {
        throw Poco::TimeoutException();
    }
    if (stream.bad()) throw Poco::Net::NoMessageException();
}

// Reads to the end of the body. Throws Poco::TimeoutException at the deadline.
std::string readBody(std::istream& stream, const Poco::Net::HTTPSession& session) {
    std::string body;
    std::array<char, 16 * 1024> piece{};
    while (stream) {
        stream.read(piece.data(), piece.size());
        body.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
        if (body.size() > kMaxBody) throw Poco::Net::MessageException("more than 64 MiB");
    }
    requireEnd(stream, session);
    return body;
}

bool isSuccess(int status) { return status >= 200 && status < 300; }

}  // namespace

bool isPassing(const std::runtime_error& error) {
    constexpr int kServerError = 500;
    const auto* const refusal = dynamic_cast<const RestRefusal*>(&error);
    return refusal != nullptr ? refusal->status() >= kServerError
                              : dynamic_cast<const HubUnreachable*>(&error) != nullptr;
}

std::string percentEncoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (isUnreserved(c)) {
            encoded += c;
        } else {
            encoded.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
        }
    }
    return encoded;
}

std::string withQuery(std::string path, const QueryParameters& parameters) {
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        path.append(1, separator).append(name).append(1, '=').append(percentEncoded(value));
        separator = '&';
    }
    return path;
}

struct RestClient::Outgoing {
    std::string_view method;
    const std::string& target;
    std::string_view accept;
    std::string_view body;
    const Headers& headers;
};

struct RestClient::Session {
    Session(const HubUrl& url, const Deadlines& deadlines, DeadlineSocket* implementation)
        : socket(*implementation), http(Poco::Net::StreamSocket(implementation)) {
        http.setHost(url.host);
        http.setPort(url.port);
        http.setKeepAlive(true);
        http.setTimeout(timespan(deadlines.connect), timespan(deadlines.answer),
                        timespan(deadlines.answer));
    }

    // Returns the body of the answer once its head is read into `response`.
    std::istream& exchange(const Outgoing& outgoing) {
        Poco::Net::HTTPRequest request(std::string(outgoing.method), outgoing.target, "HTTP/1.1");
        request.set("Accept", std::string(outgoing.accept));
        for (const auto& [name, value] : outgoing.headers) request.set(name, value);
        if (!outgoing.body.empty()) request.setContentType("application/json");
        // Without a length Poco sends the body of a POST as chunks.
        if (outgoing.method == "POST") {
            request.setContentLength64(static_cast<std::int64_t>(outgoing.body.size()));
        }
        asked = false;
        http.sendRequest(request) << outgoing.body << std::flush;
        asked = true;
        response.clear();
        return http.receiveResponse(response);
    }

    DeadlineSocket& socket;  // owned by `http`
    Poco::Net::HTTPClientSession http;
    bool asked = false;  // the request under way was sent
    Poco::Net::HTTPResponse response;
    std::istream* stream = nullptr;  // of openStream; owned by `http`
};

RestClient::RestClient(const HubUrl& url, const Deadlines& deadlines,
                       const Interruption* interruption)
    : hub_(url),
      url_(url.text()),
      deadlines_(deadlines),
      interruption_(interruption),
      session_(newSession()) {}

RestClient::~RestClient() = default;

std::unique_ptr<RestClient::Session> RestClient::newSession() const {
    return std::make_unique<Session>(hub_, deadlines_, new DeadlineSocket(interruption_));
}

std::string RestClient::request(std::string_view method, const std::string& target,
                                std::string_view body, const Headers& headers) {
    if (session_->stream != nullptr) session_ = newSession();
    const Outgoing outgoing{method, target, "application/json", body, headers};
    std::string answer = answerTo(outgoing);
    if (!isSuccess(session_->response.getStatus())) throwRefusal(outgoing, std::move(answer));
    return answer;
}

std::string RestClient::get(const std::string& target) {
    constexpr std::chrono::milliseconds kFirstPause{50};
    constexpr std::chrono::milliseconds kLongestPause{1'000};
    const SteadyTime begun = steady_clock::now();
    bool told = false;
    for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
        try {
            std::string answer = request("GET", target);
            if (told) tell_("going on");
            return answer;
        } catch (const std::runtime_error& error) {
            if (!isPassing(error) || steady_clock::now() - begun >= patience_) throw;
            if (!std::exchange(told, true)) {
                tell_(std::string("asking again until the hub answers: ") + error.what());
            }
        }
        sleepUntil(steady_clock::now() + pause);
        session_ = newSession();  // what is left of an answer is not taken for the next one
    }
}

std::string RestClient::header(const std::string& name) const {
    return session_->response.get(name, "");
}

void RestClient::persist(SteadyTime::duration patience,
                         std::function<void(const std::string&)> tell) {
    patience_ = patience;
    tell_ = std::move(tell);
}

void RestClient::sleepUntil(SteadyTime time) const {
    if (interruption_ != nullptr) {
        interruption_->sleepUntil(time);
    } else {
        std::this_thread::sleep_until(time);
    }
}

void RestClient::openStream(const std::string& target, std::string_view type,
                            const Headers& headers) {
    session_ = newSession();
    const Outgoing outgoing{"GET", target, type, {}, headers};
    session_->socket.setDeadline(steady_clock::now() + deadlines_.answer);
    std::string refusal;
    try {
        std::istream& stream = session_->exchange(outgoing);
        if (isSuccess(session_->response.getStatus())) {
            const std::string media_type = session_->response.getContentType();
            if (!media_type.starts_with(type)) throw unexpected(target, "it is " + media_type);
            session_->stream = &stream;
            return;
        }
        refusal = readBody(stream, session_->http);
    } catch (const Poco::Exception&) {
        throwFailure(target);
    }
    throwRefusal(outgoing, std::move(refusal));
}

std::string RestClient::readStream() {
    std::istream& stream = *session_->stream;
    session_->socket.setDeadline(steady_clock::now() + deadlines_.silence);
    if (stream.peek() != std::istream::traits_type::eof()) {
        std::string piece(static_cast<std::size_t>(stream.rdbuf()->in_avail()), '\0');
        stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        return piece;
    }
    if (session_->socket.interrupted()) throw *session_->socket.interrupted();
    try {
        requireEnd(stream, session_->http);
    } catch (const Poco::TimeoutException&) {
        throw StreamBroken("nothing came for " + inSeconds(deadlines_.silence));
    } catch (const Poco::Exception&) {
        throw StreamBroken("the connection is gone");
    }
    return {};
}

std::string RestClient::answerTo(const Outgoing& outgoing) {
    session_->socket.setDeadline(steady_clock::now() + deadlines_.answer);
    try {
        std::string answer = readBody(session_->exchange(outgoing), session_->http);
        // Poco takes a body that breaks off for a whole one.
        const Poco::Net::HTTPResponse& response = session_->response;
        if (response.hasContentLength() &&
            response.getContentLength64() != static_cast<std::int64_t>(answer.size())) {
            throw Poco::Net::NoMessageException();
        }
        return answer;
    } catch (const Poco::Exception&) {
        throwFailure(outgoing.target);
    }
}

void RestClient::throwFailure(const std::string& target) const {
    if (session_->socket.interrupted()) throw *session_->socket.interrupted();
    const auto unreachable = [&](const std::string& why) { return HubUnreachable(url_, why); };
    try {
        throw;
    } catch (const Poco::Net::ConnectionRefusedException&) {
        throw unreachable("connection refused");
    } catch (const Poco::Net::HostNotFoundException&) {
        throw unreachable("no such host");
    } catch (const Poco::TimeoutException&) {
        if (session_->asked) {
            throw HubUnreachable("what listens at " + url_ + " takes connections but gives no " +
                                 "whole answer within " + inSeconds(deadlines_.answer) +
                                 ": it hangs or is overloaded, or is no hub. Look at its log, or "
                                 "give another address with --url.");
        }
        throw unreachable("no connection within " + inSeconds(deadlines_.connect));
    } catch (const Poco::Net::NoMessageException&) {
        throw unreachable("it closed the connection without a whole answer");
    } catch (const Poco::Net::MessageException& error) {
        throw unexpected(target, error.displayText());
    } catch (const Poco::Exception& error) {
        throw unreachable(error.displayText());
    }
}

void RestClient::throwRefusal(const Outgoing& outgoing, std::string answer) const {
    const int status = session_->response.getStatus();
    std::string why = std::to_string(status) + ' ' + std::string(statusTitle(status));
    const auto problem = JsonObject::read(answer);
    if (problem && !problem->text("detail").empty()) {
        why = std::to_string(status) + ": " + printable(problem->text("detail"));
    } else {
        why += " to " + std::string(outgoing.method) + ' ' + outgoing.target +
               " and gives no reason. Is that a hub?";
    }
    throw RestRefusal(url_ + " answers " + why, status, std::move(answer));
}

std::runtime_error RestClient::unexpected(const std::string& target, std::string_view why) const {
    return std::runtime_error("what " + url_ + " answers to GET " + target +
                              " is not what a hub answers (" + printable(why) +
                              "). Is that a hub? Give its address with --url.");
}

}  // namespace hub::ctl
