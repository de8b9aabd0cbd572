#include "memory_fault.h"

#include <cstdlib>
#include <limits>
#include <new>

namespace hub::sqlite_store {

namespace {

// operator new is a plain function: its state cannot live in an object.
constexpr int kUnlimited = std::numeric_limits<int>::max();
constexpr int kFailed = -1;
thread_local int allocations_left = kUnlimited;

bool mayAllocate() noexcept {
    if (allocations_left == kUnlimited || allocations_left == kFailed) return true;
    return --allocations_left != kFailed;
}

}  // namespace

MemoryFault::~MemoryFault() { repair(); }

void MemoryFault::failAfter(int allocations) { allocations_left = allocations; }

bool MemoryFault::repair() {
    const bool failed = allocations_left == kFailed;
    allocations_left = kUnlimited;
    return failed;
}

}  // namespace hub::sqlite_store

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return hub::sqlite_store::mayAllocate() ? std::malloc(size) : nullptr;
}

void* operator new(std::size_t size) {
    void* const memory = operator new(size, std::nothrow);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
