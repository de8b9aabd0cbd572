#pragma once

#include "hub/result.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace hub::bench {

// Ends the program with the error: what follows would measure something else.
template <class Value>
void mustWork(const Result<Value>& result) {
    if (result) return;
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(EXIT_FAILURE);
}

template <class Work>
double secondsOf(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// `values` must not be empty.
inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

// Compares figures with what they are promised to be, and prints each with its verdict.
class Gates {
public:
    void atLeast(const std::string& what, double value, double least) {
        judge(what, value, "at least", least, value >= least);
    }
    void atMost(const std::string& what, double value, double most) {
        judge(what, value, "at most", most, value <= most);
    }

    // What `main` returns: failure when one was missed.
    [[nodiscard]] int exitCode() const { return missed_ ? EXIT_FAILURE : EXIT_SUCCESS; }

private:
    void judge(const std::string& what, double value, const char* relation, double bound,
               bool holds) {
        std::printf("gate: %s %.2f, %s %.2f: %s\n", what.c_str(), value, relation, bound,
                    holds ? "ok" : "MISSED");
        missed_ = missed_ || !holds;
    }

    bool missed_ = false;
};

}  // namespace hub::bench
