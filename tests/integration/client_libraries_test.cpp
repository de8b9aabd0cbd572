// The WebSocket libraries that devices and scripts are written with, each against the real hub.
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace hub::integration {
namespace {

void runClient(const std::string& interpreter, const std::string& script) {
    const fakes::TemporaryFolder folder;
    HubProcess hub(folder.path());
    Process client({interpreter, std::string(CLIENTS_PATH) + "/" + script,
                    std::to_string(hub.port()), "a-client", "1000"});
    EXPECT_EQ(client.wait(), 0) << client.output();
    EXPECT_EQ(client.output(), "1000\n");
    EXPECT_GE(std::stoi(queryOne(folder.path() / "hub.db",
                                 "SELECT count(*) FROM device_state_snapshots")),
              1000);
}

TEST(ClientLibraries, PythonWebsockets) { runClient("/usr/bin/python3", "device.py"); }

TEST(ClientLibraries, NodeWs) {
    // Where Debian's node-ws is, for a node that is not Debian's.
    setenv("NODE_PATH", "/usr/share/nodejs", 0);
    runClient("/usr/bin/node", "device.js");
}

}  // namespace
}  // namespace hub::integration
