#include "ctl/import/local_times.h"

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace hub::ctl::importer {

namespace {

using namespace std::chrono;

// Rows written at about the same time may stand in another order; more than that is a clock that
// was set back.
constexpr minutes kDisorder{1};

constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr std::size_t kDateLength = 10;  // of `2026-11-23`

bool isDate(std::string_view text) { return text.size() >= kDateLength && text[4] == '-'; }

bool hasOffset(std::string_view text) {
    return text.substr(kDateLength).find_first_of("Z+-") != std::string_view::npos;
}

std::int64_t offsetAt(std::int64_t utc) {
    const std::time_t time = utc;
    std::tm fields{};
    ::localtime_r(&time, &fields);
    return fields.tm_gmtoff;
}

// As the C library finds them, which takes a name it does not find for UTC.
bool isZoneFile(const std::string& zone) {
    const char* const folder = std::getenv("TZDIR");
    const std::filesystem::path file =
        std::filesystem::path(folder != nullptr ? folder : "/usr/share/zoneinfo") / zone;
    std::array<char, 4> magic{};
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) &&
           std::ifstream(file, std::ios::binary).read(magic.data(), magic.size()) &&
           std::string_view(magic.data(), magic.size()) == "TZif";
}

}  // namespace

bool useZone(const std::string& zone) {
    if (!zone.empty()) {
        if (zone != "UTC" && !isZoneFile(zone)) return false;
        ::setenv("TZ", zone.c_str(), 1);
    }
    ::tzset();
    return true;
}

LocalTimes::LocalTimes(Timestamp now) : now_(now) {}

LocalTimes::Reading LocalTimes::read(std::string_view text) {
    const Reading reading = readBeside(text, latest_ - kDisorder);
    if (reading.kind != Kind::Unreadable && reading.kind != Kind::Future) {
        latest_ = std::max(latest_, reading.time);
    }
    return reading;
}

LocalTimes::Reading LocalTimes::readBeside(std::string_view text, Timestamp reference) {
    if (!isDate(text)) return {};
    const auto time = parseTimestamp(text);
    if (!time) return {};
    Reading reading = hasOffset(text) ? Reading{*time, Kind::Plain} : resolve(*time, reference);
    if (reading.time < Timestamp{}) return {};
    if (reading.time > now_) reading = {now_, Kind::Future};
    return reading;
}

LocalTimes::Reading LocalTimes::resolve(Timestamp local, Timestamp reference) {
    const std::int64_t local_seconds = floor<seconds>(local).time_since_epoch().count();
    const Offsets& offsets = offsetsAround(local_seconds);
    const Timestamp first = local - seconds(offsets.before);
    if (offsets.before == offsets.after) return {first, Kind::Plain};

    const Timestamp second = local - seconds(offsets.after);
    const bool is_first = offsetAt(local_seconds - offsets.before) == offsets.before;
    const bool is_second = offsetAt(local_seconds - offsets.after) == offsets.after;
    if (is_first && is_second) return {first >= reference ? first : second, Kind::Repeated};
    if (is_second) return {second, Kind::Plain};
    return {first, is_first ? Kind::Plain : Kind::Skipped};
}

// Zones change their offset at most once in some days, so that one look for each day is enough.
const LocalTimes::Offsets& LocalTimes::offsetsAround(std::int64_t local_seconds) {
    const std::int64_t day =
        floor<days>(sys_seconds(seconds(local_seconds))).time_since_epoch().count();
    if (!offsets_ || offsets_->day != day) {
        offsets_ = {day, offsetAt((day - 1) * kDay), offsetAt((day + 2) * kDay)};
    }
    return *offsets_;
}

}  // namespace hub::ctl::importer
