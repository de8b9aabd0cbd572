#pragma once

#include <string>
#include <string_view>

namespace hub::ctl::sim {

// The document that tells the hub a command was carried out.
[[nodiscard]] std::string commandDone(std::string_view command_id);

// The document that tells the hub a command was not carried out, and why.
[[nodiscard]] std::string commandRefused(std::string_view command_id, std::string_view reason);

}  // namespace hub::ctl::sim
