#include "damaged_file.h"

#include "database_connection.h"
#include "hub/device.h"
#include "hub/store.h"
#include "log_copy.h"
#include "query.h"
#include "schema.h"
#include "stored_state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace hub::sqlite_store {

namespace {

using std::filesystem::path;

constexpr std::string_view kDamaged = ".damaged-";

// Of the new file: while it is made, beside the file, and once it is whole, beside the name that
// the damaged one is about to have. Under that name it says what is to be renamed to what.
constexpr std::string_view kNew = ".new";

constexpr std::string_view kMark = "-damaged";

path with(path file, std::string_view suffix) { return file += suffix; }

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

// Which numbers were given, as far as the file can still be read.
Recovery readGivenNumbers(const path& file) noexcept {
    Recovery given;
    try {
        DatabaseConnection connection(file, DatabaseConnection::Use::Write);
        connection.keepLog();
        const auto read = [&connection](const std::string& sql, std::uint64_t limit) {
            return readLargest(connection, sql, static_cast<std::int64_t>(limit));
        };
        std::int64_t time = 0;
        for (const std::string table :
             {"state", "connection", "event", "command_target", "command", "farewell"}) {
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
        const auto devices = std::max(read("SELECT next_device FROM progress", kMaxDevices),
                                      read("SELECT max(id) + 1 FROM device", kMaxDevices));
        given.next_device = static_cast<DeviceIndex>(devices);
        const auto commands =
            std::max(read("SELECT last_command FROM progress", kMaxSequence),
                     read("SELECT number FROM command ORDER BY number DESC LIMIT 1", kMaxSequence));
        given.last_command = static_cast<CommandNumber>(commands);
    } catch (const std::exception&) {
    }
    return given;
}

// Lets the numbers begin behind `given`.
void storeGivenNumbers(DatabaseConnection& connection, const Recovery& given) {
    connection.execute(
        "UPDATE progress SET last_sequence=" + std::to_string(given.last_sequence) +
        ", last_time=" + std::to_string(given.last_time.time_since_epoch().count()) +
        ", next_device=" + std::to_string(static_cast<std::uint32_t>(given.next_device)) +
        ", heads_to=" + std::to_string(given.last_sequence) +
        ", last_command=" + std::to_string(static_cast<std::uint64_t>(given.last_command)));
}

// A whole file, with nothing in its log.
void makeNew(const path& file, const Recovery& given) {
    for (const std::string_view suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(with(file, suffix));
    }
    DatabaseConnection connection(file, DatabaseConnection::Use::Write);
    prepareSchema(connection);
    storeGivenNumbers(connection, given);
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

path folderOf(const path& file) { return std::filesystem::absolute(file).parent_path(); }

// The damaged file has its new name already.
void renameRest(const path& file, const path& aside) {
    if (std::filesystem::exists(with(file, "-wal"))) {
        std::filesystem::rename(with(file, "-wal"), with(aside, "-wal"));
    }
    std::filesystem::remove(
        with(file, "-shm"));  // SQLite makes it of the log, whenever it opens it
    std::filesystem::rename(with(aside, kNew), file);
    syncFolder(file);
}

// Where SQLite has the files beside it.
path realName(const path& file) {
    std::error_code none;
    path real = std::filesystem::weakly_canonical(file, none);
    return none ? file : real;
}

DatabaseError cannotSetAside(const path& file, const path& aside, const std::error_code& why) {
    return DatabaseError(
        "cannot set " + file.string() + " aside as " + aside.string() + ": " + why.message() +
        "; give the hub's user the right to write in its folder, then restart the hub");
}

// The name that a damaged file was about to have, or has got already; empty when there is none.
path nameToBe(const path& file) {
    const std::string begin = with(file.filename(), kDamaged).string();
    std::error_code none;  // in a folder that cannot be read the file cannot be opened either
    for (std::filesystem::directory_iterator entry(folderOf(file), none), end; entry != end;
         entry.increment(none)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(begin) && name.ends_with(kNew)) {
            return file.parent_path() / name.substr(0, name.size() - kNew.size());
        }
    }
    return {};
}

// `wanted`, or with a number behind it when there is something of that name.
path freeName(const path& wanted) {
    path name = wanted;
    for (int number = 2;
         std::filesystem::exists(name) || std::filesystem::exists(with(name, "-wal")) ||
         std::filesystem::exists(with(name, kNew));
         ++number) {
        name = with(wanted, "-" + std::to_string(number));
    }
    return name;
}

}  // namespace

void markDamaged(const path& file, const std::string& complaint) noexcept {
    try {
        const path mark = with(file, kMark);
        if (!std::filesystem::exists(mark)) std::ofstream(mark) << complaint << '\n';
    } catch (const std::exception&) {  // no memory, or a folder that cannot be read
    }
}

bool isMarkedDamaged(const path& file) noexcept {
    std::error_code none;
    return std::filesystem::exists(with(file, kMark), none);
}

std::string complaintIn(const path& file) {
    std::string complaint;
    std::getline(std::ifstream(with(file, kMark)), complaint);
    return complaint.empty() ? file.string() + " is damaged; " + kDamagedRemedy : complaint;
}

void removeMark(const path& file) noexcept {
    std::error_code none;
    std::filesystem::remove(with(file, kMark), none);
}

void requireWhole(DatabaseConnection& connection) {
    Query check(connection, "PRAGMA integrity_check(1)");
    std::string found = check.next() ? std::string(check.text(0)) : std::string();
    if (found == "ok") return;
    std::ranges::replace(found, '\n', ' ');
    throwDamaged(connection, found);
}

path replaceDamaged(const path& file, Timestamp now) {
    const path fresh = with(file, kNew);
    path aside = freeName(with(with(file, kDamaged), compactTime(now)));
    try {
        makeNew(fresh, readGivenNumbers(file));
        std::filesystem::rename(fresh, with(aside, kNew));
        syncFolder(file);
        std::filesystem::rename(file, aside);
        renameRest(file, aside);
    } catch (const std::filesystem::filesystem_error& error) {
        throw cannotSetAside(file, aside, error.code());
    }
    return aside;
}

path finishReplacing(const path& file) {
    path aside = nameToBe(file);
    if (aside.empty()) return {};
    try {
        if (!std::filesystem::exists(file)) {
            renameRest(file, aside);
            return aside;
        }
        // Nothing was renamed yet, or somebody has put a file back: it is looked at anew.
        std::filesystem::remove(with(aside, kNew));
        return {};
    } catch (const std::filesystem::filesystem_error& error) {
        throw cannotSetAside(file, aside, error.code());
    }
}

bool isLogAlone(const path& file) {
    std::error_code none;
    const path real = realName(file);
    const std::uintmax_t log = std::filesystem::file_size(with(real, "-wal"), none);
    if (none || log == 0) return false;
    const std::uintmax_t database = std::filesystem::file_size(real, none);
    return none == std::errc::no_such_file_or_directory || (!none && database == 0);
}

path setLogAside(const path& file, Timestamp now) {
    const path log = with(realName(file), "-wal");
    const path aside =
        with(freeName(with(with(realName(file), kDamaged), compactTime(now))), "-wal");
    try {
        std::filesystem::rename(log, aside);
        syncFolder(log);
    } catch (const std::filesystem::filesystem_error& error) {
        throw cannotSetAside(log, aside, error.code());
    }
    return aside;
}

}  // namespace hub::sqlite_store
