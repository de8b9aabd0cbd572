#include "commands/dispatcher.h"

#include "commands/command_id.h"
#include "commands/request_rules.h"

#include <future>
#include <optional>
#include <utility>

namespace hub::commands {

namespace {

// For the ledger thread to do what waits for nothing but guards and transports.
constexpr std::chrono::milliseconds kThreadPatience{500};

Error unavailable(std::string sentence) { return {Error::Kind::Unavailable, std::move(sentence)}; }

Error notTaken() {
    return unavailable(
        "commands are not taken: no store is attached that could keep them, or the hub is "
        "stopping");
}

Error stillSending(const std::string& id) {
    return unavailable("command " + id +
                       " is stored and about to be sent, which a guard or a transport holds up: "
                       "look at what becomes of it instead of sending it again");
}

}  // namespace

Dispatcher::Dispatcher(const DispatcherSurroundings& surroundings)
    : surroundings_(surroundings),
      metrics_(surroundings.metrics),
      inbox_(surroundings.log),
      first_answers_(surroundings.log, surroundings.history, surroundings.patience) {}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::start(const Recovery& recovery) {
    inbox_.open();
    thread_ = std::make_unique<LedgerThread>(
        inbox_,
        LedgerSurroundings{surroundings_.log, surroundings_.devices, surroundings_.history, guards_,
                           surroundings_.clock, surroundings_.logger, metrics_},
        recovery);
}

bool Dispatcher::finish(SteadyTime deadline) { return !thread_ || thread_->finish(deadline); }

void Dispatcher::stop() { thread_.reset(); }

void Dispatcher::acknowledged(DeviceIndex device, const DeviceMessage& message) {
    inbox_.acknowledged(device, message.command_id, message.command_succeeded,
                        {.reason = message.command_reason, .response = message.command_response});
}

void Dispatcher::forgetting(DeviceIndex device) {
    const auto farewell = std::make_shared<Farewell>();
    farewell->device = device;
    const std::future<void> done = farewell->done.get_future();
    if (inbox_.add(farewell)) (void)done.wait_for(kThreadPatience);
}

Result<CommandReceipt> Dispatcher::submit(const CommandRequest& request) {
    if (auto kept = check(request); !kept) return std::move(kept).error();
    if (request.idempotency_key.empty()) return execute(request, 0).receipt;
    const std::uint64_t digest = digestOf(request);
    return first_answers_.answer(request, digest, [&] { return execute(request, digest); });
}

Answer Dispatcher::execute(const CommandRequest& request, std::uint64_t digest) {
    const router::EventLog& log = surroundings_.log;
    if (!log.retains()) return {notTaken()};
    if (log.stalled() || log.full() || stuck_at_ == log.durable()) return {notStored()};
    auto prepared = prepare(request, digest);
    if (!prepared) return {std::move(prepared).error()};
    const std::shared_ptr<Submission> submission = std::move(*prepared);
    std::future<Answer> answer = submission->answer.get_future();
    const Sequence durable = log.durable();
    if (!inbox_.add(submission)) return {notTaken()};
    const SteadyTime deadline = std::chrono::steady_clock::now() + surroundings_.patience;
    const bool answered = answer.wait_until(deadline) == std::future_status::ready;
    if (!answered && submission->withdraw()) {
        if (log.durable() == durable && log.last() > durable) stuck_at_ = durable;
        inbox_.poke();
        return {.receipt = notStored(), .withdrawn = true};
    }
    // It is answered, or just being sent.
    if (answer.wait_for(kThreadPatience) != std::future_status::ready) {
        return {stillSending(submission->record.command.id)};
    }
    Answer told = answer.get();
    // Nobody is to be told what a crash can undo. Should the store hang just now they are all the
    // same: the command has gone out.
    (void)surroundings_.log.awaitDurable(told.settled, deadline);
    return told;
}

Result<std::shared_ptr<Submission>> Dispatcher::prepare(const CommandRequest& request,
                                                        std::uint64_t digest) {
    auto submission = std::make_shared<Submission>();
    submission->submitted = surroundings_.clock.steady();
    submission->exact = request.targets.by == CommandTargets::By::Ids;
    auto resolved = surroundings_.devices.resolve(request.targets, request.queue_offline);
    if (!resolved) return std::move(resolved).error();
    submission->recipients = std::move(*resolved);

    CommandRecord& record = submission->record;
    record.command = {makeCommandId(surroundings_.log.now()), request.name,
                      request.payload.empty() ? "{}" : request.payload};
    record.ack_timeout = request.ack_timeout;
    if (request.queue_offline) record.ttl = request.ttl;
    record.idempotency_key = request.idempotency_key;
    record.request_digest = digest;
    if (request.targets.by == CommandTargets::By::Type) {
        record.device_type = request.targets.word;
    } else if (submission->exact && submission->recipients.size() == 1) {
        const auto device = surroundings_.devices.find(submission->recipients.front().device);
        if (device) record.device_type = device->type;
    }
    for (Recipient& recipient : submission->recipients) {
        if (recipient.online) continue;
        recipient.status = request.queue_offline ? TargetStatus::Queued : TargetStatus::Unreachable;
        if (!request.queue_offline) recipient.reason = Ledger::kOffline;
    }
    askGuards(*submission);
    return submission;
}

// Of those that it can be sent to, now or later.
void Dispatcher::askGuards(Submission& submission) const {
    if (!guards_.any()) return;
    for (Recipient& recipient : submission.recipients) {
        if (!isOpen(recipient.status)) continue;
        const auto device = surroundings_.devices.find(recipient.device);
        if (!device) continue;
        if (auto reason = guards_.refusal(submission.record.command, *device)) {
            recipient.status = TargetStatus::Rejected;
            recipient.reason = std::move(*reason);
        }
    }
}

Result<std::size_t> Dispatcher::cancel(std::string_view id) {
    auto cancellation = std::make_shared<Cancellation>();
    cancellation->id = id;
    std::future<Cancellation::Done> answer = cancellation->done.get_future();
    const SteadyTime deadline = std::chrono::steady_clock::now() + surroundings_.patience;
    if (!inbox_.add(cancellation)) return notTaken();
    if (answer.wait_until(deadline) != std::future_status::ready) {
        return unavailable("command " + std::string(id) +
                           " could not be cancelled in time: try again");
    }
    const Cancellation::Done done = answer.get();
    if (!done.known) return countOf(id);
    if (surroundings_.log.awaitDurable(done.settled, deadline)) return done.count;
    return unavailable("nothing of command " + std::string(id) +
                       " is open any more, but that is not yet stored: it will be as soon as the "
                       "store works");
}

// What the ledger does not know any more has nothing open.
Result<std::size_t> Dispatcher::countOf(std::string_view unknown) const {
    CommandQuery query;
    query.id = std::string(unknown);
    query.limit = 1;
    bool known = false;
    auto read = surroundings_.history.commands(
        query, [&known](const CommandRecord&, const CommandProgress&) {
            known = true;
            return false;
        });
    if (!read) return std::move(read).error();
    if (known) return std::size_t{0};
    return Error{Error::Kind::NotFound, "there is no command \"" + std::string(unknown) + "\""};
}

Registration Dispatcher::attach(CommandGuard& guard) { return guards_.attach(guard); }

}  // namespace hub::commands
