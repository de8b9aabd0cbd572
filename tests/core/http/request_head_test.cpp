#include "http/request_head.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>

namespace hub::http {
namespace {

HeadResult parse(const std::string& input) {
    // A copy without slack, so that reading behind it is seen by a sanitizer.
    static thread_local std::string kept;
    kept = input;
    return parseRequestHead(kept);
}

RequestHead accepted(const std::string& input) {
    HeadResult result = parse(input);
    auto* head = std::get_if<RequestHead>(&result);
    EXPECT_NE(head, nullptr) << input;
    return head == nullptr ? RequestHead() : std::move(*head);
}

// 0 when it is not refused.
int refusal(const std::string& input) {
    const HeadResult result = parse(input);
    const auto* refused = std::get_if<HeadRefused>(&result);
    return refused == nullptr ? 0 : refused->status;
}

bool incomplete(const std::string& input) {
    return std::holds_alternative<HeadIncomplete>(parse(input));
}

// A whole head with these lines behind a valid request line and Host.
std::string with(const std::string& lines) {
    return "POST / HTTP/1.1\r\nHost: hub\r\n" + lines + "\r\n\r\n";
}

std::string line(const std::string& request_line) { return request_line + "\r\nHost: hub\r\n\r\n"; }

TEST(RequestHead, IsReadIntoItsParts) {
    const RequestHead head = accepted(
        "GET /api/devices?tag=a&x HTTP/1.1\r\nHost: hub:8000\r\naccept:\t*/* \r\nX-Empty:\r\n\r\n");
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.path, "/api/devices");
    EXPECT_EQ(head.query, "tag=a&x");
    EXPECT_EQ(head.fields.size(), 3U);
    EXPECT_EQ(head.find("ACCEPT"), "*/*");
    EXPECT_EQ(head.find("x-empty"), "");
    EXPECT_FALSE(head.find("x-none"));
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.hasBody());
}

TEST(RequestHead, EveryPrefixIsIncomplete) {
    const std::string whole =
        "POST /a?b=c HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_TRUE(incomplete(whole.substr(0, length))) << length;
    }
    EXPECT_TRUE(accepted(whole).expects_continue);
}

TEST(RequestHead, EndsWhereTheBodyBegins) {
    EXPECT_EQ(accepted(line("GET / HTTP/1.1") + "X: no header\r\n\r\n").fields.size(), 1U);
}

TEST(RequestHead, OneEmptyLineBeforeItIsForgiven) {
    EXPECT_EQ(accepted("\r\n" + line("GET / HTTP/1.1")).method, "GET");
    EXPECT_EQ(refusal("\r\n\r\n" + line("GET / HTTP/1.1")), 400);
}

TEST(RequestHead, TargetsOfEveryForm) {
    EXPECT_EQ(accepted(line("GET http://hub:8000/a/b?c HTTP/1.1")).path, "/a/b");
    EXPECT_EQ(accepted(line("GET HTTP://hub?c HTTP/1.1")).path, "/");
    EXPECT_EQ(accepted(line("GET HTTP://hub?c HTTP/1.1")).query, "c");
    EXPECT_EQ(accepted(line("GET https://hub HTTP/1.1")).path, "/");
    EXPECT_EQ(accepted(line("OPTIONS * HTTP/1.1")).path, "*");
    EXPECT_EQ(accepted(line("GET /? HTTP/1.1")).query, "");
    EXPECT_EQ(accepted(line("GET //a HTTP/1.1")).path, "//a");
}

TEST(RequestHead, BadRequestLinesAreRefused) {
    for (const char* bad : {
             "GET",
             "GET /",
             "GET / HTTP/1.1 ",
             " GET / HTTP/1.1",
             "GET  / HTTP/1.1",
             "GET /  HTTP/1.1",
             "GET\t/ HTTP/1.1",
             "G(T / HTTP/1.1",
             "GET / HTTP/1",
             "GET / HTTP/1.10",
             "GET / http/1.1",
             "GET / HTTP/x.1",
             "GET / HTCPCP/1.0",
             "GET a HTTP/1.1",
             "GET hub:80 HTTP/1.1",
             "CONNECT hub:80 HTTP/1.1",
             "GET * HTTP/1.1",
             "GET /a b HTTP/1.1",
             "GET /a#b HTTP/1.1",
             "GET /\x7f HTTP/1.1",
             "GET /\xc3\xa4 HTTP/1.1",
             "GET /a\rb HTTP/1.1",
             "GET http:// HTTP/1.1",
             "GET http:///a HTTP/1.1",
             "GET http://user@hub/ HTTP/1.1",
             "GET ftp://hub/ HTTP/1.1",
             "GET ://hub/ HTTP/1.1",
         }) {
        EXPECT_EQ(refusal(line(bad)), 400) << bad;
    }
}

