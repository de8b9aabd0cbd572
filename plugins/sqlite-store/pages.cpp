#include "pages.h"

#include "query.h"

namespace hub::sqlite_store {

Pages readPages(DatabaseConnection& connection) {
    return {readNumber(connection, "PRAGMA page_size"), readNumber(connection, "PRAGMA page_count"),
            readNumber(connection, "PRAGMA freelist_count")};
}

}  // namespace hub::sqlite_store
