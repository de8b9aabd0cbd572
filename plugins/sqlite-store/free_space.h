#pragma once

namespace hub::sqlite_store {

class DatabaseConnection;

// Gives pages of the file that hold nothing back to the file system, once there are many: after
// much was deleted that does not come again. A file of a steady size keeps its few free pages, and
// uses them again. Belongs to the thread that writes.
class FreeSpace {
public:
    // `connection` must outlive it. A file that was begun without auto_vacuum keeps its size.
    explicit FreeSpace(DatabaseConnection& connection);

    // Gives some pages back, in a transaction. True: there is more to do. Throws DatabaseError.
    bool step();

private:
    DatabaseConnection& connection_;
    const bool possible_;
    bool begun_ = false;
};

}  // namespace hub::sqlite_store
