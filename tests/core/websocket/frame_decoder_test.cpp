#include "websocket/frame_decoder.h"

#include "core/websocket/decoding.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace hub::websocket {
namespace {

using Kind = Decoded::Kind;
using namespace std::string_literals;

constexpr FrameDecoder::Limits kLimits{1000, 8};

std::vector<Told> serverReads(std::string_view stream) {
    FrameDecoder decoder(Role::Server, kLimits);
    return decode(decoder, stream);
}

std::vector<Told> clientReads(std::string_view stream) {
    FrameDecoder decoder(Role::Client, kLimits);
    return decode(decoder, stream);
}

struct Case {
    const char* name;
    std::string stream;
    std::vector<Told> told;  // of a violation only the code counts
};

Told binary(std::string_view payload) {
    return {Kind::Binary, CloseCode::NoStatus, std::string(payload)};
}
Told ping(std::string_view payload) {
    return {Kind::Ping, CloseCode::NoStatus, std::string(payload)};
}
Told pong(std::string_view payload) {
    return {Kind::Pong, CloseCode::NoStatus, std::string(payload)};
}
Told close(CloseCode code, std::string_view reason = "") {
    return {Kind::Close, code, std::string(reason)};
}
Told violation(CloseCode code) { return {Kind::Violation, code, {}}; }

std::vector<Told> withoutRules(std::vector<Told> told) {
    for (Told& one : told) {
        if (one.kind == Kind::Violation) one.payload.clear();
    }
    return told;
}

std::string closeFrame(unsigned code, std::string_view reason = "") {
    return clientFrame(0x88, bytes({code >> 8, code & 0xFF}) + std::string(reason));
}

// The header of a client's frame that states `length` in eight bytes.
std::string longHeader(std::uint64_t length) {
    std::string header = bytes({0x81, 0xFF});
    for (int shift = 56; shift >= 0; shift -= 8) {
        header += static_cast<char>(static_cast<unsigned char>(length >> shift));
    }
    return header + bytes({0, 0, 0, 0});
}

const std::vector<Case>& cases() {
    const std::string big(kLimits.message_bytes, 'b');
    const std::string half(kLimits.message_bytes / 2, 'h');
    const std::string f(1, '\xF0');
    static const std::vector<Case> table{
        // What is right.
        {"empty text", clientFrame(0x81, ""), {text("")}},
        {"short text", clientFrame(0x81, "Hello"), {text("Hello")}},
        {"length 125", clientFrame(0x81, big.substr(0, 125)), {text(big.substr(0, 125))}},
        {"length 126", clientFrame(0x82, big.substr(0, 126)), {binary(big.substr(0, 126))}},
        {"as long as allowed", clientFrame(0x81, big), {text(big)}},
        {"binary is not UTF-8", clientFrame(0x82, "\xFF\xFE"), {binary("\xFF\xFE")}},
        {"two in a row", clientFrame(0x81, "a") + clientFrame(0x82, "b"), {text("a"), binary("b")}},
        {"three fragments",
         clientFrame(0x01, "He") + clientFrame(0x00, "ll") + clientFrame(0x80, "o"),
         {text("Hello")}},
        {"empty fragments",
         clientFrame(0x01, "") + clientFrame(0x00, "") + clientFrame(0x80, ""),
         {text("")}},
        {"only the last has bytes", clientFrame(0x02, "") + clientFrame(0x80, "x"), {binary("x")}},
        {"ping between fragments",
         clientFrame(0x01, "He") + clientFrame(0x89, "!") + clientFrame(0x80, "llo"),
         {ping("!"), text("Hello")}},
        {"fragments together as long as allowed",
         clientFrame(0x01, half) + clientFrame(0x80, half),
         {text(half + half)}},
        {"as many fragments as allowed",
         clientFrame(0x01, "1") + clientFrame(0x00, "2") + clientFrame(0x00, "3") +
             clientFrame(0x00, "4") + clientFrame(0x00, "5") + clientFrame(0x00, "6") +
             clientFrame(0x00, "7") + clientFrame(0x80, "8"),
         {text("12345678")}},
        {"character over fragments",
         clientFrame(0x01, "\xF0\x9F") + clientFrame(0x00, "\x98") + clientFrame(0x80, "\x80"),
         {text("\xF0\x9F\x98\x80")}},
        {"ping and pong", clientFrame(0x89, "a") + clientFrame(0x8A, ""), {ping("a"), pong("")}},
        {"longest control frame",
         clientFrame(0x89, big.substr(0, 125)),
         {ping(big.substr(0, 125))}},
        {"close without a code", clientFrame(0x88, ""), {close(CloseCode::NoStatus)}},
        {"close with a code", closeFrame(1000), {close(CloseCode::Normal)}},
        {"close with a reason", closeFrame(4000, "mine"), {close(CloseCode::TakenOver, "mine")}},
        {"close between fragments",
         clientFrame(0x01, "He") + closeFrame(1001),
         {close(CloseCode::GoingAway)}},
        {"nothing after a close",
         closeFrame(1000) + clientFrame(0x81, "late"),
         {close(CloseCode::Normal)}},

        // What breaks a rule of framing.
        {"reserved bit 1", clientFrame(0xC1, "x"), {violation(CloseCode::ProtocolError)}},
        {"reserved bit 2", clientFrame(0xA1, "x"), {violation(CloseCode::ProtocolError)}},
        {"reserved bit 3", clientFrame(0x91, "x"), {violation(CloseCode::ProtocolError)}},
        {"opcode 3", clientFrame(0x83, "x"), {violation(CloseCode::ProtocolError)}},
        {"opcode 7", clientFrame(0x87, ""), {violation(CloseCode::ProtocolError)}},
        {"opcode 11", clientFrame(0x8B, ""), {violation(CloseCode::ProtocolError)}},
        {"opcode 15", clientFrame(0x8F, "x"), {violation(CloseCode::ProtocolError)}},
        {"not masked", bytes({0x81, 0x01, 'x'}), {violation(CloseCode::ProtocolError)}},
        {"length 125 in two bytes",
         bytes({0x81, 0xFE, 0, 125, 0, 0, 0, 0}) + big.substr(0, 125),
         {violation(CloseCode::ProtocolError)}},
        {"length 65535 in eight bytes", longHeader(0xFFFF), {violation(CloseCode::ProtocolError)}},
        {"length with the highest bit",
         longHeader(1ULL << 63),
         {violation(CloseCode::ProtocolError)}},
        {"fragmented ping", clientFrame(0x09, "x"), {violation(CloseCode::ProtocolError)}},
        {"fragmented close", clientFrame(0x08, ""), {violation(CloseCode::ProtocolError)}},
        {"long ping", clientFrame(0x89, big.substr(0, 126)), {violation(CloseCode::ProtocolError)}},
        {"nothing to continue", clientFrame(0x80, "x"), {violation(CloseCode::ProtocolError)}},
        {"continuation after a message",
         clientFrame(0x81, "a") + clientFrame(0x00, "x"),
         {text("a"), violation(CloseCode::ProtocolError)}},
        {"text within a message",
         clientFrame(0x01, "a") + clientFrame(0x81, "b"),
         {violation(CloseCode::ProtocolError)}},
        {"binary within a message",
         clientFrame(0x01, "a") + clientFrame(0x02, "b"),
         {violation(CloseCode::ProtocolError)}},
        {"nothing after a violation",
         clientFrame(0x83, "") + clientFrame(0x81, "late"),
         {violation(CloseCode::ProtocolError)}},

        // What breaks a limit.
        {"one byte too long", clientFrame(0x81, big + "!"), {violation(CloseCode::MessageTooBig)}},
        {"too long by its header alone",
         longHeader((1ULL << 63) - 1),
         {violation(CloseCode::MessageTooBig)}},
        {"fragments together too long",
         clientFrame(0x01, half) + clientFrame(0x00, half) + clientFrame(0x80, "!"),
         {violation(CloseCode::MessageTooBig)}},
        {"too many fragments, all empty",
         clientFrame(0x01, "") + clientFrame(0x00, "") + clientFrame(0x00, "") +
             clientFrame(0x00, "") + clientFrame(0x00, "") + clientFrame(0x00, "") +
             clientFrame(0x00, "") + clientFrame(0x00, "") + clientFrame(0x80, ""),
         {violation(CloseCode::PolicyViolation)}},

        // What breaks a rule of content.
        {"text is not UTF-8", clientFrame(0x81, "a\xFF"), {violation(CloseCode::InvalidPayload)}},
        {"text ends within a character",
         clientFrame(0x81, "a\xC3"),
         {violation(CloseCode::InvalidPayload)}},
        {"fragments end within a character",
         clientFrame(0x01, f) + clientFrame(0x80, "\x9F"),
         {violation(CloseCode::InvalidPayload)}},
        {"surrogate over fragments",
         clientFrame(0x01, "\xED") + clientFrame(0x00, "\xA0"),
         {violation(CloseCode::InvalidPayload)}},
        {"the next text begins anew",
         clientFrame(0x81, "\xC3\xA4") + clientFrame(0x81, "\xA4"),
         {text("\xC3\xA4"), violation(CloseCode::InvalidPayload)}},
        {"close with half a code",
         clientFrame(0x88, "\x03"),
         {violation(CloseCode::ProtocolError)}},
        {"close code 999", closeFrame(999), {violation(CloseCode::ProtocolError)}},
        {"close code 1005", closeFrame(1005), {violation(CloseCode::ProtocolError)}},
        {"close code 2999", closeFrame(2999), {violation(CloseCode::ProtocolError)}},
        {"close code 5000", closeFrame(5000), {violation(CloseCode::ProtocolError)}},
        {"close reason is not UTF-8",
         closeFrame(1000, "\xC3"),
         {violation(CloseCode::InvalidPayload)}},
    };
    return table;
}

TEST(FrameDecoder, KeepsEveryRule) {
    for (const Case& one : cases()) {
        EXPECT_EQ(withoutRules(serverReads(one.stream)), one.told) << one.name;
    }
}

TEST(FrameDecoder, NamesTheBrokenRule) {
    for (const Case& one : cases()) {
        for (const Told& told : serverReads(one.stream)) {
            EXPECT_EQ(told.kind == Kind::Violation && told.payload.empty(), false) << one.name;
        }
    }
}

TEST(FrameDecoder, TellsTheSameHoweverTheStreamIsCut) {
    for (const Case& one : cases()) {
        const std::string_view stream = one.stream;
        for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
            FrameDecoder decoder(Role::Server, kLimits);
            const std::string_view pieces[]{stream.substr(0, cut), stream.substr(cut)};
            ASSERT_EQ(withoutRules(decode(decoder, pieces)), one.told) << one.name << " at " << cut;
        }
        FrameDecoder decoder(Role::Server, kLimits);
        std::vector<std::string_view> single;
        for (std::size_t i = 0; i < stream.size(); ++i) single.push_back(stream.substr(i, 1));
        ASSERT_EQ(withoutRules(decode(decoder, single)), one.told) << one.name << " byte by byte";
    }
}

