#include "http/chunked_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace hub::http {
namespace {

struct Outcome {
    std::string body;
    std::string rest;
    ChunkedDecoder::State state = ChunkedDecoder::State::More;
    bool operator==(const Outcome&) const = default;
};

// Gives the decoder at most `step` bytes at a time.
Outcome decode(const std::string& input, std::size_t step = std::string::npos) {
    ChunkedDecoder decoder;
    Outcome outcome;
    std::size_t taken = 0;
    while (taken < input.size() && outcome.state == ChunkedDecoder::State::More) {
        const auto result = decoder.decode(std::string_view(input).substr(taken, step));
        outcome.body += result.bytes;
        outcome.state = result.state;
        taken += result.taken;
    }
    outcome.rest = input.substr(taken);
    return outcome;
}

Outcome done(const std::string& body, const std::string& rest = {}) {
    return {body, rest, ChunkedDecoder::State::Done};
}

TEST(ChunkedDecoder, JoinsTheChunks) {
    EXPECT_EQ(decode("4\r\nWiki\r\n6\r\npedia \r\n00a\r\n0123456789\r\n0\r\n\r\n"),
              done("Wikipedia 0123456789"));
    EXPECT_EQ(decode("0\r\n\r\n"), done(""));
    EXPECT_EQ(decode("2\r\n\r\n\r\n0\r\n\r\n"), done("\r\n"));
}

TEST(ChunkedDecoder, LeavesWhatFollowsTheBody) {
    EXPECT_EQ(decode("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1"), done("a", "GET / HTTP/1.1"));
}

TEST(ChunkedDecoder, AnyCutGivesTheSame) {
    const std::string input =
        "5;name=\"value\"\r\nhello\r\nA\r\n0123456789\r\n000\r\nTrailer: x\r\nOther: y\r\n\r\nrest";
    const Outcome whole = decode(input);
    EXPECT_EQ(whole, done("hello0123456789", "rest"));
    for (std::size_t step = 1; step < input.size(); ++step) EXPECT_EQ(decode(input, step), whole);
}

TEST(ChunkedDecoder, HalfABodyWantsMore) {
    const std::string input = "5\r\nhello\r\n0\r\nA: b\r\n\r\n";
    for (std::size_t length = 0; length < input.size(); ++length) {
        EXPECT_EQ(decode(input.substr(0, length)).state, ChunkedDecoder::State::More) << length;
    }
}

TEST(ChunkedDecoder, ReadsOverExtensionsAndTrailers) {
    EXPECT_EQ(decode("1;a;b=c;d=\"e f\"\r\nx\r\n0;last\r\nChecksum: 1\r\nMore: 2\r\n\r\n"),
              done("x"));
}

TEST(ChunkedDecoder, BrokenCodingIsBad) {
    for (const char* bad : {
             "\r\n",          " 1\r\na\r\n",
             "1 \r\na\r\n",   "1\na\n",
             "1\r\na\n",      "1\r\nab\r\n",
             "1\r\n\r\n\r\n", "g\r\n",
             "0x1\r\na\r\n",  "-1\r\n",
             "+1\r\n",        "1,\r\n",
             ";a\r\n",        "100000000\r\n",
             "1;a\nb\r\n",    "1;a\rb\r\n",
             "0\r\n\rX",      "0\r\nA: b\n\r\n",
             "0\r\n\n",       "0\r\nA\rB\r\n\r\n",
             "1;\x01\r\n",    "1\rX",
         }) {
        EXPECT_EQ(decode(bad).state, ChunkedDecoder::State::Bad) << bad;
        EXPECT_EQ(decode(bad, 1).state, ChunkedDecoder::State::Bad) << bad;
    }
}

TEST(ChunkedDecoder, LinesHaveALimit) {
    const auto extension = [](std::size_t length) {
        return decode("1;" + std::string(length, 'x') + "\r\na\r\n0\r\n\r\n").state;
    };
    EXPECT_EQ(extension(ChunkedDecoder::kMaxLineBytes), ChunkedDecoder::State::Done);
    EXPECT_EQ(extension(ChunkedDecoder::kMaxLineBytes + 1), ChunkedDecoder::State::Bad);

    std::string trailers = "0\r\n";
    for (std::size_t bytes = 0; bytes <= ChunkedDecoder::kMaxTrailerBytes; bytes += 4) {
        trailers += "A: b\r\n";
    }
    EXPECT_EQ(decode(trailers + "\r\n").state, ChunkedDecoder::State::Bad);
}

}  // namespace
}  // namespace hub::http
