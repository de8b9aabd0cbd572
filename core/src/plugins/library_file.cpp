#include "plugins/library_file.h"

#include <link.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace hub::plugins {
namespace {

using FileHeader = ElfW(Ehdr);
using ProgramHeader = ElfW(Phdr);

constexpr unsigned char kNativeClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;

class LibraryFile {
public:
    explicit LibraryFile(const std::filesystem::path& file)
        : stream_(file, std::ios::binary), size_(std::filesystem::file_size(file)) {
        if (!stream_) throw std::runtime_error("cannot be read. Check its permissions.");
        if (size_ == 0) throw std::runtime_error("is empty. Install the plugin again.");
    }

    [[nodiscard]] FileHeader header() {
        FileHeader header{};
        const auto length = std::min<std::uint64_t>(size_, sizeof header);
        read(0, &header, length);
        if (std::memcmp(header.e_ident, ELFMAG, std::min<std::uint64_t>(size_, SELFMAG)) != 0) {
            throw std::runtime_error("not a shared library");
        }
        require(sizeof header);
        if (header.e_ident[EI_CLASS] != kNativeClass || header.e_type != ET_DYN ||
            header.e_phentsize != sizeof(ProgramHeader)) {
            throw std::runtime_error("not a shared library for this machine");
        }
        return header;
    }

    [[nodiscard]] std::vector<ProgramHeader> segments(const FileHeader& header) {
        std::vector<ProgramHeader> segments(header.e_phnum);
        const std::uint64_t length = segments.size() * sizeof(ProgramHeader);
        require(header.e_phoff, length);
        read(header.e_phoff, segments.data(), length);
        return segments;
    }

    // That the file has `length` bytes from `offset` on.
    void require(std::uint64_t offset, std::uint64_t length) const {
        if (offset > size_ || length > size_ - offset) {
            throw std::runtime_error("is damaged: its headers speak of more than its " +
                                     std::to_string(size_) + " bytes. Install the plugin again.");
        }
    }
    void require(std::uint64_t length) const { require(0, length); }

private:
    void read(std::uint64_t offset, void* to, std::uint64_t length) {
        stream_.seekg(static_cast<std::streamoff>(offset));
        stream_.read(static_cast<char*>(to), static_cast<std::streamsize>(length));
        if (!stream_) throw std::runtime_error("cannot be read. Check the disk.");
    }

    std::ifstream stream_;
    const std::uint64_t size_;
};

}  // namespace

void checkLibraryFile(const std::filesystem::path& file) {
    LibraryFile library(file);
    for (const ProgramHeader& segment : library.segments(library.header())) {
        if (segment.p_type == PT_LOAD || segment.p_type == PT_DYNAMIC) {
            library.require(segment.p_offset, segment.p_filesz);
        }
    }
}

}  // namespace hub::plugins
