#include "ctl/command_line.h"

#include <algorithm>
#include <exception>
#include <iomanip>
#include <stdexcept>
#include <vector>

namespace hub::ctl {

namespace {

bool asksForHelp(std::string_view word) { return word == "--help" || word == "-h"; }

void printHelp(std::span<const Subcommand> subcommands, std::ostream& out) {
    out << "Usage: hubctl <command> [options]\n\n"
           "The command line of the device hub. It asks the hub at http://127.0.0.1:8000\n"
           "unless --url, or HUBCTL_URL in the environment, names another. Tables show times\n"
           "in this machine's time zone, --json and export in UTC.\n\n"
           "Commands:\n";
    std::size_t width = 0;
    for (const auto& [usage, run] : subcommands) width = std::max(width, usage.name.size());
    for (const auto& [usage, run] : subcommands) {
        out << "  " << std::left << std::setw(static_cast<int>(width)) << usage.name << "  "
            << usage.summary << '\n';
    }
    out << "\nExamples:\n"
           "  hubctl devices --online\n"
           "  hubctl history weather-1 --limit 20\n"
           "  hubctl send type:esp32s3 handsup --wait\n"
           "  hubctl health --url http://192.0.2.7:8000\n"
           "\nExit codes:\n"
        << exitCodesText(true)
        << "\n'hubctl help <command>' explains one of them; 'hubctl --version' tells the "
           "version.\n";
}

int refuseUnknown(std::string_view word, std::span<const Subcommand> subcommands,
                  std::ostream& err) {
    std::vector<std::string_view> names{"--help", "--version"};
    for (const auto& [usage, run] : subcommands) names.push_back(usage.name);
    err << "hubctl: unknown command \"" << word << "\"" << didYouMean(word, names)
        << "\n'hubctl --help' lists the commands.\n";
    return kUsageWrong;
}

int runSubcommand(const Subcommand& subcommand, std::span<const std::string_view> words,
                  const Environment& environment) {
    std::ostream& err = environment.err;
    if (std::ranges::any_of(words, asksForHelp)) {
        environment.out << helpText(subcommand.usage);
        return kDone;
    }
    const std::string_view name = subcommand.usage.name;
    try {
        const int code = subcommand.run(parseArguments(subcommand.usage, words), environment);
        if (environment.out.flush()) return code;
        throw std::runtime_error("cannot write the output");
    } catch (const UsageError& error) {
        err << "hubctl " << name << ": " << error.what() << "\n'hubctl " << name
            << " --help' lists the options.\n";
        return kUsageWrong;
    } catch (const HubUnreachable& error) {
        err << "hubctl: " << error.what() << '\n';
        return kUnreachable;
    } catch (const std::exception& error) {
        // Who has read enough wants to hear no more.
        const bool unread = environment.unread != nullptr && environment.unread();
        if (unread && !environment.out) return kFailed;
        err << "hubctl " << name << ": " << error.what() << '\n';
        return kFailed;
    }
}

}  // namespace

int runCommandLine(std::span<const Subcommand> subcommands, std::string_view version,
                   std::span<const std::string_view> words, const Environment& environment) {
    if (words.empty()) {
        printHelp(subcommands, environment.err);
        return kUsageWrong;
    }
    if (asksForHelp(words.front())) {
        printHelp(subcommands, environment.out);
        return kDone;
    }
    if (words.front() == "--version") {
        environment.out << "hubctl " << version << '\n';
        return kDone;
    }
    const bool help = words.front() == "help";
    if (help && words.size() == 1) {
        printHelp(subcommands, environment.out);
        return kDone;
    }
    const std::string_view name = help ? words[1] : words.front();
    const auto found = std::ranges::find_if(
        subcommands, [name](const Subcommand& s) { return s.usage.name == name; });
    if (found == subcommands.end()) return refuseUnknown(name, subcommands, environment.err);
    if (help) {
        environment.out << helpText(found->usage);
        return kDone;
    }
    return runSubcommand(*found, words.subspan(1), environment);
}

}  // namespace hub::ctl
