#include "http/chunked_decoder.h"

#include "http/field_syntax.h"

namespace hub::http {
namespace {

// 4 GiB: far above every limit, and it cannot overflow.
constexpr std::size_t kMaxSizeDigits = 8;

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::decode(std::string_view input) {
    Step step;
    while (step.taken < input.size() && step.state == State::More) {
        if (expect_ == Expect::Bytes) {
            step.bytes = input.substr(step.taken, chunk_left_);
            step.taken += step.bytes.size();
            chunk_left_ -= step.bytes.size();
            if (chunk_left_ == 0) expect_ = Expect::BytesReturn;
            return step;
        }
        step.state = decodeCharacter(input[step.taken++]);
    }
    return step;
}

ChunkedDecoder::State ChunkedDecoder::decodeCharacter(char c) {
    const auto expectOnly = [&](char wanted, Expect next) {
        expect_ = next;
        return c == wanted ? State::More : State::Bad;
    };
    switch (expect_) {
        case Expect::Size:
            return decodeSize(c);
        case Expect::Extension:
            return decodeText(c, kMaxLineBytes, Expect::SizeLineFeed);
        case Expect::SizeLineFeed:
            line_bytes_ = 0;
            digits_ = 0;
            return expectOnly('\n', chunk_left_ > 0 ? Expect::Bytes : Expect::TrailerBegin);
        case Expect::Bytes:
            return State::Bad;
        case Expect::BytesReturn:
            return expectOnly('\r', Expect::BytesLineFeed);
        case Expect::BytesLineFeed:
            return expectOnly('\n', Expect::Size);
        case Expect::TrailerBegin:
            if (c == '\r') return expectOnly('\r', Expect::LastLineFeed);
            expect_ = Expect::Trailer;
            return decodeText(c, kMaxTrailerBytes, Expect::TrailerLineFeed);
        case Expect::Trailer:
            return decodeText(c, kMaxTrailerBytes, Expect::TrailerLineFeed);
        case Expect::TrailerLineFeed:
            return expectOnly('\n', Expect::TrailerBegin);
        case Expect::LastLineFeed:
            expect_ = Expect::Nothing;
            return c == '\n' ? State::Done : State::Bad;
        case Expect::Nothing:
            return State::Bad;
    }
    return State::Bad;
}

ChunkedDecoder::State ChunkedDecoder::decodeSize(char c) {
    if (const int digit = hexDigit(c); digit >= 0 && digits_ < kMaxSizeDigits) {
        chunk_left_ = chunk_left_ * 16 + static_cast<std::uint64_t>(digit);
        ++digits_;
        return State::More;
    }
    if (digits_ == 0) return State::Bad;
    if (c == '\r') {
        expect_ = Expect::SizeLineFeed;
        return State::More;
    }
    expect_ = Expect::Extension;
    return c == ';' ? State::More : State::Bad;
}

// Reads over a line up to its CR.
ChunkedDecoder::State ChunkedDecoder::decodeText(char c, std::size_t limit, Expect line_feed) {
    if (c == '\r') {
        expect_ = line_feed;
        return State::More;
    }
    const bool fits = ++line_bytes_ <= limit;
    return fits && isFieldText({&c, 1}) ? State::More : State::Bad;
}

}  // namespace hub::http
