#include "contract/store_contract.h"

#include "contract/command_contract.h"
#include "contract/events_contract.h"
#include "contract/history_contract.h"
#include "disk_fault.h"
#include "fakes/fake_store.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "sqlite_history.h"
#include "sqlite_store.h"

#include <memory>

namespace hub::contract {
namespace {

class SqliteUnderTest final : public StoreUnderTest {
public:
    SqliteUnderTest() { open(); }

    Store& store() override { return *store_; }
    const History& history() const override { return *history_; }

    // After a crash the next one finds the files as they were while this one was alive.
    void reopen(End end) override {
        if (end == End::Crash) {
            const std::string before = file_;
            file_ = (folder_.path() / ("hub-" + std::to_string(++crashes_) + ".db")).string();
            for (const char* const suffix : {"", "-wal"}) {
                std::filesystem::copy_file(before + suffix, file_ + suffix);
            }
        }
        history_.reset();
        store_.reset();
        open();
    }

    void breakDisk() override { disk_.failAfter(0); }
    void repairDisk() override { disk_.repair(); }

private:
    // A short interval, so that the stored heads are behind, ahead and just right.
    static constexpr Sequence kHeadsInterval = 300;
    static constexpr std::size_t kReaders = 2;

    void open() {
        store_ = std::make_unique<sqlite_store::SqliteStore>(
            file_, logger_, sqlite_store::SqliteStoreSettings{.heads_interval = kHeadsInterval});
        history_ = std::make_unique<sqlite_store::SqliteHistory>(file_, kReaders, store_->heads());
    }

    sqlite_store::DiskFault disk_;
    fakes::TemporaryFolder folder_;
    fakes::RecordingLogger logger_;
    std::string file_ = (folder_.path() / "hub.db").string();
    int crashes_ = 0;
    std::unique_ptr<sqlite_store::SqliteStore> store_;
    std::unique_ptr<sqlite_store::SqliteHistory> history_;
};

class FakeUnderTest final : public StoreUnderTest {
public:
    Store& store() override { return fake_; }
    const History& history() const override { return fake_; }
    void reopen(End) override {}  // memory is all it has
    void breakDisk() override {
        fake_.refuse({Error::Kind::Unavailable, "cannot write to the fake: its disk is broken"});
    }
    void repairDisk() override { fake_.accept(); }

private:
    fakes::FakeStore fake_;
};

template <class Subject>
std::unique_ptr<StoreUnderTest> make() {
    return std::make_unique<Subject>();
}

const auto kSubjects =
    testing::Values(MakeStore{make<SqliteUnderTest>}, MakeStore{make<FakeUnderTest>});

std::string nameOf(const testing::TestParamInfo<MakeStore>& subject) {
    return subject.index == 0 ? "SqliteStore" : "FakeStore";
}

INSTANTIATE_TEST_SUITE_P(Of, StoreContract, kSubjects, nameOf);
INSTANTIATE_TEST_SUITE_P(Of, HistoryContract, kSubjects, nameOf);
INSTANTIATE_TEST_SUITE_P(Of, CommandContract, kSubjects, nameOf);
INSTANTIATE_TEST_SUITE_P(Of, EventsContract, kSubjects, nameOf);
INSTANTIATE_TEST_SUITE_P(Of, RandomHistory, kSubjects, nameOf);

}  // namespace
}  // namespace hub::contract
