// What each stage of a status message's way costs, one thread, without sockets: nanoseconds a
// message, for the same 145-byte document.
//
// Usage: stage_bench [messages]
#include "bench/ws_device.h"
#include "fakes/fake_transport.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "hub/device_message.h"
#include "metrics/metric_registry.h"
#include "registry/device_registry.h"
#include "router/event_log.h"
#include "sqlite_store.h"
#include "websocket/frame_decoder.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace hub;

constexpr int kGroup = 5000;  // messages in a transaction
constexpr int kDevices = 100;
constexpr int kRead = 400;  // frames in one read of 64 KiB

// Runs `work`, which handles `messages`, and prints what one of them cost.
template <class Work>
void stage(const char* name, int messages, Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
    std::printf("  %-52s %8.0f ns\n", name, spent.count() / messages);
}

void decodeFrames(int messages) {
    const std::string text = bench::statusText(145);
    std::string masked;
    for (int i = 0; i < kRead; ++i) {
        websocket::appendFrame(masked, websocket::Opcode::Text, text,
                               websocket::MaskingKey{0x5a, 0xc3, 0x17, 0x8e});
    }
    websocket::FrameDecoder decoder(websocket::Role::Server, {64 * 1024, 1024});
    std::string bytes;
    stage("frame: find, unmask, check UTF-8 (and copy the bytes)", messages, [&] {
        for (int done = 0; done < messages; done += kRead) {
            bytes = masked;  // unmasking changes them
            std::span<char> rest(bytes);
            while (decoder.next(rest).kind == websocket::Decoded::Kind::Text) {
            }
        }
    });
}

void decodeDocuments(int messages) {
    const std::string text = bench::statusText(145);
    DeviceMessageDecoder decoder;
    stage("document: validate every byte, find the parts", messages, [&] {
        for (int i = 0; i < messages; ++i) {
            if (!decoder.decode(text)) std::abort();
        }
    });
}

void publishEvents(int messages) {
    const SystemClock clock;
    fakes::RecordingLogger logger;
    metrics::MetricRegistry metrics;
    router::EventLog log(std::size_t{1} << 30, clock, metrics);
    registry::DeviceRegistry registry(log, clock, logger, metrics);
    const auto sink = registry.openSink([] {});
    fakes::FakeTransport transport;
    const std::string text = bench::statusText(145);
    DeviceMessageDecoder decoder;
    if (!decoder.decode(text)) std::abort();
    log.retain(0, {});
    Devices& devices = registry;
    const auto session =
        devices.open("bench", {transport, LinkId{1}, ""}, decoder.message(), {}, *sink);
    std::vector<Event> events;
    stage("registry, sink, log: note life, copy, number", messages, [&] {
        for (int i = 0; i < messages; ++i) {
            (void)session.value()->publish(decoder.message(), AckTag::None);
            if (i % kGroup == 0) {
                sink->flush();
                (void)log.wait(events, 1, std::chrono::seconds(1));
                log.advance(log.last());
            }
        }
    });
}

void appendRows(int messages, const std::filesystem::path& file) {
    fakes::RecordingLogger logger;
    sqlite_store::SqliteStore store(file, logger);
    (void)store.recover();
    const std::string payload = R"({"temperature":21.5,"humidity":40.25,"battery":87})";
    std::vector<std::string> ids;
    for (int i = 0; i < kDevices; ++i) ids.push_back("bench-" + std::to_string(i));
    std::vector<Event> events(kGroup);
    Sequence sequence = 0;
    stage("store: one transaction for 5,000, synchronous=FULL", messages, [&] {
        for (int done = 0; done < messages; done += kGroup) {
            for (Event& event : events) {
                const auto device = static_cast<std::uint32_t>(sequence % kDevices);
                event = {.sequence = ++sequence,
                         .time = Timestamp(std::chrono::microseconds(sequence)),
                         .device = DeviceIndex{device},
                         .kind = EventKind::Status,
                         .device_id = ids[device],
                         .name = "status",
                         .payload = payload};
            }
            if (!store.append(events)) std::abort();
        }
    });
}

}  // namespace

int main(int argc, char** argv) {
    const int messages = argc > 1 ? std::stoi(argv[1]) : 1'000'000;
    std::printf("%d messages of 145 bytes, each stage alone on one thread\n", messages);
    decodeFrames(messages);
    decodeDocuments(messages);
    publishEvents(messages);
    const fakes::TemporaryFolder folder;
    appendRows(messages, folder.path() / "hub.db");
    return 0;
}
