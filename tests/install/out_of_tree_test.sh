#!/usr/bin/env bash
# Installs a build, moves it, builds the plugin that `./dev new-plugin` begins against it, and asks
# the installed hubd for that plugin's route.
#
# usage: out_of_tree_test.sh <source folder> <build folder> <compiler>
set -euo pipefail
source=$1 build=$2 compiler=$3

folder=$(mktemp -d)
hubd=
trap '[[ -z $hubd ]] || kill -KILL "$hubd" 2>/dev/null || true; rm -rf "$folder"' EXIT

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

cmake --install "$build" --prefix "$folder/built" >/dev/null
number=$(sed -n 's/.*kPluginApi = \([0-9]*\);/\1/p' "$folder/built/include/hub/plugin_export.h")
[[ -n $number && -e $folder/built/lib/libhub_api.so.$number ]] ||
    fail "there is no libhub_api.so.$number, the plugin API of the installed headers"
start=$(grep '^ExecStart=' "$folder/built/lib/systemd/system/hubd.service")
[[ $start == "ExecStart=$folder/built/bin/hubd --config $folder/built/etc/hub/hubd.properties" ]] ||
    fail "the unit starts something else: $start"
echo 'hub.port = 8080' >"$folder/built/etc/hub/hubd.properties"
cmake --install "$build" --prefix "$folder/built" >/dev/null
[[ $(<"$folder/built/etc/hub/hubd.properties") == 'hub.port = 8080' ]] ||
    fail "a second installation has overwritten the configuration"

mv "$folder/built" "$folder/hub"
for file in bin/hubd bin/hubctl lib/libhub_api.so lib/hub/plugins/sqlite-store.so \
    include/hub/plugin.h lib/cmake/Hub/HubConfig.cmake etc/hub/hubd.properties \
    share/doc/hub/README.md; do
    [[ -e $folder/hub/$file ]] || fail "not installed: $file"
done

while read -r page; do
    while read -r link; do
        [[ -e $(dirname "$page")/$link ]] || fail "a dead link in ${page#"$folder/hub/"}: $link"
    done < <(sed -nE 's/^.*\]\(([A-Za-z][A-Za-z0-9_./-]*)\).*$/\1/p' "$page" | grep / || true)
done < <(find "$folder/hub/share/doc/hub" -name '*.md')

"$source/dev" new-plugin "$folder/greeter" >/dev/null
[[ $(head -n 1 "$folder/greeter/README.md") == '# greeter' ]] || fail "the new plugin has no README"
cmake -S "$folder/greeter" -B "$folder/greeter/build" -DCMAKE_PREFIX_PATH="$folder/hub" \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS='-Wall -Wextra -Werror' >/dev/null
cmake --build "$folder/greeter/build" >/dev/null
cmake --install "$folder/greeter/build" >/dev/null

coproc hubd_output {
    exec "$folder/hub/bin/hubd" --port 0 --data-dir "$folder/data" --set plugins.required= \
        --set 'plugins.load=sqlite-store, ws-transport, http-api, greeter' 2>&1
}
hubd=$hubd_output_PID
log= port=
while [[ -z $port ]] && read -r -t 60 line <&"${hubd_output[0]}"; do
    log+=$line$'\n'
    [[ ! $line =~ listening\ on\ http://.*:([0-9]+)$ ]] || port=${BASH_REMATCH[1]}
done
[[ -n $port ]] || fail "hubd did not start:" "$log"

answer=$(curl --silent --show-error --max-time 30 "http://127.0.0.1:$port/api/greeter")
[[ $answer == '{"hello":"greeter"}' ]] || fail "the plugin answered: $answer" "$log"

kill -TERM "$hubd"
wait "$hubd" || fail "hubd ended with exit code $?"
hubd=
