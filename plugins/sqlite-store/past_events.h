#pragma once

#include "hub/event.h"

#include <functional>
#include <optional>
#include <string_view>

namespace hub::sqlite_store {

class Deadline;
class Query;

// The events behind the number that is its parameter, and that devices were forgotten, oldest
// first: all tables of the history, merged by their primary keys. Rows that forgotten devices have
// left come too, without an id: there may be so many that passing over them takes long.
extern const std::string_view kEventsBehind;

// Visits the events of a query for kEventsBehind behind `after`, until `visit` returns false, and
// tells where it was cut short. Throws DatabaseError, and what `visit` does.
[[nodiscard]] std::optional<Sequence> visitEvents(Query& query, Sequence after,
                                                  const std::function<bool(const Event&)>& visit,
                                                  const Deadline& deadline);

}  // namespace hub::sqlite_store
