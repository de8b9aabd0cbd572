#include "batch_table.h"

#include "database_connection.h"
#include "stored_time.h"

#include <sqlite3.h>

#include <new>

// The callbacks of SQLite's virtual tables (https://www.sqlite.org/vtab.html). An object of
// SQLite's is the base of ours, so a static_cast leads from the one to the other.

namespace hub::sqlite_store {

namespace {

enum Column { kSeq, kDevice, kTime, kPrev, kJump, kDeviceTime, kWord, kPayload, kCommand, kLate };
constexpr const char* kDeclaration =
    "CREATE TABLE batch(seq, device, time, prev, jump, device_time, word, payload, command, late)";

struct Table : sqlite3_vtab {
    const std::vector<BatchRow>* rows = nullptr;
};

struct Cursor : sqlite3_vtab_cursor {
    const BatchRow* row = nullptr;
    const BatchRow* end = nullptr;
};

int connect(sqlite3* handle, void* rows, int, const char* const*, sqlite3_vtab** table, char**) {
    if (const int code = sqlite3_declare_vtab(handle, kDeclaration); code != SQLITE_OK) {
        return code;
    }
    auto* made = new (std::nothrow) Table;
    if (made == nullptr) {
        return SQLITE_NOMEM;
    }
    made->rows = static_cast<const std::vector<BatchRow>*>(rows);
    *table = made;
    return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
    delete static_cast<Table*>(table);
    return SQLITE_OK;
}

int bestIndex(sqlite3_vtab* table, sqlite3_index_info* plan) {
    plan->estimatedRows = static_cast<sqlite3_int64>(static_cast<Table*>(table)->rows->size());
    return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
    *cursor = new (std::nothrow) Cursor;
    return *cursor == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* base, int, const char*, int, sqlite3_value**) {
    auto* cursor = static_cast<Cursor*>(base);
    const auto& rows = *static_cast<Table*>(base->pVtab)->rows;
    cursor->row = rows.data();
    cursor->end = rows.data() + rows.size();
    return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
    ++static_cast<Cursor*>(cursor)->row;
    return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* base) {
    const auto* cursor = static_cast<Cursor*>(base);
    return cursor->row == cursor->end ? 1 : 0;
}

void number(sqlite3_context* result, Sequence value) {
    sqlite3_result_int64(result, static_cast<sqlite3_int64>(value));
}

void time(sqlite3_context* result, Timestamp value) {
    sqlite3_result_int64(result, storable(value).time_since_epoch().count());
}

void text(sqlite3_context* result, std::string_view value) {
    // A null pointer would be taken as NULL.
    sqlite3_result_text(result, value.empty() ? "" : value.data(), static_cast<int>(value.size()),
                        SQLITE_STATIC);
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* result, int which) {
    const BatchRow& row = *static_cast<Cursor*>(cursor)->row;
    switch (which) {
        case kSeq:
            number(result, row.event->sequence);
            break;
        case kDevice:
            number(result, static_cast<Sequence>(row.event->device));
            break;
        case kTime:
            time(result, row.event->time);
            break;
        case kPrev:
            number(result, row.links.prev);
            break;
        case kJump:
            if (row.links.jump != 0) {
                number(result, row.links.jump);
            }
            break;
        case kDeviceTime:
            if (row.event->device_time) {
                time(result, *row.event->device_time);
            }
            break;
        case kWord:
            text(result, row.word);
            break;
        case kPayload:
            text(result, row.event->payload);
            break;
        case kCommand:
            number(result, static_cast<Sequence>(row.event->command->record->number));
            break;
        case kLate:
            number(result, row.event->command->late ? 1 : 0);
            break;
    }
    return SQLITE_OK;  // a result that was not set is NULL
}

int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
    *id = static_cast<sqlite3_int64>(static_cast<Cursor*>(cursor)->row->event->sequence);
    return SQLITE_OK;
}

// Without xCreate: the table is there on this connection, under the module's name, and nowhere
// else.
constexpr sqlite3_module makeModule() {
    sqlite3_module module{};
    module.xConnect = connect;
    module.xBestIndex = bestIndex;
    module.xDisconnect = disconnect;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = eof;
    module.xColumn = column;
    module.xRowid = rowid;
    return module;
}
constexpr sqlite3_module kModule = makeModule();

}  // namespace

BatchTable::BatchTable(DatabaseConnection& connection, const std::string& name) {
    if (sqlite3_create_module(connection.handle(), name.c_str(), &kModule, &rows_) != SQLITE_OK) {
        throw connection.error();
    }
}

}  // namespace hub::sqlite_store
