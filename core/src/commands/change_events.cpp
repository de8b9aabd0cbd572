#include "commands/change_events.h"

#include "hub/http.h"

#include <simdjson.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace hub::commands {

namespace {

constexpr std::string_view kName = "command";

void appendDocument(std::string& json, const Change& change) {
    const Command& command = change.record->command;
    json += R"({"command_id":)";
    appendJsonString(json, command.id);
    json += R"(,"command_name":)";
    appendJsonString(json, command.name);
    json.append(R"(,"status":")").append(toString(change.told.target)).append("\"");
    if (change.first) json.append(R"(,"payload":)").append(command.payload);
    const auto& [reason, response] = change.texts;
    if (!response.empty()) json.append(R"(,"response":)").append(response);
    if (!reason.empty()) {
        json += R"(,"reason":)";
        appendJsonString(json, reason);
    }
    if (change.told.target == TargetStatus::Cancelled && reason == kWithdrawn) {
        json += R"(,"withdrawn":true)";
    }
    if (change.told.late) json += R"(,"late":true)";
    json += '}';
}

bool readTheSame(const Change& a, const Change& b) {
    return a.kind == b.kind && a.record == b.record && a.told.target == b.told.target &&
           a.told.late == b.told.late && a.first == b.first && a.texts.reason == b.texts.reason &&
           a.texts.response == b.texts.response;
}

// A piece of the batch's bytes: they move while they grow.
struct Piece {
    std::size_t begin = 0;
    std::size_t size = 0;

    [[nodiscard]] std::string_view in(const std::string& bytes) const {
        return {bytes.data() + begin, size};
    }
};

Piece append(std::string& bytes, std::string_view text) {
    const Piece piece{bytes.size(), text.size()};
    bytes += text;
    return piece;
}

// What keeping them takes. Most of those with one record stand together.
std::size_t bytesOf(const Changes& changes) {
    std::size_t bytes = changes.capacity() * sizeof(Change);
    const CommandRecord* previous = nullptr;
    for (const Change& change : changes) {
        if (change.record.get() == previous) continue;
        previous = change.record.get();
        bytes += sizeof(CommandRecord) + previous->command.payload.size();
    }
    return bytes;
}

}  // namespace

router::Batch batchOf(Changes made) {
    // Owned by the batch: its events point at what is told in them.
    const auto changes = std::make_shared<const Changes>(std::move(made));
    std::string bytes;
    std::vector<std::pair<Piece, Piece>> pieces;  // the document and the id of each
    pieces.reserve(changes->size());
    const Change* previous = nullptr;
    for (const Change& change : *changes) {
        std::pair<Piece, Piece> piece;
        if (change.kind == EventKind::CommandRecorded) {
            piece.first = append(bytes, change.record->command.payload);
        } else {
            // A command tells most of its devices the same.
            if (previous && readTheSame(*previous, change)) {
                piece.first = pieces.back().first;
            } else {
                piece.first.begin = bytes.size();
                appendDocument(bytes, change);
                piece.first.size = bytes.size() - piece.first.begin;
            }
            piece.second = append(bytes, *change.device_id);
        }
        pieces.push_back(piece);
        previous = &change;
    }
    std::vector<Event> events;
    events.reserve(changes->size());
    for (std::size_t i = 0; i < changes->size(); ++i) {
        const Change& change = (*changes)[i];
        Event& event = events.emplace_back();
        event.device = change.device;
        event.kind = change.kind;
        event.name = kName;
        event.payload = pieces[i].first.in(bytes);
        if (change.device_id) event.device_id = pieces[i].second.in(bytes);
        event.command = &change.told;
    }
    router::Batch batch(events, bytes);
    batch.keep(changes, bytesOf(*changes));
    return batch;
}

bool saysWithdrawn(std::string_view payload) {
    simdjson::dom::parser parser;
    bool withdrawn = false;
    const auto read = parser.parse(payload.data(), payload.size())["withdrawn"].get(withdrawn);
    return read == simdjson::SUCCESS && withdrawn;
}

std::string reasonIn(std::string_view payload) {
    simdjson::dom::parser parser;
    std::string_view reason;
    const auto read = parser.parse(payload.data(), payload.size())["reason"].get(reason);
    return read == simdjson::SUCCESS ? std::string(reason) : std::string();
}

}  // namespace hub::commands
