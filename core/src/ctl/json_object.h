#pragma once

#include "hub/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {

// The fields of one JSON object by name, as a person wants to see them. Borrows the text that it
// was read from.
class JsonObject {
public:
    // Error Invalid when `json` is no JSON object. What stands inside a nested value is not checked
    // before that is read itself.
    [[nodiscard]] static Result<JsonObject> read(std::string_view json);

    // The value as it is written; nothing when there is no such field.
    [[nodiscard]] std::optional<std::string_view> json(std::string_view name) const;
    // A string decoded, any other value as it is written; "" for null and for no such field.
    [[nodiscard]] std::string_view text(std::string_view name) const;

    struct Field {
        std::string name;
        std::string_view json;  // the value as it is written
        std::string decoded;    // of a string

        // As above.
        [[nodiscard]] std::string_view text() const;
    };
    // In the order of the text; a name that is repeated there is repeated here.
    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }

private:
    [[nodiscard]] const Field* find(std::string_view name) const;

    std::vector<Field> fields_;
};

// Error Invalid, saying what is wrong, when `json` is not one JSON object, valid throughout.
[[nodiscard]] Result<void> checkJsonObject(std::string_view json);

// The elements of a JSON array, each as it is written in `json`; Error Invalid when it is none.
[[nodiscard]] Result<std::vector<std::string_view>> readJsonArray(std::string_view json);

// The same for an array of strings, decoded.
[[nodiscard]] Result<std::vector<std::string>> readJsonStrings(std::string_view json);

}  // namespace hub::ctl
