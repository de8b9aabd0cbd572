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
           "unless --url, or HUBCTL_URL in the environment, names another.\n\n"
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
           "  hubctl health --url http://192.0.2.7:8000\n"
           "\nExit codes:\n"
        << exitCodesText()
        << "\n'hubctl <command> --help' explains one of them; 'hubctl --version' tells the "
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
        if (!environment.out.flush()) throw std::runtime_error("cannot write the output");
        return code;
    } catch (const UsageError& error) {
        err << "hubctl " << name << ": " << error.what() << "\n'hubctl " << name
            << " --help' lists the options.\n";
        return kUsageWrong;
    } catch (const HubUnreachable& error) {
        err << "hubctl: " << error.what() << '\n';
        return kUnreachable;
    } catch (const std::exception& error) {
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
    const auto found = std::ranges::find_if(
        subcommands, [&](const Subcommand& s) { return s.usage.name == words.front(); });
    if (found == subcommands.end()) {
        return refuseUnknown(words.front(), subcommands, environment.err);
    }
    return runSubcommand(*found, words.subspan(1), environment);
}

}  // namespace hub::ctl