TEST(FrameDecoder, RejectsBadUtf8BeforeTheMessageIsComplete) {
    FrameDecoder decoder(Role::Server, kLimits);
    const std::string begin = clientFrame(0x81, "ab\xFF" + std::string(500, 'x')).substr(0, 20);
    EXPECT_EQ(withoutRules(decode(decoder, begin)),
              std::vector{violation(CloseCode::InvalidPayload)});
}

TEST(FrameDecoder, DeliversAWholeFrameInPlace) {
    FrameDecoder decoder(Role::Server, kLimits);
    std::string stream = clientFrame(0x81, "Hello") + clientFrame(0x81, "again");
    std::span<char> rest(stream);

    EXPECT_EQ(decoder.next(rest).payload.data(), stream.data() + 6);
    EXPECT_EQ(rest.data(), stream.data() + 11);
    EXPECT_EQ(decoder.next(rest).payload.data(), stream.data() + 17);
    EXPECT_TRUE(rest.empty());
}

TEST(FrameDecoder, OfAClientTakesOnlyUnmaskedFrames) {
    std::string stream;
    appendFrame(stream, Opcode::Text, "Hello");
    EXPECT_EQ(clientReads(stream), std::vector{text("Hello")});
    EXPECT_EQ(withoutRules(clientReads(clientFrame(0x81, "Hello"))),
              std::vector{violation(CloseCode::ProtocolError)});
}

