#pragma once

#include "command_search.h"
#include "database_connection.h"
#include "query.h"

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace hub::sqlite_store {

// A connection that reads, with its queries compiled. One thread at a time.
struct Reader {
    explicit Reader(const std::filesystem::path& file);

    DatabaseConnection connection;
    Query states;
    Query connections;
    Query events;
    CommandQueries commands;
};

// The readers of one file: opened when first needed, up to a number, and lent to one thread at a
// time. Any thread.
class ReaderPool {
public:
    ReaderPool(std::filesystem::path file, std::size_t readers);

    // A reader on loan; goes back to the pool when this is destroyed.
    class Loan {
    public:
        // Waits up to a second for a reader. Throws DatabaseError when all stay busy or none can
        // be opened.
        explicit Loan(ReaderPool& pool) : pool_(pool), reader_(pool.take()) {}
        ~Loan() { pool_.giveBack(std::move(reader_)); }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;

        Reader& operator*() const noexcept { return *reader_; }

        // Closes the reader instead of giving it back: the next loan opens another.
        void discard() noexcept { reader_.reset(); }

    private:
        ReaderPool& pool_;
        std::unique_ptr<Reader> reader_;
    };

private:
    std::unique_ptr<Reader> take();
    void giveBack(std::unique_ptr<Reader> reader) noexcept;

    // Constant after construction.
    const std::filesystem::path file_;
    const std::size_t readers_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Reader>> idle_;
    std::size_t lent_ = 0;
};

}  // namespace hub::sqlite_store
