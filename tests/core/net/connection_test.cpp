#include "net/connection.h"

#include "core/net/loop_thread.h"
#include "core/net/mailbox.h"
#include "core/net/tcp_client.h"
#include "fakes/manual_clock.h"
#include "net/socket_address.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <string>

namespace hub::net {
namespace {

using namespace std::chrono_literals;
using OnBytes = std::function<std::size_t(Connection&, std::span<char>)>;

std::string text(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

// Tells the test what happens to it, and does with bytes what the test says.
class Scripted final : public Protocol {
public:
    Scripted(Mailbox& mailbox, OnBytes on_bytes, bool delays = false)
        : mailbox_(mailbox), on_bytes_(std::move(on_bytes)), delays_(delays) {}
    ~Scripted() override { mailbox_.put("destroyed"); }

    std::size_t onBytes(Connection& connection, std::span<char> bytes) override {
        return on_bytes_(connection, bytes);
    }
    void onWritten(Connection& connection) override { left_ = connection.queued(); }
    void onDrained(Connection& /*connection*/) override {
        mailbox_.put(left_ == 0 ? "drained" : "drained, but not all is written");
    }
    void onFin(Connection& /*connection*/) override { mailbox_.put("fin"); }
    [[nodiscard]] bool delaysEnd(Connection& /*connection*/) noexcept override { return delays_; }
    void onEnd(Connection& /*connection*/, ConnectionEnd end) noexcept override {
        switch (end) {
            case ConnectionEnd::PeerClosed:
                return mailbox_.put("peer closed");
            case ConnectionEnd::Broken:
                return mailbox_.put("broken");
            case ConnectionEnd::Closed:
                return mailbox_.put("closed");
        }
    }

private:
    Mailbox& mailbox_;
    const OnBytes on_bytes_;
    const bool delays_;
    std::size_t left_ = 1;
};

class ConnectionTest : public testing::Test {
protected:
    // The server's end, with a protocol that does `on_bytes`, and perhaps delays its end.
    Connection& serve(OnBytes on_bytes, bool delays = false) {
        Connection* connection = nullptr;
        auto protocol = std::make_unique<Scripted>(happened_, std::move(on_bytes), delays);
        io_.run([&] {
            connection = &Connection::adopt(io_.loop(), std::move(pair_.server), "127.0.0.1:4711",
                                            std::move(protocol));
        });
        return *connection;
    }
    OnBytes takeAndTell() {
        return [this](Connection& /*connection*/, std::span<char> bytes) {
            happened_.put(text(bytes));
            return bytes.size();
        };
    }
    // Takes nothing until all have come.
    OnBytes takeWhenThereAre(std::size_t count) {
        return [this, count](Connection& /*connection*/, std::span<char> bytes) -> std::size_t {
            if (bytes.size() < count) return 0;
            all_ = text(bytes);
            happened_.put("all");
            return bytes.size();
        };
    }
    TcpClient& client() { return pair_.client; }

    fakes::ManualClock clock_;
    Mailbox happened_;
    std::string all_;
    TcpPair pair_;
    LoopThread io_{clock_};  // last: its thread uses the rest
};

std::string numbered(std::size_t size) {
    std::string bytes(size, '\0');
    std::generate(bytes.begin(), bytes.end(),
                  [i = 0]() mutable { return static_cast<char>('a' + (i++ * 7) % 26); });
    return bytes;
}

TEST_F(ConnectionTest, OffersWhatCame) {
    Connection& connection = serve(takeAndTell());
    EXPECT_EQ(connection.remoteAddress(), "127.0.0.1:4711");
    client().send("hello");
    EXPECT_EQ(happened_.take(), "hello");
}

TEST_F(ConnectionTest, WhatWasNotTakenIsOfferedAgainWithWhatFollows) {
    serve([this](Connection& /*connection*/, std::span<char> bytes) -> std::size_t {
        happened_.put(text(bytes));
        return 2;
    });
    client().send("abc");
    EXPECT_EQ(happened_.take(), "abc");
    client().send("de");
    EXPECT_EQ(happened_.take(), "cde");
    client().send("f");
    EXPECT_EQ(happened_.take(), "ef");
}

TEST_F(ConnectionTest, KeepsTailsOfAnyLength) {
    const std::string sent = numbered(300'000);
    serve(takeWhenThereAre(sent.size()));
    client().send(sent);
    EXPECT_EQ(happened_.take(), "all");
    EXPECT_EQ(all_, sent);
}

TEST_F(ConnectionTest, KeepsTheRestOfALongTail) {
    constexpr std::size_t kPart = 100'000;
    const std::string sent = numbered(3 * kPart);
    serve([this](Connection& /*connection*/, std::span<char> bytes) -> std::size_t {
        if (bytes.size() < kPart) return 0;
        all_ += text(bytes.first(kPart));
        if (all_.size() == 3 * kPart) happened_.put("all");
        return kPart;
    });
    client().send(sent);
    client().send("more");
    EXPECT_EQ(happened_.take(), "all");
    EXPECT_EQ(all_, sent);
}

TEST_F(ConnectionTest, SlackBehindTheBytesIsReadable) {
    serve([this](Connection& /*connection*/, std::span<char> bytes) -> std::size_t {
        const char* end = bytes.data() + bytes.size();
        const int sum = std::accumulate(end, end + Loop::kSlack, 0);
        if (bytes.size() < 200'000) return 0;
        happened_.put(sum == 0 ? "zeros" : "readable");
        return bytes.size();
    });
    client().send(numbered(200'000));
    EXPECT_FALSE(happened_.take().empty());
}

TEST_F(ConnectionTest, SendsInOrder) {
    serve([](Connection& connection, std::span<char> bytes) {
        connection.send("<");
        connection.send(text(bytes));
        connection.send(">");
        return bytes.size();
    });
    client().send("hello");
    EXPECT_EQ(client().receive(7), "<hello>");
    EXPECT_EQ(happened_.take(), "drained");
}

TEST_F(ConnectionTest, WritesMoreThanTheKernelTakesAtOnce) {
    const std::string sent = numbered(20'000'000);
    Connection& connection = serve(takeAndTell());
    io_.run([&] {
        connection.send(sent);
        EXPECT_EQ(connection.queued(), sent.size());
    });
    EXPECT_TRUE(happened_.empty());
    EXPECT_EQ(client().receive(sent.size()), sent);
    EXPECT_EQ(happened_.take(), "drained");
    io_.run([&] { EXPECT_EQ(connection.queued(), 0U); });
}

TEST_F(ConnectionTest, PausedItOffersNothingUntilResumed) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.pause(); });
    client().send("hello");
    io_.settle();
    EXPECT_TRUE(happened_.empty());
    io_.run([&] { connection.resume(); });
    EXPECT_EQ(happened_.take(), "hello");
}

TEST_F(ConnectionTest, PausedWithinItsBytesItGetsTheRestAfterwards) {
    Connection& connection = serve([this](Connection& self, std::span<char> bytes) -> std::size_t {
        happened_.put(text(bytes));
        if (bytes.size() > 1) self.pause();
        return 1;
    });
    client().send("ab");
    EXPECT_EQ(happened_.take(), "ab");
    io_.settle();
    EXPECT_TRUE(happened_.empty());
    io_.run([&] {
        EXPECT_TRUE(connection.paused());
        connection.resume();
    });
    EXPECT_EQ(happened_.take(), "b");
}

TEST_F(ConnectionTest, ThePeersEndIsToldAfterItsLastBytes) {
    serve(takeAndTell());
    client().send("bye");
    client().finish();
    EXPECT_EQ(happened_.take(), "bye");
    EXPECT_EQ(happened_.take(), "peer closed");
    EXPECT_EQ(happened_.take(), "destroyed");
    EXPECT_EQ(client().receiveAll(), "");
}

TEST_F(ConnectionTest, ThePeersEndIsSeenOnlyWhenNotPaused) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.pause(); });
    client().send("bye");
    client().finish();
    io_.settle();
    EXPECT_TRUE(happened_.empty());
    io_.run([&] { connection.resume(); });
    EXPECT_EQ(happened_.take(), "bye");
    EXPECT_EQ(happened_.take(), "peer closed");
}

TEST_F(ConnectionTest, ThePeersEndCanEndAPause) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.pause(Connection::AtFin::End); });
    client().send("never taken");
    io_.settle();
    EXPECT_TRUE(happened_.empty());
    client().finish();
    EXPECT_EQ(happened_.take(), "peer closed");
    EXPECT_EQ(happened_.take(), "destroyed");
}

