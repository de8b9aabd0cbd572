#include "daemon/hub_daemon.h"
#include "daemon/process.h"

int main(int argc, char** argv) {
    const hub::daemon::CrashSignals crash_signals;
    hub::daemon::HubDaemon daemon;
    crash_signals.restore();
    return daemon.run(argc, argv);
}