TEST(RequestHead, OtherVersionsAreRefusedAsSuch) {
    EXPECT_EQ(refusal(line("GET / HTTP/2.0")), 505);
    EXPECT_EQ(refusal(line("GET / HTTP/1.2")), 505);
    EXPECT_EQ(refusal(line("GET / HTTP/0.9")), 505);
    EXPECT_EQ(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
}

TEST(RequestHead, LinesEndWithBothCharactersOnly) {
    EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: hub\r\n\r\n"), 400);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: hub\n\r\n"), 400);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: hub\r\n\n"), 400);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: hub\r\r\n\r\n"), 400);
    EXPECT_EQ(refusal(with("X: a\rB: c")), 400);
    EXPECT_EQ(refusal("\n"), 400);
}

TEST(RequestHead, ControlCharactersAreRefusedAtOnce) {
    EXPECT_EQ(refusal(with(std::string("X: a\0b", 6))), 400);
    EXPECT_EQ(refusal(with("X: a\x01")), 400);
    EXPECT_EQ(refusal(with("X: a\x7f")), 400);
    EXPECT_EQ(refusal("\x16\x03\x01\x02"), 400) << "a TLS client does not wait for its answer";
    EXPECT_EQ(refusal("GET / HT\x01"), 400);
}

TEST(RequestHead, ObsoleteTextInValuesIsOpaque) {
    EXPECT_EQ(accepted(with("X: \xe4\xf6")).find("x"), "\xe4\xf6");
}

TEST(RequestHead, BadFieldLinesAreRefused) {
    for (const char* bad : {"X : a", "X\t: a", ": a", "X a", "X", " X: a", "X: a\r\n b",
                            "X: a\r\n\tb", "X(: a", "X\xe4: a", "\"X\": a"}) {
        EXPECT_EQ(refusal(with(bad)), 400) << bad;
    }
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\n Host: hub\r\n\r\n"), 400);
}

