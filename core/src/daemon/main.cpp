#include "daemon/hub_daemon.h"

int main(int argc, char** argv) {
    hub::HubDaemon daemon;
    return daemon.run(argc, argv);
}