// A stream of valid messages, cut into fragments and mixed with control frames at random, and what
// must be read from it.
class RandomStream {
public:
    RandomStream(std::mt19937& random, Role reader) : random_(random), reader_(reader) {
        for (int i = 0; i < 20; ++i) {
            if (pick(3) == 0) addControl();
            addMessage();
        }
    }

    std::string stream;
    std::vector<Told> told;

private:
    std::size_t pick(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
    }

    void addFrame(unsigned first, std::string_view payload) {
        const std::size_t begin = stream.size();
        std::optional<MaskingKey> key;
        if (reader_ == Role::Server) {
            key.emplace();
            for (auto& byte : *key) byte = static_cast<std::uint8_t>(pick(256));
        }
        appendFrame(stream, Opcode::Text, payload, key);
        stream[begin] = static_cast<char>(static_cast<unsigned char>(first));
    }

    std::string randomText(std::size_t characters) {
        static constexpr std::string_view kAlphabet[]{"a", "{", "\xC3\xA4", "\xE2\x82\xAC",
                                                      "\xF0\x9F\x98\x80"};
        std::string result;
        for (std::size_t i = 0; i < characters; ++i) result += kAlphabet[pick(5)];
        return result;
    }

    void addControl() {
        const bool is_ping = pick(2) == 0;
        const std::string payload = randomText(pick(31));
        addFrame(is_ping ? 0x89 : 0x8A, payload);
        told.push_back(is_ping ? ping(payload) : pong(payload));
    }

