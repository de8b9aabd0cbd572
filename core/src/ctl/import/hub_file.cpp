#include "ctl/import/hub_file.h"

#include "net/descriptor.h"

#include <sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace hub::ctl::importer {

namespace {

// In the order of Totals.
constexpr std::array<std::pair<std::string_view, std::uint64_t Totals::*>, 5> kViews{{
    {"devices", &Totals::devices},
    {"device_state_snapshots", &Totals::states},
    {"device_connection_logs", &Totals::connections},
    {"device_events", &Totals::events},
    {"command_logs", &Totals::commands},
}};

std::runtime_error failure(const std::filesystem::path& file, const std::string& why) {
    return std::runtime_error("cannot use " + file.string() + ": " + why);
}

std::runtime_error systemFailure(const std::filesystem::path& file) {
    return failure(file, std::generic_category().message(errno));
}

// A database file of a hub while no hub runs.
class HubFile {
public:
    explicit HubFile(const std::filesystem::path& file) : file_(file) {
        sqlite3* database = nullptr;
        const int opened = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
        database_.reset(database);
        if (opened != SQLITE_OK) throw failure(file, sqlite3_errstr(opened));
        execute("PRAGMA synchronous=FULL");
    }

    void execute(const std::string& sql) const {
        if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
            throw failure(file_, sqlite3_errmsg(database_.get()));
        }
    }

    [[nodiscard]] OldRows rows(const std::string& sql) const {
        return {database_.get(), file_, sql};
    }

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
    };
    const std::filesystem::path file_;
    std::unique_ptr<sqlite3, Close> database_;
};

void check(const HubFile& hub, const std::filesystem::path& file, const Totals& totals) {
    for (const auto& [view, total] : kViews) {
        OldRows row = hub.rows("SELECT count(*) FROM " + std::string(view));
        static_cast<void>(row.next());
        const auto found = static_cast<std::uint64_t>(row.integer(0));
        if (found != totals.*total) {
            throw failure(file, "it holds " + std::to_string(found) + " rows in " +
                                    std::string(view) + " instead of " +
                                    std::to_string(totals.*total));
        }
    }
}

std::string sqlString(std::string_view text) {
    std::string sql = "'";
    for (const char c : text) {
        sql += c;
        if (c == '\'') sql += c;
    }
    return sql += "'";
}

void sync(const std::filesystem::path& path, int flags) {
    const net::Descriptor opened(::open(path.c_str(), flags | O_CLOEXEC));
    if (opened.value() < 0 || ::fsync(opened.value()) != 0) throw systemFailure(path);
}

}  // namespace

std::optional<ImportNote> readNote(const std::filesystem::path& file) {
    const HubFile hub(file);
    OldRows table = hub.rows("SELECT 1 FROM sqlite_schema WHERE type='table' AND name='imported'");
    if (!table.next()) return std::nullopt;
    OldRows row = hub.rows("SELECT fingerprint, last_sequence FROM imported");
    if (!row.next()) return std::nullopt;
    return ImportNote{std::string(row.text(0)), static_cast<Sequence>(row.integer(1))};
}

void seal(const std::filesystem::path& file, const Totals& totals, const ImportNote& note,
          Timestamp now) {
    {
        const HubFile hub(file);
        check(hub, file, totals);
        hub.execute(
            "BEGIN IMMEDIATE; CREATE TABLE imported(fingerprint TEXT NOT NULL, last_sequence "
            "INTEGER NOT NULL, finished_at TEXT NOT NULL) STRICT; INSERT INTO imported VALUES(" +
            sqlString(note.fingerprint) + ", " + std::to_string(note.last_sequence) + ", " +
            sqlString(formatTimestamp(now)) + "); COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    }
    if (std::filesystem::exists(file.string() + "-wal")) {
        throw failure(file, "another process has it open");
    }
    sync(file, O_RDONLY);
}

void replace(const std::filesystem::path& file, const std::filesystem::path& fresh) {
    if (std::filesystem::exists(file)) {
        // Its log would be taken for that of the file that follows.
        const HubFile old(file);
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    if (std::filesystem::exists(file.string() + "-wal")) {
        throw failure(file, "its log " + file.filename().string() +
                                "-wal is still there: another process has it open, or it was "
                                "left without its file; end that process, or move the log away");
    }
    giveToFolderOwner(fresh);
    if (::rename(fresh.c_str(), file.c_str()) != 0) throw systemFailure(file);
    sync(file.parent_path(), O_RDONLY | O_DIRECTORY);
}

void giveToFolderOwner(const std::filesystem::path& file) {
    if (::geteuid() != 0) return;
    const std::filesystem::path folder = file.parent_path();
    struct stat owner {};
    if (::stat(folder.c_str(), &owner) != 0) throw systemFailure(folder);
    if (::chown(file.c_str(), owner.st_uid, owner.st_gid) != 0) throw systemFailure(file);
}

void discard(const std::filesystem::path& file) {
    for (const char* const suffix : {"", "-wal", "-shm", "-journal", "-lock"}) {
        std::error_code error;
        std::filesystem::remove(file.string() + suffix, error);
        if (error) throw failure(file, error.message());
    }
}

}  // namespace hub::ctl::importer
