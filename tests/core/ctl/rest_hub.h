#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub::ctl {

// A hub's REST side that answers what a test tells it to. Serves on a thread of its own.
class RestHub {
public:
    RestHub();
    ~RestHub();
    RestHub(const RestHub&) = delete;
    RestHub& operator=(const RestHub&) = delete;

    // `request` is a method and a target, `GET /api/devices?limit=1000`. What was not told is
    // answered 404 with a problem document.
    void answer(const std::string& request, std::string body, int status = 200);
    // Announces more of the body than it sends, and closes.
    void answerHalf(const std::string& request, std::string body);
    // Never answers, until the test ends.
    void keepSilent(const std::string& request);

    [[nodiscard]] std::string url() const;
    // What was asked, in order.
    [[nodiscard]] std::vector<std::string> requests() const;

private:
    class Script;
    std::unique_ptr<Script> script_;
};

}  // namespace hub::ctl
