#include "core/ctl/rest_hub.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

namespace hub::ctl {

namespace {

constexpr const char* kNotScripted =
    R"({"type":"about:blank","title":"Not Found","status":404,"detail":"Nothing is known of it."})";

struct Scripted {
    enum class How { Whole, Half, Never, Stream, OpenStream };
    int status = 404;
    std::string body = kNotScripted;
    How how = How::Whole;
    std::function<void()> sent = {};
    std::map<std::string, std::string> headers = {};
};

}  // namespace

class RestHub::Script {
public:
    struct Handler final : Poco::Net::HTTPRequestHandler {
        explicit Handler(Script& to) : script(to) {}
        void handleRequest(Poco::Net::HTTPServerRequest& request,
                           Poco::Net::HTTPServerResponse& response) override {
            script.serve(request, response);
        }
        Script& script;
    };

    struct Handlers final : Poco::Net::HTTPRequestHandlerFactory {
        explicit Handlers(Script& to) : script(to) {}
        Poco::Net::HTTPRequestHandler* createRequestHandler(
            const Poco::Net::HTTPServerRequest& /*request*/) override {
            return new Handler(script);
        }
        Script& script;
    };

    Script()
        : socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
          server_(new Handlers(*this), socket_, new Poco::Net::HTTPServerParams) {
        server_.start();
    }
    ~Script() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        server_.stopAll(true);
    }

    void serve(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) {
        const Scripted answer = answerTo(takeIn(request));
        if (answer.how == Scripted::How::Never) {
            answer.sent();
            awaitEnd();
        }
        if (answer.how == Scripted::How::Stream || answer.how == Scripted::How::OpenStream) {
            stream(answer, response);
            return;
        }
        response.setStatus(std::to_string(answer.status));
        for (const auto& [name, value] : answer.headers) response.set(name, value);
        const bool half = answer.how == Scripted::How::Half;
        if (half) response.setKeepAlive(false);
        response.setContentLength64(
            static_cast<Poco::Int64>(half ? 2 * answer.body.size() : answer.body.size()));
        response.send() << answer.body << std::flush;
    }

    void script(const std::string& request, Scripted answer) {
        const std::lock_guard lock(mutex_);
        answers_[request] = std::move(answer);
    }
    void scriptOnce(const std::string& request, Scripted answer) {
        const std::lock_guard lock(mutex_);
        first_answers_[request].push_back(std::move(answer));
    }
    std::vector<Received> received() const {
        const std::lock_guard lock(mutex_);
        return received_;
    }
    std::uint16_t port() const { return socket_.address().port(); }

private:
    // Notes the request; returns its line.
    std::string takeIn(Poco::Net::HTTPServerRequest& request) {
        Received received;
        received.line = request.getMethod() + ' ' + request.getURI();
        received.body.assign(std::istreambuf_iterator<char>(request.stream()), {});
        for (const auto& [name, value] : request) received.headers.emplace(name, value);
        const std::lock_guard lock(mutex_);
        received_.push_back(received);
        return received.line;
    }

    Scripted answerTo(const std::string& line) {
        const std::lock_guard lock(mutex_);
        auto& first = first_answers_[line];
        if (!first.empty()) {
            Scripted answer = std::move(first.front());
            first.pop_front();
            return answer;
        }
        const auto found = answers_.find(line);
        return found != answers_.end() ? found->second : Scripted();
    }

    void stream(const Scripted& answer, Poco::Net::HTTPServerResponse& response) {
        response.setContentType("text/event-stream");
        response.setChunkedTransferEncoding(true);
        response.send() << answer.body << std::flush;
        if (answer.how != Scripted::How::OpenStream) return;
        answer.sent();
        awaitEnd();
    }

    void awaitEnd() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ending_; });
    }

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Scripted> answers_;
    std::map<std::string, std::deque<Scripted>> first_answers_;
    std::vector<Received> received_;
    bool ending_ = false;

    // Behind what its threads use.
    Poco::Net::ServerSocket socket_;
    Poco::Net::HTTPServer server_;
};

RestHub::RestHub() : script_(std::make_unique<Script>()) {}

RestHub::~RestHub() = default;

void RestHub::answer(const std::string& request, std::string body, int status) {
    script_->script(request, {status, std::move(body), Scripted::How::Whole});
}

void RestHub::answerWith(const std::string& request, std::string body, const std::string& name,
                         const std::string& value) {
    script_->script(request, {200, std::move(body), Scripted::How::Whole, {}, {{name, value}}});
}

void RestHub::answerOnce(const std::string& request, std::string body, int status) {
    script_->scriptOnce(request, {status, std::move(body), Scripted::How::Whole});
}

void RestHub::streamOnce(const std::string& request, std::string text) {
    script_->scriptOnce(request, {200, std::move(text), Scripted::How::Stream});
}

void RestHub::streamOnce(const std::string& request, std::string text, std::function<void()> sent) {
    script_->scriptOnce(request,
                        {200, std::move(text), Scripted::How::OpenStream, std::move(sent)});
}

void RestHub::answerHalf(const std::string& request, std::string body) {
    script_->script(request, {200, std::move(body), Scripted::How::Half});
}

void RestHub::keepSilent(const std::string& request, std::function<void()> asked) {
    script_->script(request, {200, "", Scripted::How::Never, std::move(asked)});
}

std::string RestHub::url() const { return "http://127.0.0.1:" + std::to_string(script_->port()); }

std::vector<RestHub::Received> RestHub::received() const { return script_->received(); }

std::vector<std::string> RestHub::requests() const {
    std::vector<std::string> lines;
    for (const Received& request : received()) lines.push_back(request.line);
    return lines;
}

}  // namespace hub::ctl