TEST_F(ConnectionTest, ThePeersEndCanBeToldDuringAPauseThatGoesOn) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.pause(Connection::AtFin::Tell); });
    client().send("bye");
    io_.settle();
    EXPECT_TRUE(happened_.empty());
    client().finish();
    EXPECT_EQ(happened_.take(), "fin");
    io_.run([&] { connection.send("read on?"); });
    EXPECT_EQ(client().receive(8), "read on?");
    EXPECT_EQ(happened_.take(), "drained");
    io_.run([&] { connection.resume(); });
    EXPECT_EQ(happened_.take(), "bye");
    EXPECT_EQ(happened_.take(), "peer closed");
    EXPECT_EQ(happened_.take(), "destroyed");
}

TEST_F(ConnectionTest, APeerThatIsGoneDuringAPauseIsFoundByAWrite) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.pause(Connection::AtFin::Tell); });
    client().close();
    EXPECT_EQ(happened_.take(), "fin");
    io_.run([&] { connection.send("to nobody"); });
    EXPECT_EQ(happened_.take(), "drained");
    EXPECT_EQ(happened_.take(), "broken");
}

TEST_F(ConnectionTest, ThePeersEndDuringAPauseLeavesItWhatIsQueued) {
    const std::string sent = numbered(20'000'000);
    Connection& connection = serve(takeAndTell());
    io_.run([&] {
        connection.pause(Connection::AtFin::End);
        connection.send(sent);
    });
    client().finish();
    EXPECT_EQ(happened_.take(), "peer closed");
    EXPECT_EQ(client().receiveAll().size(), sent.size());
}

