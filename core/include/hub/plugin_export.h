#pragma once

#include "hub/plugin.h"

#include <Poco/ClassLibrary.h>

#include <cstdint>

namespace hub {

// The number of the plugin API: raised whenever a plugin built before would misbehave after.
inline constexpr std::uint32_t kPluginApi = 5;

// What a plugin library says of itself before any of its code is used. Read by the hub through the
// C symbol `hub_plugin_stamp`; its layout never changes, only grows at the end.
struct PluginStamp {
    std::uint32_t magic;    // kPluginMagic
    std::uint32_t api;      // kPluginApi it was compiled with
    const char* toolchain;  // kToolchain it was compiled with
    const char* name;
    const char* version;
    PluginKind kind;
};

inline constexpr std::uint32_t kPluginMagic = 0x48554250;  // "HUBP"

// Compiler, standard library and C++ ABI: both sides of the C++ boundary must have the same.
#define HUB_STRINGIFY_(x) #x
#define HUB_STRINGIFY(x) HUB_STRINGIFY_(x)
#if defined(__clang__)
#define HUB_COMPILER_ "clang-" HUB_STRINGIFY(__clang_major__)
#else
#define HUB_COMPILER_ "gcc-" HUB_STRINGIFY(__GNUC__)
#endif
inline constexpr const char* kToolchain =
    HUB_COMPILER_ "/libstdc++-" HUB_STRINGIFY(__GLIBCXX__) "/abi-" HUB_STRINGIFY(__GXX_ABI_VERSION);

}  // namespace hub

// Makes `Class`, a hub::Plugin, what this library offers. The last line of a plugin's main source
// file, outside any namespace. The stamp is protected: every plugin has one under the same name,
// and libraries are opened globally, so each must keep to its own.
#define HUB_EXPORT_PLUGIN(Class, plugin_name, plugin_version, plugin_kind)                       \
    extern "C" [[gnu::visibility("protected")]] const hub::PluginStamp hub_plugin_stamp;         \
    const hub::PluginStamp hub_plugin_stamp{hub::kPluginMagic, hub::kPluginApi, hub::kToolchain, \
                                            plugin_name,       plugin_version,  plugin_kind};    \
    POCO_BEGIN_MANIFEST(hub::Plugin)                                                             \
    POCO_EXPORT_CLASS(Class)                                                                     \
    POCO_END_MANIFEST
