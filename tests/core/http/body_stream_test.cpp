#include "http/body_stream.h"

#include "core/http/front_door_fixture.h"
#include "core/http/held_handler.h"
#include "core/net/mailbox.h"
#include "net/descriptor_limit.h"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hub::http {
namespace {

using namespace std::chrono_literals;
using State = HttpStream::State;

// What a stream is made of: the test says what it gives, and hears what becomes of it. Any thread.
class Feed {
public:
    // A piece, or "" for a read that gives nothing, and what the read returns with it.
    void give(std::string piece, State state = State::Waiting) {
        {
            const std::lock_guard lock(mutex_);
            pieces_.emplace_back(std::move(piece), state);
        }
        wake();
    }
    void wake() {
        std::function<void()> wake;
        {
            const std::lock_guard lock(mutex_);
            wake = wake_;
        }
        if (wake) wake();
    }

    [[nodiscard]] std::shared_ptr<HttpStream> stream() { return std::make_shared<Stream>(*this); }
    [[nodiscard]] int streams() const { return streams_; }

    net::Mailbox heard;  // `begun`, `gone`

private:
    class Stream final : public HttpStream {
    public:
        explicit Stream(Feed& feed) : feed_(feed) { ++feed_.streams_; }
        ~Stream() override {
            EXPECT_FALSE(reading_);
            --feed_.streams_;
            feed_.heard.put("gone");
        }
        void begin(std::function<void()> wake) override {
            const std::lock_guard lock(feed_.mutex_);
            feed_.wake_ = std::move(wake);
            feed_.heard.put("begun");
        }
        State read(std::string& piece, std::size_t room) override {
            EXPECT_FALSE(reading_.exchange(true));
            EXPECT_GT(room, 0U);
            const State state = feed_.next(piece);
            reading_ = false;
            return state;
        }

    private:
        Feed& feed_;
        std::atomic<bool> reading_ = false;
    };

    State next(std::string& piece) {
        const std::lock_guard lock(mutex_);
        if (pieces_.empty()) return State::Waiting;
        const auto [text, state] = pieces_.front();
        pieces_.pop_front();
        piece += text;
        return state == State::Waiting && !pieces_.empty() ? State::More : state;
    }

