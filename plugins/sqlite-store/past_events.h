#pragma once

#include "hub/event.h"

#include <functional>
#include <string_view>

namespace hub::sqlite_store {

class Query;

// The events behind the number that is its parameter, of devices that are known, oldest first: all
// tables of the history, merged by their primary keys.
extern const std::string_view kEventsBehind;

// Visits the events of a query for kEventsBehind behind `after`, until `visit` returns false.
// Throws DatabaseError, and what `visit` does.
void visitEvents(Query& query, Sequence after, const std::function<bool(const Event&)>& visit);

}  // namespace hub::sqlite_store
