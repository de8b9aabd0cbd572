#pragma once

#include "ctl/import/takeover.h"
#include "hub/event.h"
#include "hub/time.h"

#include <filesystem>
#include <optional>
#include <string>

namespace hub::ctl::importer {

// What a hub's database file says of the import that it was made by.
struct ImportNote {
    std::string fingerprint;  // of what was imported
    Sequence last_sequence = 0;
};

// Nothing for a file that was not made by an import. No store may use the file. Throws
// std::runtime_error.
[[nodiscard]] std::optional<ImportNote> readNote(const std::filesystem::path& file);

// Makes a filled file complete: compares what it holds with `totals`, writes the note and what else
// is to be on disk. It has no log of its own (`-wal`) afterwards. No store may use the file. Throws
// std::runtime_error.
void seal(const std::filesystem::path& file, const Totals& totals, const ImportNote& note,
          Timestamp now);

// Puts `fresh`, which was sealed, in the place of `file`, in one step; the file that was there is
// gone. Throws std::runtime_error; nothing has changed then, unless it is the folder that cannot be
// brought to disk: `fresh` is in place, and a power cut may undo that.
void replace(const std::filesystem::path& file, const std::filesystem::path& fresh);

// Where root has made `file`: has it belong to whom its folder belongs to, so that a hub that is
// not root can use it. Throws std::runtime_error.
void giveToFolderOwner(const std::filesystem::path& file);

// Deletes a file, if it is there, and those that are kept beside it while it is used. Throws
// std::runtime_error.
void discard(const std::filesystem::path& file);

}  // namespace hub::ctl::importer