    void addMessage() {
        const bool is_text = pick(2) == 0;
        const std::string payload = randomText(pick(240));
        std::size_t begin = 0;
        unsigned opcode = is_text ? 0x01 : 0x02;
        for (std::size_t fragments = pick(6); fragments > 0; --fragments) {
            const std::size_t length = pick(payload.size() - begin + 1);
            addFrame(opcode, std::string_view(payload).substr(begin, length));
            opcode = 0;
            begin += length;
            if (pick(4) == 0) addControl();
        }
        addFrame(0x80 | opcode, std::string_view(payload).substr(begin));
        told.push_back(is_text ? text(payload) : binary(payload));
    }

    std::mt19937& random_;
    Role reader_;
};

TEST(FrameDecoder, ReadsBackWhatWasEncoded) {
    std::mt19937 random(6455);
    for (int round = 0; round < 300; ++round) {
        const Role reader = round % 2 == 0 ? Role::Server : Role::Client;
        const RandomStream sent(random, reader);

        std::vector<std::string_view> pieces;
        const std::string_view stream = sent.stream;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t length = std::uniform_int_distribution<std::size_t>(1, 400)(random);
            pieces.push_back(stream.substr(at, length));
            at += pieces.back().size();
        }
        FrameDecoder decoder(reader, kLimits);
        ASSERT_EQ(decode(decoder, pieces), sent.told) << "round " << round;
    }
}

}  // namespace
}  // namespace hub::websocket