TEST_F(ConnectionTest, AfterAPauseThePeersEndComesBehindItsBytes) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.pause(Connection::AtFin::End); });
    client().send("bye");
    io_.settle();
    io_.run([&] { connection.resume(); });
    EXPECT_EQ(happened_.take(), "bye");
    client().send("really");
    client().finish();
    EXPECT_EQ(happened_.take(), "really");
    EXPECT_EQ(happened_.take(), "peer closed");
}

TEST_F(ConnectionTest, APeerThatFinishedSendingStillGetsWhatIsQueued) {
    const std::string sent = numbered(20'000'000);
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.send(sent); });
    client().finish();
    EXPECT_EQ(happened_.take(), "peer closed");
    EXPECT_EQ(client().receiveAll().size(), sent.size());
}

TEST_F(ConnectionTest, AResetIsBroken) {
    serve(takeAndTell());
    client().reset();
    EXPECT_EQ(happened_.take(), "broken");
}

TEST_F(ConnectionTest, AResetIsBrokenEvenWhenPaused) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.pause(); });
    client().reset();
    EXPECT_EQ(happened_.take(), "broken");
}

TEST_F(ConnectionTest, ClosedItDeliversAllThatWasSentThoughInputIsUnread) {
    const std::string sent = numbered(5'000'000);
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.pause(); });
    client().send(numbered(100'000));
    io_.run([&] {
        connection.send(sent);
        connection.close();
        connection.send("too late");
    });
    EXPECT_EQ(client().receiveAll(), sent);
    EXPECT_EQ(happened_.take(), "closed");
    EXPECT_EQ(happened_.take(), "destroyed");
}

TEST_F(ConnectionTest, ClosedItWaitsTwoSecondsForThePeer) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] { connection.close(); });
    EXPECT_EQ(client().receiveAll(), "");
    client().send("nobody reads this, and it does no harm");
    io_.settle();
    clock_.advance(Connection::kLingerLimit);
    io_.settle();
    client().awaitReset();
}

TEST_F(ConnectionTest, ClosedItGivesUpOnAPeerThatNeverReads) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] {
        connection.send(numbered(20'000'000));
        connection.close();
    });
    io_.settle();
    EXPECT_TRUE(happened_.empty());
    clock_.advance(Connection::kDrainLimit);
    io_.settle();
    EXPECT_EQ(happened_.take(), "closed");
    client().awaitReset();
}

