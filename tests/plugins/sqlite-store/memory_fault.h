#pragma once

namespace hub::sqlite_store {

// Lets memory run out on this thread, for one allocation.
class MemoryFault {
public:
    ~MemoryFault();

    // From now on `allocations` more allocations by operator new work, then one fails.
    void failAfter(int allocations);
    // From now on they work. True when the one has failed.
    bool repair();
};

}  // namespace hub::sqlite_store
