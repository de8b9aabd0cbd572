#pragma once

// Marks what the plugin API exports: everything else in the hub is hidden.
#define HUB_API [[gnu::visibility("default")]]
