#include "core/ctl/rest_hub.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

namespace hub::ctl {

namespace {

constexpr const char* kNotScripted =
    R"({"type":"about:blank","title":"Not Found","status":404,"detail":"Nothing is known of it."})";

struct Scripted {
    enum class How { Whole, Half, Never };
    int status = 404;
    std::string body = kNotScripted;
    How how = How::Whole;
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
        Scripted answer;
        {
            std::unique_lock lock(mutex_);
            requests_.push_back(request.getMethod() + ' ' + request.getURI());
            const auto found = answers_.find(requests_.back());
            if (found != answers_.end()) answer = found->second;
            if (answer.how == Scripted::How::Never) {
                changed_.wait(lock, [this] { return ending_; });
            }
        }
        response.setStatus(std::to_string(answer.status));
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
    std::vector<std::string> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    std::uint16_t port() const { return socket_.address().port(); }

private:
    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Scripted> answers_;
    std::vector<std::string> requests_;
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

void RestHub::answerHalf(const std::string& request, std::string body) {
    script_->script(request, {200, std::move(body), Scripted::How::Half});
}

void RestHub::keepSilent(const std::string& request) {
    script_->script(request, {200, "", Scripted::How::Never});
}

std::string RestHub::url() const { return "http://127.0.0.1:" + std::to_string(script_->port()); }

std::vector<std::string> RestHub::requests() const { return script_->requests(); }

}  // namespace hub::ctl
