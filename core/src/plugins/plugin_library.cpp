#include "plugins/plugin_library.h"

#include "hub/options.h"
#include "plugins/library_file.h"

#include <Poco/ClassLoader.h>
#include <Poco/Exception.h>
#include <Poco/SharedLibrary.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace hub::plugins {
namespace {

constexpr const char* kStampSymbol = "hub_plugin_stamp";

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view why) {
    throw std::runtime_error(file.string() + ": " + std::string(why));
}

// The end of a sentence about a library that is not there: the one beside it that may be meant.
std::string nearestTo(const std::filesystem::path& file) {
    std::vector<std::string> names;
    std::error_code error;  // a folder that cannot be read has nothing to offer
    for (std::filesystem::directory_iterator entry(file.parent_path(), error), end;
         !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() == ".so") names.push_back(entry->path().stem());
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    return didYouMean(file.stem().string(), views);
}

std::string_view textOf(const char* text) { return text == nullptr ? "" : text; }

// Compares from the outside in: what follows in the stamp may be read only when what stands before
// it has proved right.
void checkStamp(const PluginStamp& stamp, const std::filesystem::path& file) {
    if (stamp.magic != kPluginMagic) {
        refuse(file, "its symbol hub_plugin_stamp is not that of a hub plugin");
    }
    if (stamp.api != kPluginApi) {
        refuse(file, "built for plugin API " + std::to_string(stamp.api) + ", this hub speaks " +
                         std::to_string(kPluginApi) + ". Rebuild the plugin.");
    }
    if (textOf(stamp.toolchain) != kToolchain) {
        refuse(file, "built with " + std::string(textOf(stamp.toolchain)) + ", this hub with " +
                         kToolchain + ". Rebuild the plugin with the hub's compiler.");
    }
    switch (stamp.kind) {
        case PluginKind::Store:
        case PluginKind::Transport:
        case PluginKind::Extension:
            return;
    }
    refuse(file, "its stamp names no kind of plugin this hub knows. Rebuild the plugin.");
}

// SharedLibrary's destructor leaves the library mapped, and so does ClassLoader's: nothing here
// ever unloads.
PluginStamp readStamp(const std::filesystem::path& file) {
    Poco::SharedLibrary library;
    // Local: the symbols of a library that may yet be refused must not reach any other.
    library.load(file.string(), Poco::SharedLibrary::SHLIB_LOCAL);
    if (!library.hasSymbol(kStampSymbol)) {
        refuse(file, "not a hub plugin (it has no symbol hub_plugin_stamp)");
    }
    const void* symbol = library.getSymbol(kStampSymbol);
    // A foreign symbol of that name may be smaller than a stamp.
    std::uint32_t magic = 0;
    std::memcpy(&magic, symbol, sizeof magic);
    PluginStamp stamp{magic, 0, nullptr, nullptr, nullptr, PluginKind::Extension};
    if (magic == kPluginMagic) {
        std::memcpy(&stamp, symbol, sizeof stamp);
    }
    checkStamp(stamp, file);
    if (!library.hasSymbol("pocoBuildManifest")) {
        refuse(file, "exports no class. End the plugin's source with HUB_EXPORT_PLUGIN.");
    }
    return stamp;
}

}  // namespace

// A loader of its own for each library: classes of equal names in two libraries cannot be mixed up.
struct PluginLibrary::Classes {
    Poco::ClassLoader<Plugin> loader;
};

PluginLibrary::PluginLibrary(const std::filesystem::path& file)
    : classes_(std::make_unique<Classes>()) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        refuse(file, "no such file" + nearestTo(file));
    }
    try {
        checkLibraryFile(file);
    } catch (const std::runtime_error& error) {  // also what the file system says
        refuse(file, error.what());
    }
    try {
        const PluginStamp stamp = readStamp(file);
        name_ = textOf(stamp.name);
        version_ = textOf(stamp.version);
        kind_ = stamp.kind;
        classes_->loader.loadLibrary(file.string());
    } catch (const Poco::Exception& error) {
        refuse(file, "cannot be loaded: " + error.message());
    }
    const auto& manifest = classes_->loader.manifestFor(file.string());
    if (manifest.size() != 1) {
        refuse(file, "exports " + std::to_string(manifest.size()) +
                         " plugin classes, a plugin library has exactly one");
    }
    class_name_ = manifest.begin()->name();
}

PluginLibrary::~PluginLibrary() = default;

std::unique_ptr<Plugin> PluginLibrary::create() const {
    return std::unique_ptr<Plugin>(classes_->loader.create(class_name_));
}

}  // namespace hub::plugins
