#include "free_space.h"

#include "database_connection.h"
#include "pages.h"
#include "query.h"

#include <cstdint>
#include <string>

namespace hub::sqlite_store {

namespace {

// Worth the work from a quarter of the file and 64 MiB on, and then until a sixteenth is left.
constexpr std::int64_t kManyBytes = 64 << 20;
constexpr std::int64_t kManyPart = 4;
constexpr std::int64_t kFewPart = 16;

// A page takes some 10 us: its content moves from the end of the file to a free one before it.
constexpr int kPagesOfAStep = 400;

}  // namespace

FreeSpace::FreeSpace(DatabaseConnection& connection)
    : connection_(connection),
      possible_(readNumber(connection, "PRAGMA auto_vacuum") == 2) {}  // INCREMENTAL

bool FreeSpace::step() {
    if (!possible_) {
        return false;
    }
    const Pages pages = readPages(connection_);
    if (!begun_) {
        begun_ = pages.free * pages.size > kManyBytes && pages.free > pages.all / kManyPart;
    }
    if (!begun_) {
        return false;
    }
    connection_.execute("PRAGMA incremental_vacuum(" + std::to_string(kPagesOfAStep) + ")");
    begun_ = pages.free - kPagesOfAStep > pages.all / kFewPart;
    return begun_;
}

}  // namespace hub::sqlite_store