TEST_F(ConnectionTest, ClosedItGivesUpOnAPeerThatReadsTooSlowly) {
    const int little = 16 * 1024;  // so that the kernel keeps little for the peer
    ::setsockopt(pair_.server.value(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    ::setsockopt(client().descriptor(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    Connection& connection = serve(takeAndTell());
    io_.run([&] {
        connection.send(numbered(4 * 1024 * 1024));
        connection.close();
    });
    io_.settle();
    const auto readSome = [&] {
        EXPECT_EQ(client().receive(256 * 1024).size(), 256U * 1024);
        io_.settle();
    };
    for (int i = 0; i < 10; ++i) {
        readSome();
        clock_.advance(9s);
        io_.settle();
    }
    readSome();
    EXPECT_TRUE(happened_.empty());
    clock_.advance(4s);  // after 30 s, and one for each 64 KiB
    io_.settle();
    EXPECT_EQ(happened_.take(), "closed");
    client().awaitReset();
}

TEST_F(ConnectionTest, AProtocolMayBeToldTheEndLater) {
    Connection& connection = serve(takeAndTell(), true);
    client().send("last words");
    client().reset();
    io_.settle();
    EXPECT_EQ(happened_.take(), "last words");
    EXPECT_TRUE(happened_.empty());
    EXPECT_EQ(connection.remoteAddress(), "127.0.0.1:4711");

    io_.run([&] {
        connection.send("to nobody");
        connection.abort();
    });
    EXPECT_EQ(happened_.take(), "broken");
    EXPECT_EQ(happened_.take(), "destroyed");
}

TEST_F(ConnectionTest, ADelayedEndStillWritesWhatIsQueued) {
    const std::string sent = numbered(8'000'000);
    Connection& connection = serve(takeAndTell(), true);
    io_.run([&] { connection.send(sent); });
    client().finish();
    EXPECT_EQ(client().receive(sent.size()), sent);
    io_.settle();
    EXPECT_TRUE(happened_.empty() || happened_.take() == "drained");
    io_.run([&] { connection.abort(); });
    EXPECT_EQ(happened_.take(), "peer closed");
    EXPECT_EQ(happened_.take(), "destroyed");
}

TEST_F(ConnectionTest, TheEndOfItsLoopIsNotDelayed) {
    serve(takeAndTell(), true);
    client().reset();
    io_.settle();
    EXPECT_TRUE(happened_.empty());
    io_.stop();
    EXPECT_EQ(happened_.take(), "broken");
    EXPECT_EQ(happened_.take(), "destroyed");
}

TEST_F(ConnectionTest, AbortIsToldInTheSameTurnAndDropsWhatIsQueued) {
    Connection& connection = serve(takeAndTell());
    io_.run([&] {
        io_.loop().onTurnEnd([this] { happened_.put("turn end"); });
        connection.send("never sent");
        connection.abort();
        EXPECT_TRUE(happened_.empty());
    });
    EXPECT_EQ(happened_.take(), "closed");
    EXPECT_EQ(happened_.take(), "destroyed");
    EXPECT_EQ(happened_.take(), "turn end");
    EXPECT_EQ(client().receiveAll(), "");
    io_.run([&] { io_.loop().onTurnEnd({}); });
}

TEST_F(ConnectionTest, AbortedWithinItsBytesItIsToldAfterwards) {
    serve([this](Connection& connection, std::span<char> bytes) {
        connection.abort();
        happened_.put("still here");
        return bytes.size() - 1;
    });
    client().send("hello");
    EXPECT_EQ(happened_.take(), "still here");
    EXPECT_EQ(happened_.take(), "closed");
    EXPECT_EQ(happened_.take(), "destroyed");
}

TEST_F(ConnectionTest, ASuccessorGetsTheRestOfTheBytes) {
    serve([this](Connection& connection, std::span<char> bytes) -> std::size_t {
        happened_.put("first " + text(bytes.first(2)));
        connection.become(std::make_unique<Scripted>(happened_, takeAndTell()));
        return 2;
    });
    client().send("abcd");
    EXPECT_EQ(happened_.take(), "first ab");
    EXPECT_EQ(happened_.take(), "destroyed");
    EXPECT_EQ(happened_.take(), "cd");
    client().finish();
    EXPECT_EQ(happened_.take(), "peer closed");
    EXPECT_EQ(happened_.take(), "destroyed");
}

TEST_F(ConnectionTest, ASuccessorCanComeAtAnyTime) {
    Connection& connection =
        serve([](Connection& /*connection*/, std::span<char> /*bytes*/) { return std::size_t{0}; });
    client().send("abcd");
    io_.settle();
    io_.run([&] { connection.become(std::make_unique<Scripted>(happened_, takeAndTell())); });
    EXPECT_EQ(happened_.take(), "destroyed");
    EXPECT_EQ(happened_.take(), "abcd");
}

TEST_F(ConnectionTest, TheEndOfItsLoopIsItsEnd) {
    serve(takeAndTell());
    io_.stop();
    EXPECT_EQ(happened_.take(), "closed");
    EXPECT_EQ(happened_.take(), "destroyed");
    EXPECT_EQ(client().receiveAll(), "");
}

TEST_F(ConnectionTest, AConnectionThatIsRefusedIsBroken) {
    std::uint16_t nobodys_port = 0;
    {
        const TcpPair gone;
        nobodys_port = SocketAddress::ofSocket(gone.server.value()).port();
    }
    const auto address = SocketAddress::parse("127.0.0.1", nobodys_port);
    Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)};
    ::connect(socket.value(), address->get(), address->size());
    io_.run([&] {
        Connection& connection =
            Connection::adopt(io_.loop(), std::move(socket), "",
                              std::make_unique<Scripted>(happened_, takeAndTell()));
        connection.send("hello?");
    });
    EXPECT_EQ(happened_.take(), "broken");
}

}  // namespace
}  // namespace hub::net