TEST(RequestHead, HostStandsOnce) {
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(refusal(with("Host: hub")), 400);
    EXPECT_EQ(refusal(with("host: other")), 400);
    EXPECT_EQ(refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
    accepted("GET / HTTP/1.0\r\n\r\n");
    accepted("GET / HTTP/1.1\r\nHost:\r\n\r\n");
    accepted("GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n");
    for (const char* bad : {"a b", "a,b", "a/b", "user@a", "a?b"}) {
        EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: " + std::string(bad) + "\r\n\r\n"), 400) << bad;
    }
}

TEST(RequestHead, ContentLengthIsOneNumber) {
    EXPECT_EQ(accepted(with("Content-Length: 0")).content_length, 0U);
    EXPECT_EQ(accepted(with("content-length: 18446744073709551615")).content_length,
              18446744073709551615U);
    for (const char* bad :
         {"", "-1", "+1", "1 2", "1,1", "0x10", "1a", "a", "1.0", "18446744073709551616"}) {
        EXPECT_EQ(refusal(with("Content-Length: " + std::string(bad))), 400) << bad;
    }
    EXPECT_EQ(refusal(with("Content-Length: 5\r\nContent-Length: 5")), 400);
    EXPECT_EQ(refusal(with("Content-Length: 5\r\ncontent-length: 6")), 400);
}

TEST(RequestHead, ChunkedIsTheOnlyTransferCoding) {
    EXPECT_TRUE(accepted(with("Transfer-Encoding: chunked")).chunked);
    EXPECT_TRUE(accepted(with("transfer-encoding: CHUNKED")).chunked);
    for (const char* other : {"gzip", "gzip, chunked", "chunked, gzip", "identity", "xchunked",
                              "chunked, chunked", "chunked;q=1", "",
                              "\x0b"
                              "chunked"}) {
        const int status = refusal(with("Transfer-Encoding: " + std::string(other)));
        EXPECT_TRUE(status == 501 || status == 400) << other;
    }
    EXPECT_EQ(refusal(with("Transfer-Encoding: gzip, chunked")), 501);
    EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")), 400);
}

TEST(RequestHead, TwoBodyLengthsAreRefused) {
    EXPECT_EQ(refusal(with("Content-Length: 5\r\nTransfer-Encoding: chunked")), 400);
    EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\nContent-Length: 5")), 400);
    EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\nContent-Length: 0")), 400);
    EXPECT_EQ(refusal(with("Transfer-Encoding : chunked\r\nContent-Length: 5")), 400);
    EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestHead, ConnectionDecidesWhatFollows) {
    const auto keeps = [](const std::string& version, const std::string& lines) {
        return accepted("GET / HTTP/" + version + "\r\nHost: hub\r\n" + lines + "\r\n").keep_alive;
    };
    EXPECT_TRUE(keeps("1.1", ""));
    EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: Upgrade, Close\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
    EXPECT_TRUE(keeps("1.1", "Connection: closed\r\n"));
    EXPECT_FALSE(keeps("1.0", ""));
    EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
}

TEST(RequestHead, OnlyOneExpectationIsUnderstood) {
    EXPECT_TRUE(accepted(with("Expect: 100-Continue")).expects_continue);
    EXPECT_EQ(refusal(with("Expect: 200-ok")), 417);
    EXPECT_FALSE(accepted("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expects_continue);
}

TEST(RequestHead, IsNeverLongerThanItsLimit) {
    const std::string filled = "GET / HTTP/1.1\r\nHost: hub\r\nX: ";
    const auto of = [&](std::size_t size) {
        return filled + std::string(size - filled.size() - 4, 'x') + "\r\n\r\n";
    };
    accepted(of(kMaxHeadBytes));
    EXPECT_EQ(refusal(of(kMaxHeadBytes + 1)), 431);
    EXPECT_EQ(refusal(of(kMaxHeadBytes * 2)), 431);
    EXPECT_EQ(refusal("GET /" + std::string(kMaxHeadBytes, 'x')), 414);
    EXPECT_TRUE(incomplete("GET /" + std::string(kMaxHeadBytes - 6, 'x')));
    EXPECT_EQ(refusal("GET /" + std::string(kMaxHeadBytes - 5, 'x')), 414);
}

TEST(RequestHead, HasNoMoreFieldsThanItsLimit) {
    std::string lines;
    for (std::size_t i = 2; i <= kMaxHeaderFields; ++i) lines += "X: a\r\n";
    EXPECT_EQ(accepted("GET / HTTP/1.1\r\nHost: hub\r\n" + lines + "\r\n").fields.size(),
              kMaxHeaderFields);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: hub\r\n" + lines + "X: a\r\n\r\n"), 431);
}

// What `input` comes to when it arrives in pieces of this size: where the head ends, 0 while it
// does not, or the negative status of a refusal.
int inPieces(const std::string& input, std::size_t size) {
    HeadProgress progress;
    for (std::size_t length = std::min(size, input.size());;
         length = std::min(length + size, input.size())) {
        const auto found = findHeadEnd(std::string(input, 0, length), progress);
        if (const auto* end = std::get_if<HeadEnd>(&found)) return static_cast<int>(*end);
        if (const auto* refused = std::get_if<HeadRefused>(&found)) return -refused->status;
        if (length == input.size()) return 0;
    }
}

TEST(FindHeadEnd, DoesNotDependOnThePieces) {
    const std::string whole = "\r\n" + with("X: a\r\nContent-Length: 5") + "12345";
    const std::string many = with("X: " + std::string(8'000, 'x'));
    for (const std::size_t size : {1U, 2U, 3U, 7U, 64U, 100'000U}) {
        EXPECT_EQ(inPieces(whole, size), static_cast<int>(whole.size()) - 5) << size;
        EXPECT_EQ(inPieces(many, size), static_cast<int>(many.size())) << size;
        EXPECT_EQ(inPieces(whole.substr(0, 40), size), 0) << size;
        EXPECT_EQ(inPieces("\r\n" + whole, size), -400) << size;
        EXPECT_EQ(inPieces("\x16\x03\x01", size), -400) << size;
        EXPECT_EQ(inPieces("GET / HTTP/1.1\r\nX: a\rb", size), -400) << size;
        EXPECT_EQ(inPieces("GET / HTTP/2.0\r\n", size), -505) << size;
        EXPECT_EQ(inPieces(with("X: a\n"), size), -400) << size;
        EXPECT_EQ(inPieces(with("X: a\rb"), size), -400) << size;
        EXPECT_EQ(inPieces("GET /" + std::string(9'000, 'x'), size), -414) << size;
        EXPECT_EQ(inPieces(with("X: " + std::string(9'000, 'x')), size), -431) << size;
    }
}

TEST(FindHeadEnd, CountsTheFieldsOfAllPieces) {
    std::string lines = "A: b";
    for (std::size_t fields = 2; fields < kMaxHeaderFields; ++fields) lines += "\r\nA: b";
    for (const std::size_t size : {1U, 10U, 100'000U}) {
        EXPECT_EQ(inPieces(with(lines), size), static_cast<int>(with(lines).size())) << size;
        EXPECT_EQ(inPieces(with(lines + "\r\nA: b"), size), -431) << size;
    }
}

// What a call has judged may be gone by the next: so the cost of a head grows with its length, not
// with its length times the number of its pieces.
TEST(FindHeadEnd, NeverLooksAgainAtWhatItHasJudged) {
    const std::string whole =
        with("X: " + std::string(2'000, 'x') + "\r\nY: " + std::string(4'000, 'y') + "\r\nZ: z");
    HeadProgress progress;
    for (std::size_t length = 1; length < whole.size(); ++length) {
        std::string input = whole.substr(0, length);
        // The lines before; and of the one that has not ended, all but its last character.
        std::fill_n(input.begin(), progress.line, '\x01');
        const bool ends_line = input.back() == '\n';
        if (!ends_line && progress.searched > progress.line + 1) {
            std::fill(input.begin() + static_cast<std::ptrdiff_t>(progress.line),
                      input.begin() + static_cast<std::ptrdiff_t>(progress.searched) - 1, '\n');
        }
        const auto found = findHeadEnd(input, progress);
        ASSERT_TRUE(std::holds_alternative<HeadIncomplete>(found)) << length;
        EXPECT_EQ(progress.searched, length);
    }
    const auto found = findHeadEnd(whole, progress);
    ASSERT_TRUE(std::holds_alternative<HeadEnd>(found));
    EXPECT_EQ(static_cast<std::size_t>(std::get<HeadEnd>(found)), whole.size());
}

}  // namespace
}  // namespace hub::http
