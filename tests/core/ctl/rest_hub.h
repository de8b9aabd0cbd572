#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hub::ctl {

// A hub's REST side that answers what a test tells it to. Serves on threads of its own.
class RestHub {
public:
    struct Received {
        std::string line;  // a method and a target, `GET /api/devices?limit=1000`
        std::string body;
        std::map<std::string, std::string> headers;
    };

    RestHub();
    ~RestHub();
    RestHub(const RestHub&) = delete;
    RestHub& operator=(const RestHub&) = delete;

    // Each is about one `request`, a line as above. What was not told is answered 404 with a
    // problem document.
    void answer(const std::string& request, std::string body, int status = 200);
    // The same, 200, with a header field.
    void answerWith(const std::string& request, std::string body, const std::string& name,
                    const std::string& value);
    // Once, and before what the others say; several in the order of the calls.
    void answerOnce(const std::string& request, std::string body, int status = 200);
    // Once, likewise: an event stream that ends behind `text`.
    void streamOnce(const std::string& request, std::string text);
    // Once, likewise: an event stream that goes on. Calls `sent` once `text` is.
    void streamOnce(const std::string& request, std::string text, std::function<void()> sent);
    // Announces more of the body than it sends, and closes.
    void answerHalf(const std::string& request, std::string body);
    // Never answers, until the test ends. Calls `asked` for each request.
    void keepSilent(
        const std::string& request, std::function<void()> asked = [] {});

    [[nodiscard]] std::string url() const;
    // What was asked, in order.
    [[nodiscard]] std::vector<Received> received() const;
    // Its lines.
    [[nodiscard]] std::vector<std::string> requests() const;

private:
    class Script;
    std::unique_ptr<Script> script_;
};

}  // namespace hub::ctl
