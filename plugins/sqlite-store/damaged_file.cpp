#include "damaged_file.h"

#include "database_connection.h"
#include "device_table.h"
#include "query.h"
#include "stored_state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <system_error>

namespace hub::sqlite_store {

namespace {

// The largest number that `sql` gives, of those that a hub can have given.
std::int64_t readLargest(DatabaseConnection& connection, const std::string& sql,
                         std::int64_t limit) noexcept {
    try {
        const std::int64_t number = readNumber(connection, sql);
        return number > 0 && number <= limit ? number : 0;
    } catch (const std::exception&) {
        return 0;
    }
}

// `20261123T164003Z`
std::string compactTime(Timestamp time) {
    std::string text = formatTimestamp(std::chrono::floor<std::chrono::seconds>(time));
    text.resize(text.find('.'));
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + "Z";
}

}  // namespace

std::filesystem::path setAside(const std::filesystem::path& file, Timestamp now) {
    const std::filesystem::path aside = file.string() + ".damaged-" + compactTime(now);
    try {
        // The log first: without it the file would be taken for whole.
        for (const char* const suffix : {"-wal", "-shm", ""}) {
            if (std::filesystem::exists(file.string() + suffix)) {
                std::filesystem::rename(file.string() + suffix, aside.string() + suffix);
            }
        }
    } catch (const std::filesystem::filesystem_error& error) {
        throw DatabaseError("cannot set the damaged " + file.string() + " aside as " +
                            aside.string() + ": " + error.code().message() +
                            "; move it and its -wal away by hand");
    }
    return aside;
}

Recovery readGivenNumbers(const std::filesystem::path& file) noexcept {
    Recovery given;
    try {
        DatabaseConnection connection(file, DatabaseConnection::Use::Write);
        connection.keepLog();
        const auto read = [&connection](const std::string& sql, std::uint64_t limit) {
            return readLargest(connection, sql, static_cast<std::int64_t>(limit));
        };
        std::int64_t time = 0;
        for (const std::string table : {"state", "connection", "event"}) {
            const auto sequence = static_cast<Sequence>(
                read("SELECT seq FROM " + table + " ORDER BY seq DESC LIMIT 1", kMaxSequence));
            given.last_sequence = std::max(given.last_sequence, sequence);
            time = std::max(time, read("SELECT time FROM " + table + " ORDER BY seq DESC LIMIT 1",
                                       kMaxSequence));
        }
        const auto stored = read("SELECT last_sequence FROM progress", kMaxSequence);
        given.last_sequence = std::max(given.last_sequence, static_cast<Sequence>(stored));
        time = std::max(time, read("SELECT last_time FROM progress", kMaxSequence));
        given.last_time = Timestamp(std::chrono::microseconds(time));
        const auto devices =
            std::max(read("SELECT next_device FROM progress", DeviceTable::kMaxDevices),
                     read("SELECT max(id) + 1 FROM device", DeviceTable::kMaxDevices));
        given.next_device = static_cast<DeviceIndex>(devices);
    } catch (const std::exception&) {
    }
    return given;
}

void storeGivenNumbers(DatabaseConnection& connection, const Recovery& given) {
    connection.execute(
        "UPDATE progress SET last_sequence=" + std::to_string(given.last_sequence) +
        ", last_time=" + std::to_string(given.last_time.time_since_epoch().count()) +
        ", next_device=" + std::to_string(static_cast<std::uint32_t>(given.next_device)) +
        ", heads_to=" + std::to_string(given.last_sequence));
}

}  // namespace hub::sqlite_store
