#include "ctl/rest_client.h"

#include "ctl/command_line.h"
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

#include <array>
#include <cctype>

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
    void setDeadline(steady_clock::time_point deadline) { deadline_ = deadline; }

    using StreamSocketImpl::receiveBytes;
    // Throws Poco::TimeoutException at the deadline.
    int receiveBytes(void* buffer, int length, int flags) override {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline_ - steady_clock::now());
        if (left.count() <= 0) throw Poco::TimeoutException();
        setReceiveTimeout(timespan(left));
        return StreamSocketImpl::receiveBytes(buffer, length, flags);
    }

private:
    steady_clock::time_point deadline_;
};

// Reads to the end of the body. Throws Poco::TimeoutException at the deadline.
std::string readBody(std::istream& stream, const Poco::Net::HTTPSession& session) {
    std::string body;
    std::array<char, 16 * 1024> piece{};
    while (stream) {
        stream.read(piece.data(), piece.size());
        body.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
        if (body.size() > kMaxBody) throw Poco::Net::MessageException("more than 64 MiB");
    }
    // A stream keeps to itself what its buffer throws.
    if (dynamic_cast<const Poco::TimeoutException*>(session.networkException()) != nullptr) {
        throw Poco::TimeoutException();
    }
    if (stream.bad()) throw Poco::Net::MessageException("the answer breaks off");
    return body;
}

}  // namespace

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

struct RestClient::Session {
    explicit Session(const HubUrl& url) : Session(url, new DeadlineSocket) {}
    Session(const HubUrl& url, DeadlineSocket* implementation)
        : socket(*implementation), http(Poco::Net::StreamSocket(implementation)) {
        http.setHost(url.host);
        http.setPort(url.port);
    }

    DeadlineSocket& socket;  // owned by `http`
    Poco::Net::HTTPClientSession http;
    bool asked = false;  // the request under way was sent
};

RestClient::RestClient(const HubUrl& url, const Deadlines& deadlines)
    : url_(url.text()), deadlines_(deadlines), session_(std::make_unique<Session>(url)) {
    session_->http.setKeepAlive(true);
    session_->http.setTimeout(timespan(deadlines.connect), timespan(deadlines.answer),
                              timespan(deadlines.answer));
}

RestClient::~RestClient() = default;

std::string RestClient::request(std::string_view method, const std::string& target) {
    const auto unreachable = [&](const std::string& why) { return HubUnreachable(url_, why); };
    int status = 0;
    std::string body;
    try {
        body = exchange(method, target, status);
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
        throw unreachable("it closed the connection without an answer");
    } catch (const Poco::Net::MessageException& error) {
        throw unexpected(target, error.displayText());
    } catch (const Poco::Exception& error) {
        throw unreachable(error.displayText());
    }
    if (status >= 200 && status < 300) return body;

    std::string why = std::to_string(status) + ' ' + std::string(statusTitle(status));
    const auto problem = JsonObject::read(body);
    if (problem && !problem->text("detail").empty()) {
        why = std::to_string(status) + ": " + printable(problem->text("detail"));
    } else {
        why += " to " + std::string(method) + ' ' + target + " and gives no reason. Is that a hub?";
    }
    throw RestRefusal(url_ + " answers " + why, status, std::move(body));
}

std::string RestClient::exchange(std::string_view method, const std::string& target, int& status) {
    session_->socket.setDeadline(steady_clock::now() + deadlines_.answer);
    Poco::Net::HTTPRequest request(std::string(method), target, "HTTP/1.1");
    request.set("Accept", "application/json");
    // A POST without a length makes Poco send its body as chunks.
    if (method == "POST") request.setContentLength(0);
    session_->asked = false;
    session_->http.sendRequest(request);
    session_->asked = true;
    Poco::Net::HTTPResponse response;
    std::istream& stream = session_->http.receiveResponse(response);
    status = response.getStatus();
    std::string body = readBody(stream, session_->http);
    // Poco takes a body that breaks off for a whole one.
    if (response.hasContentLength() &&
        response.getContentLength64() != static_cast<std::int64_t>(body.size())) {
        throw Poco::Net::MessageException("the answer breaks off");
    }
    return body;
}

std::runtime_error RestClient::unexpected(const std::string& target, std::string_view why) const {
    return std::runtime_error("what " + url_ + " answers to GET " + target +
                              " is not what a hub answers (" + printable(why) +
                              "). Is that a hub? Give its address with --url.");
}

}  // namespace hub::ctl
