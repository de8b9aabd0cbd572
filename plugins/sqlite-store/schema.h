#pragma once

namespace hub::sqlite_store {

class DatabaseConnection;

// The version this code writes and reads: PRAGMA user_version of the file.
inline constexpr int kSchemaVersion = 4;

// Makes the file behind `connection` (a Write connection) one of the current version: creates the
// tables in an empty file, brings an older version up step by step, each step in a transaction.
// Throws DatabaseError, and leaves the file as it is, when it was written by a newer hub or by
// another program.
void prepareSchema(DatabaseConnection& connection);

}  // namespace hub::sqlite_store
