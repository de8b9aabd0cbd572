#pragma once

#include "hub/plugin.h"
#include "hub/plugin_export.h"

#include <filesystem>
#include <memory>
#include <string>

namespace hub::plugins {

// A plugin's shared library, opened and found fit to be used: its stamp was compared before any of
// its classes was touched. Copies of code, vtables and typeinfo stay in use wherever the plugin's
// objects went, so a library that was once opened stays mapped until the process ends, also when
// it was refused. One thread at a time.
class PluginLibrary {
public:
    // Opens `file`. Throws std::runtime_error with one line that begins with the file and says what
    // is wrong with it and what to do: no library, not a plugin of this hub, built for another API
    // or with another toolchain, or not exactly one plugin class in it.
    explicit PluginLibrary(const std::filesystem::path& file);
    ~PluginLibrary();
    PluginLibrary(const PluginLibrary&) = delete;
    PluginLibrary& operator=(const PluginLibrary&) = delete;

    // What the library says of itself.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& version() const noexcept { return version_; }
    [[nodiscard]] PluginKind kind() const noexcept { return kind_; }

    // A new instance of its class. Throws what the constructor throws.
    [[nodiscard]] std::unique_ptr<Plugin> create() const;

private:
    struct Classes;

    // Constant after construction.
    std::string name_;
    std::string version_;
    PluginKind kind_ = PluginKind::Extension;
    std::unique_ptr<Classes> classes_;
    std::string class_name_;
};

}  // namespace hub::plugins
