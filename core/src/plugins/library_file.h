#pragma once

#include <filesystem>

namespace hub::plugins {

// Looks whether `file` is a whole ELF shared object of this machine's word size: what its headers
// tell must lie within it. The dynamic linker maps a file without asking that, and a page that is
// not there ends the process with SIGBUS. Throws std::runtime_error with what is wrong, in one
// sentence without the file's name.
void checkLibraryFile(const std::filesystem::path& file);

}  // namespace hub::plugins
