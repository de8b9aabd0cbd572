#include "history_table.h"

#include "database_connection.h"

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

namespace hub::sqlite_store {

HistoryTable::HistoryTable(DatabaseConnection& connection, const std::string& name,
                           const std::string& own_columns, const std::string& batch_columns)
    : connection_(connection),
      insert_sql_("INSERT INTO " + name + "(seq, device, time, prev, jump, " + own_columns +
                  ") SELECT seq, device, time, prev, jump, " + batch_columns + " FROM " + name +
                  "_batch"),
      batch_(connection, name + "_batch") {}

HistoryTable::~HistoryTable() = default;

void HistoryTable::add(const Event& event, std::string_view word) {
    const ChainLinks links = chains_.append(event.device, event.sequence);
    batch_.add({&event, links, word});
}

void HistoryTable::insert() {
    if (batch_.rows().empty()) {
        return;
    }
    if (!insert_) {
        insert_ = std::make_unique<Poco::Data::Statement>(connection_.session());
        *insert_ << insert_sql_;
    }
    connection_.run(*insert_);
}

void HistoryTable::commit() noexcept {
    chains_.commit();
    batch_.clear();
}

void HistoryTable::rollback() noexcept {
    chains_.rollback();
    batch_.clear();
    insert_.reset();
}

}  // namespace hub::sqlite_store