    std::atomic<int> streams_ = 0;
    std::mutex mutex_;
    std::function<void()> wake_;                        // guarded by mutex_
    std::deque<std::pair<std::string, State>> pieces_;  // guarded by mutex_
};

HttpResponse streaming(std::shared_ptr<HttpStream> stream) {
    HttpResponse response;
    response.content_type = "text/plain";
    response.body = "not sent";
    response.stream = std::move(stream);
    return response;
}

// A stream that is what `read` does.
class Reading final : public HttpStream {
public:
    explicit Reading(std::function<State(std::string&, std::size_t)> read)
        : read_(std::move(read)) {}
    void begin(std::function<void()> wake) override { wake_ = std::move(wake); }
    State read(std::string& piece, std::size_t room) override { return read_(piece, room); }

private:
    std::function<void()> wake_;
    std::function<State(std::string&, std::size_t)> read_;
};

class BodyStreamTest : public FrontDoorTest {
protected:
    [[nodiscard]] Registration feed(Feed& feed, const std::string& pattern = "/feed") {
        return door_->route("GET", pattern,
                            [&feed](const HttpRequest&) { return streaming(feed.stream()); });
    }
    [[nodiscard]] Registration reading(
        const std::function<State(std::string&, std::size_t)>& read) {
        return door_->route("GET", "/feed", [read](const HttpRequest&) {
            return streaming(std::make_shared<Reading>(read));
        });
    }
    // A client whose stream has begun, and waits.
    [[nodiscard]] Client follow(Feed& feed) {
        Client client = connect();
        client.get("/feed").receive();
        EXPECT_EQ(feed.heard.take(), "begun");
        return client;
    }
    [[nodiscard]] bool counts(const std::string& line) const {
        return metrics_.text().find("\n" + line + "\n") != std::string::npos;
    }
};

TEST_F(BodyStreamTest, PiecesAreSentAsChunks) {
    Feed feed;
    const auto route = this->feed(feed);
    feed.give("one", State::More);
    feed.give("a second piece", State::More);
    feed.give("three", State::End);
    Client client = connect();
    const Received received = client.get("/feed").receive();
    EXPECT_EQ(received.head,
              "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 16:40:00 GMT\r\n"
              "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string body = "3\r\none\r\ne\r\na second piece\r\n5\r\nthree\r\n0\r\n\r\n";
    EXPECT_EQ(client.tcp().receive(body.size()), body);
    EXPECT_EQ(feed.heard.take(), "begun");
    EXPECT_EQ(feed.heard.take(), "gone");
}

TEST_F(BodyStreamTest, TheNextRequestIsAnsweredBehindTheEnd) {
    Feed feed;
    const auto route = this->feed(feed);
    const auto other = hello();
    Client client = connect();
    client.get("/feed").get("/hello");
    client.receive();
    settle();
    feed.give("late", State::End);
    EXPECT_EQ(client.receiveChunk(), "late");
    EXPECT_EQ(client.receiveChunk(), "");
    EXPECT_EQ(client.receive().body, "hello");
    EXPECT_EQ(client.get("/hello").receive().body, "hello");
}

TEST_F(BodyStreamTest, TheConnectionClosesBehindTheEndWhenAsked) {
    Feed feed;
    const auto route = this->feed(feed);
    feed.give("all", State::End);
    Client client = connect();
    EXPECT_TRUE(client.get("/feed", "Connection: close\r\n").receive().has("Connection: close"));
    EXPECT_EQ(client.tcp().receiveAll(), "3\r\nall\r\n0\r\n\r\n");
}

TEST_F(BodyStreamTest, Http10ReadsToTheConnectionsEnd) {
    Feed feed;
    const auto route = this->feed(feed);
    feed.give("one", State::More);
    feed.give("two", State::End);
    Client client = connect();
    client.send("GET /feed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const Received received = client.receive();
    EXPECT_EQ(received.head.find("Transfer-Encoding"), std::string::npos);
    EXPECT_TRUE(received.has("Connection: close"));
    EXPECT_EQ(client.tcp().receiveAll(), "onetwo");
}

TEST_F(BodyStreamTest, HeadIsNotRead) {
    Feed feed;
    const auto route = this->feed(feed);
    const auto other = hello();
    Client client = connect();
    client.send("HEAD /feed HTTP/1.1\r\nHost: hub\r\n\r\n");
    EXPECT_TRUE(client.receive().has("Transfer-Encoding: chunked"));
    EXPECT_EQ(feed.heard.take(), "gone") << "and never begun";
    EXPECT_EQ(client.get("/hello").receive().body, "hello");
}

TEST_F(BodyStreamTest, AnswersWithoutABodyAreNotRead) {
    Feed feed;
    const auto route = door_->route("GET", "/feed", [&](const HttpRequest& request) {
        HttpResponse response = streaming(feed.stream());
        response.headers.emplace_back("ETag", "\"7\"");
        if (request.query("empty")) response.status = 204;
        return response;
    });
    Client client = connect();
    EXPECT_EQ(client.get("/feed?empty").receive().status(), 204);
    EXPECT_EQ(feed.heard.take(), "gone");
    EXPECT_EQ(client.get("/feed", "If-None-Match: \"7\"\r\n").receive().status(), 304);
    EXPECT_EQ(feed.heard.take(), "gone");
}

TEST_F(BodyStreamTest, WaitsAsLongAsItLikes) {
    Feed feed;
    const auto route = this->feed(feed);
    Client client = follow(feed);
    for (const std::string piece : {"first", "second"}) {
        after(24h);
        feed.give(piece);
        EXPECT_EQ(client.receiveChunk(), piece);
    }
    EXPECT_TRUE(counts("hub_http_streams 1"));
}

TEST_F(BodyStreamTest, AnEmptyPieceIsNotTheEnd) {
    Feed feed;
    const auto route = this->feed(feed);
    Client client = follow(feed);
    feed.give("", State::More);
    feed.give("", State::Waiting);
    feed.give("something", State::End);
    EXPECT_EQ(client.receiveChunk(), "something");
    EXPECT_EQ(client.receiveChunk(), "");
}

TEST_F(BodyStreamTest, AWakeDuringAReadIsNotLost) {
    struct Eager final : HttpStream {
        void begin(std::function<void()> given) override {
            wake = std::move(given);
            wake();
        }
        State read(std::string& piece, std::size_t /*room*/) override {
            wake();
            if (++reads < 5) return State::Waiting;
            piece = "five";
            return State::End;
        }
        std::function<void()> wake;
        int reads = 0;
    };
    const auto route = door_->route(
        "GET", "/feed", [](const HttpRequest&) { return streaming(std::make_shared<Eager>()); });
    Client client = connect();
    client.get("/feed").receive();
    EXPECT_EQ(client.receiveChunk(), "five");
}

TEST_F(BodyStreamTest, AFailureCutsTheConnection) {
    Feed feed;
    const auto route = this->feed(feed);
    feed.give("one", State::More);
    feed.give("two", State::Failed);
    Client client = connect();
    client.get("/feed").receive();
    EXPECT_EQ(client.tcp().receiveAll().find("0\r\n\r\n"), std::string::npos);
    EXPECT_EQ(feed.heard.take(), "begun");
    EXPECT_EQ(feed.heard.take(), "gone");
}

TEST_F(BodyStreamTest, AnExceptionIsAFailureAndALogLine) {
    const auto route = reading([](std::string&, std::size_t) -> State {
        throw std::runtime_error("the disk is on fire");
    });
    Client client = connect();
    client.get("/feed").receive();
    EXPECT_EQ(client.tcp().receiveAll(), "");
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /feed failed: the disk is on fire"));
}

TEST_F(BodyStreamTest, APeerThatBreaksOffEndsAStreamThatWaits) {
    Feed feed;
    const auto route = this->feed(feed);
    Client reset = follow(feed);
    reset.tcp().reset();
    EXPECT_EQ(feed.heard.take(), "gone");

    Client pipelining = follow(feed);
    pipelining.get("/feed").get("/feed");
    settle();
    pipelining.tcp().reset();
    EXPECT_EQ(feed.heard.take(), "gone");
    feed.wake();  // of a stream that is gone
    settle();
    EXPECT_TRUE(counts("hub_http_streams 0"));
    EXPECT_TRUE(counts("hub_http_connections 0"));
}

// RFC 9112, 9.6.
TEST_F(BodyStreamTest, AClientThatFinishedSendingGetsTheWholeStreamAndWhatItAskedForBehind) {
    Feed feed;
    const auto route = this->feed(feed);
    const auto other = hello();
    Client client = connect();
    client.get("/feed").get("/hello");
    client.tcp().finish();
    client.receive();
    for (const std::string piece : {"first", "second"}) {
        after(59s);
        feed.give(piece);
        EXPECT_EQ(client.receiveChunk(), piece);
    }
    feed.give("last", State::End);
    EXPECT_EQ(client.receiveChunk(), "last");
    EXPECT_EQ(client.receiveChunk(), "");
    EXPECT_EQ(client.receive().body, "hello");
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(BodyStreamTest, AClientThatIsGoneEndsItsStreamByTheFailingWrite) {
    Feed feed;
    const auto route = this->feed(feed);
    Client gone = follow(feed);
    gone.tcp().close();
    settle();
    EXPECT_EQ(feed.streams(), 1) << "it may have finished sending only";
    feed.give("to nobody");
    EXPECT_EQ(feed.heard.take(), "gone");
}

TEST_F(BodyStreamTest, AClientThatFinishedSendingIsNotWaitedForInSilence) {
    Feed feed;
    const auto route = this->feed(feed);
    Client client = follow(feed);
    after(24h);
    client.tcp().finish();
    after(59s);
    feed.give("news");
    EXPECT_EQ(client.receiveChunk(), "news");
    after(59s);
    EXPECT_EQ(feed.streams(), 1);
    after(1s);
    EXPECT_EQ(feed.heard.take(), "gone");
    EXPECT_TRUE(counts(R"(hub_refused_total{reason="slow_reader"} 0)"));
}

TEST_F(BodyStreamTest, AClientMayGoWhileItsStreamIsRead) {
    HeldHandler held;
    Feed feed;
    const auto route = door_->route("GET", "/feed", [&](const HttpRequest&) {
        return streaming(
            std::make_shared<Reading>([&, inner = feed.stream()](std::string& piece, std::size_t) {
                held.hold();
                piece = "for nobody";
                return State::More;
            }));
    });
    Client client = connect();
    client.get("/feed").receive();
    held.awaitCall();
    client.tcp().reset();
    settle();
    EXPECT_EQ(feed.streams(), 1) << "not under the feet of its read";
    held.release();
    EXPECT_EQ(feed.heard.take(), "gone");
}

TEST_F(BodyStreamTest, AReaderThatTakesNothingIsCut) {
    std::atomic<std::size_t> read = 0;
    const auto route = reading([&](std::string& piece, std::size_t room) {
        EXPECT_LE(room, HttpLimits{}.output_bytes);
        read += 64 * 1024;
        piece.assign(64 * 1024, 'x');
        return State::More;
    });
    Client client = connect();
    const int window = 64 * 1024;  // so that the kernel keeps little for the client
    ::setsockopt(client.tcp().descriptor(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    client.get("/feed").receive();
    // Whatever the kernel took was progress.
    const std::string cut = R"(hub_refused_total{reason="slow_reader"} 1)";
    for (int rounds = 0; rounds < 1000 && !counts(cut); ++rounds) after(30s);
    EXPECT_TRUE(counts(cut));
    client.tcp().awaitReset();
    EXPECT_LT(read, 64U * 1024 * 1024) << "what the kernel keeps, and a little";
}

TEST_F(BodyStreamTest, AReaderThatIsSlowIsServedOn) {
    constexpr std::size_t kPiece = 10'000'000;
    const auto route = reading([](std::string& piece, std::size_t) {
        piece.assign(kPiece, 'x');
        return State::More;
    });
    Client client = connect();
    client.get("/feed").receive();
    for (int i = 0; i < 12; ++i) {  // longer in all than an answer of such a size may take
        EXPECT_EQ(client.receiveChunk().size(), kPiece);
        after(29s);
    }
}

TEST_F(BodyStreamTest, RemovingTheRouteEndsItsStreams) {
    Feed feed;
    std::optional<Registration> route = this->feed(feed);
    Client waiting = follow(feed);
    Client other = follow(feed);
    route.reset();
    EXPECT_EQ(feed.streams(), 0);
    EXPECT_EQ(waiting.tcp().receiveAll(), "") << "cut, without a last chunk";
    EXPECT_EQ(other.tcp().receiveAll(), "");
    feed.wake();
    EXPECT_TRUE(counts("hub_http_streams 0"));
}

TEST_F(BodyStreamTest, RemovingTheRouteWaitsForAReadInProgress) {
    HeldHandler held;
    Feed feed;
    std::optional<Registration> route = door_->route("GET", "/feed", [&](const HttpRequest& call) {
        if (call.header("x-probe")) return said("still there");
        return streaming(
            std::make_shared<Reading>([&, inner = feed.stream()](std::string&, std::size_t) {
                held.hold();
                return State::Waiting;
            }));
    });
    Client client = connect();
    client.get("/feed").receive();
    held.awaitCall();
    std::thread removing{[&] {
        route.reset();
        EXPECT_EQ(feed.streams(), 0);
    }};
    Client probe = connect();
    while (probe.get("/feed", "X-Probe: 1\r\n").receive().status() == 200) {
    }
    EXPECT_EQ(feed.streams(), 1);
    held.release();
    removing.join();
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(BodyStreamTest, TheLoopsMayStopBeforeTheRouteGoes) {
    Feed feed;
    const auto route = this->feed(feed);
    Client client = follow(feed);
    loops_.stop();
    EXPECT_EQ(feed.heard.take(), "gone");
    feed.wake();
}

TEST_F(BodyStreamTest, ReadsAreNotRefusedAndRefuseNoRequest) {
    FrontDoorSettings settings;
    settings.workers = 1;
    settings.queued_requests = 1;
    open(settings);
    HeldHandler held{"slow"};
    const auto slow = door_->route("GET", "/slow", held.handler());
    const auto fast = hello();
    Feed feeds[3];
    std::vector<Registration> routes;
    std::vector<Client> clients;
    for (Feed& feed : feeds) {
        routes.push_back(this->feed(feed, "/feed/" + std::to_string(clients.size())));
        clients.push_back(connect());
        clients.back().get("/feed/" + std::to_string(clients.size() - 1)).receive();
        feed.heard.take();
    }
    Client running = connect();
    running.get("/slow");
    held.awaitCall();
    for (Feed& feed : feeds) feed.give("now", State::End);
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    held.release();
    EXPECT_EQ(waiting.receive().body, "hello");
    for (Client& client : clients) EXPECT_EQ(client.receiveChunk(), "now");
}

TEST_F(BodyStreamTest, AThousandWakeUpsAreAThousandPieces) {
    constexpr int kStreams = 1000;
    ASSERT_GE(net::raiseDescriptorLimit(), 2 * kStreams + 100);
    FrontDoorSettings settings;
    settings.workers = 2;
    settings.queued_requests = 4;
    open(settings);
    Feed feeds[kStreams];
    std::atomic<std::size_t> next = 0;
    const auto route = door_->route(
        "GET", "/feed", [&](const HttpRequest&) { return streaming(feeds[next++].stream()); });
    std::vector<Client> clients;
    for (Feed& feed : feeds) {
        clients.push_back(connect());
        clients.back().get("/feed").receive();
        feed.heard.take();
    }
    EXPECT_TRUE(counts("hub_http_streams 1000"));
    for (Feed& feed : feeds) feed.give("news");
    for (Client& client : clients) EXPECT_EQ(client.receiveChunk(), "news");
}

// For the thread sanitizer: wakes, pieces, clients that go and the route's end all at once.
TEST_F(BodyStreamTest, EverythingMayHappenAtOnce) {
    std::mutex mutex;
    std::vector<std::function<void()>> wakes;  // guarded by mutex
    struct Busy final : HttpStream {
        explicit Busy(std::function<void(std::function<void()>)> given) : tell(std::move(given)) {}
        void begin(std::function<void()> wake) override { tell(std::move(wake)); }
        State read(std::string& piece, std::size_t) override {
            piece = "piece";
            return ++reads % 3 == 0 ? State::More : State::Waiting;
        }
        std::function<void(std::function<void()>)> tell;
        int reads = 0;
    };
    std::optional<Registration> route = door_->route("GET", "/feed", [&](const HttpRequest&) {
        return streaming(std::make_shared<Busy>([&](std::function<void()> wake) {
            const std::lock_guard lock(mutex);
            wakes.push_back(std::move(wake));
        }));
    });
    std::atomic<bool> stopping = false;
    std::vector<std::thread> waking;
    for (int i = 0; i < 2; ++i) {
        waking.emplace_back([&] {
            while (!stopping) {
                std::vector<std::function<void()>> all;
                {
                    const std::lock_guard lock(mutex);
                    all = wakes;
                }
                for (const auto& wake : all) wake();
                std::this_thread::yield();
            }
        });
    }
    std::vector<Client> staying;
    for (int i = 0; i < 30; ++i) {
        Client client = connect();
        client.get("/feed").receive();
        EXPECT_EQ(client.receiveChunk(), "piece");
        if (i % 3 == 0) {
            client.tcp().reset();
        } else {
            staying.push_back(std::move(client));
        }
    }
    route.reset();
    stopping = true;
    for (std::thread& thread : waking) thread.join();
    EXPECT_TRUE(counts("hub_http_streams 0"));
}

}  // namespace
}  // namespace hub::http
