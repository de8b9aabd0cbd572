#include "ctl/arguments.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>
#include <vector>

namespace hub::ctl {

namespace {

constexpr std::size_t kWidth = 80;

const Option& findOption(const Usage& usage, std::string_view name) {
    const auto found = std::ranges::find(usage.options, name, &Option::name);
    if (found != usage.options.end()) return *found;

    std::vector<std::string_view> names;
    for (const Option& option : usage.options) names.push_back(option.name);
    throw UsageError("unknown option \"" + std::string(name) + "\"" + didYouMean(name, names));
}

// `hubctl show <id>`.
std::string callOf(const Usage& usage) {
    std::string call = "hubctl " + std::string(usage.name);
    if (!usage.operands.empty()) call.append(1, ' ').append(usage.operands);
    return call;
}

// The operands as the usage writes them: `<id>`, `[filter]`.
std::vector<std::string_view> operandsOf(const Usage& usage) {
    std::vector<std::string_view> operands;
    for (std::string_view rest = usage.operands; !rest.empty();) {
        const std::string_view operand = rest.substr(0, rest.find(' '));
        operands.push_back(operand);
        rest.remove_prefix(std::min(operand.size() + 1, rest.size()));
    }
    return operands;
}

// Whether a word that is not behind `--` has the look of an option; `-` alone stands for the
// standard input.
bool looksLikeAnOption(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

// Adds `word` to the operands; refuses what cannot be one.
void takeOperand(const Usage& usage, std::string_view word, bool options_ended,
                 std::vector<std::string>& operands) {
    const std::size_t most = operandsOf(usage).size();
    if (most != 0 && word.empty()) throw UsageError("a word is empty: write " + callOf(usage));
    if (most == 0 || (looksLikeAnOption(word) && !options_ended)) {
        throw UsageError("unexpected word \"" + std::string(word) + "\": options begin with --");
    }
    if (operands.size() == most) {
        throw UsageError("unexpected word \"" + std::string(word) + "\": write " + callOf(usage));
    }
    operands.emplace_back(word);
}

void requireOperands(const Usage& usage, std::size_t given) {
    const auto wanted = operandsOf(usage);
    if (given < wanted.size() && wanted[given].starts_with('<')) {
        throw UsageError("it needs " + std::string(wanted[given]) + ": write " + callOf(usage));
    }
}

// What stands for the value in the help: `N` in `--count N`.
std::string placeholder(const Option& option) {
    switch (option.type) {
        case Option::Type::Flag:
            return {};
        case Option::Type::Number:
            return "N";
        case Option::Type::Duration:
            return "SECONDS";
        case Option::Type::Bytes:
            return "BYTES";
        case Option::Type::Text:
            break;
    }
    std::string word(option.name);
    std::ranges::transform(word, word.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return word;
}

// Appends `text` word by word, beginning at column `indent`, where the line already is.
void appendWrapped(std::string& out, std::string_view text, std::size_t indent) {
    std::size_t column = indent;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        if (column > indent && column + 1 + word.size() > kWidth) {
            out += '\n';
            out.append(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    out += '\n';
}

}  // namespace

Arguments parseArguments(const Usage& usage, std::span<const std::string_view> words) {
    std::map<std::string, std::string> values;
    std::set<std::string, std::less<>> given;
    std::vector<std::string> operands;
    bool options_ended = false;
    for (auto word = words.begin(); word != words.end(); ++word) {
        if (*word == "--" && !options_ended) {
            options_ended = true;
            continue;
        }
        if (options_ended || !word->starts_with("--")) {
            takeOperand(usage, *word, options_ended, operands);
            continue;
        }
        const std::size_t equals = word->find('=');
        const Option& option = findOption(
            usage, word->substr(2, equals == std::string_view::npos ? equals : equals - 2));

        std::string value;
        if (equals != std::string_view::npos) {
            value = word->substr(equals + 1);
        } else if (option.type == Option::Type::Flag) {
            value = "true";
        } else if (std::next(word) != words.end()) {
            value = *++word;
        } else {
            throw UsageError("--" + std::string(option.name) + " needs a value: --" +
                             std::string(option.name) + " " + placeholder(option));
        }
        given.emplace(option.name);
        values.insert_or_assign(std::string(option.name), std::move(value));
    }
    requireOperands(usage, operands.size());
    try {
        return {Options(usage.options, values), std::move(given), std::move(operands)};
    } catch (const std::invalid_argument& error) {
        throw UsageError(std::string("--") + error.what());
    }
}

std::string exitCodesText(bool asks_hub) {
    return std::string("  0  done\n") +
           (asks_hub ? "  1  failed: not found, refused, not ready\n" : "  1  failed\n") +
           "  2  the command line is wrong; nothing was tried\n" +
           (asks_hub ? "  3  no hub can be reached\n" : "");
}

std::string helpText(const Usage& usage) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Option& option : usage.options) {
        std::string meaning(option.meaning);
        if (option.type != Option::Type::Flag && !option.default_value.empty()) {
            meaning += " (default " + std::string(option.default_value) + ")";
        }
        std::string form = "--" + std::string(option.name);
        if (const auto value = placeholder(option); !value.empty()) form += ' ' + value;
        rows.emplace_back(std::move(form), std::move(meaning));
    }
    rows.emplace_back("--help", "show this");

    std::size_t indent = 0;
    for (const auto& [form, meaning] : rows) indent = std::max(indent, form.size() + 4);

    std::string out = "Usage: " + callOf(usage) + " [options]\n\n";
    appendWrapped(out, usage.summary, 0);
    if (!usage.details.empty()) appendWrapped(out += '\n', usage.details, 0);
    out += "\nOptions:\n";
    for (const auto& [form, meaning] : rows) {
        out += "  " + form;
        out.append(indent - 2 - form.size(), ' ');
        appendWrapped(out, meaning, indent);
    }
    out += "\nExamples:\n";
    for (const std::string_view example : usage.examples) out += "  " + std::string(example) + '\n';
    return out + "\nExit codes:\n" + exitCodesText(usage.asks_hub);
}

}  // namespace hub::ctl
