#!/bin/sh
# Unpacks packages of Debian, and what they need that is not installed, into FOLDER/root. Nobody has to be root for it, and
# nothing of the system changes: apt gets lists, a cache and a copy of dpkg's status of its own below STATE.
#
#     debian.sh STATE FOLDER PACKAGE...
set -eu
state=$1
folder=$2
shift 2

for tool in apt-get apt-config dpkg-deb flock timeout; do
    command -v "$tool" > /dev/null || {
        echo "this is not Debian or one of its kind: there is no $tool" >&2
        exit 1
    }
done

# One at a time: tests run side by side, in one process and in several.
mkdir -p "$state/lists/partial" "$state/none"
exec 9> "$state/turn"
timeout 600 flock 9

stamp="$(cat /etc/os-release) $(dpkg --print-architecture) $*"
if [ "$(cat "$folder/installed" 2> /dev/null)" = "$stamp" ]; then
    exit 0
fi
rm -rf "$folder"
mkdir -p "$folder/archives/partial" "$folder/root"

cp /var/lib/dpkg/status "$state/status"
{
    # Proxies and the like are the machine's; its hooks, folders and additional indexes are left out.
    apt-config dump --no-empty | grep '^Acquire::' | grep -v -e '^Acquire::IndexTargets' -e '^Acquire::Languages'
    cat << END
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
APT::Sandbox::User "root";
Dir::Etc::main "$state/none/apt.conf";
Dir::Etc::parts "$state/none";
Dir::State "$state";
Dir::State::status "$state/status";
Dir::Cache "$state";
Dir::Cache::archives "$folder/archives";
Dir::Log "$state";
END
} > "$state/apt.conf"
export APT_CONFIG="$state/apt.conf" DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

download() {
    timeout 400 apt-get install --quiet --yes --download-only --no-install-recommends "$@"
}
# Lists that are missing or old are the usual reason for a failure.
download "$@" > "$state/first" 2>&1 || {
    # A source that does not answer may not be needed.
    timeout 200 apt-get update --quiet || true
    download "$@"
}
for package in "$folder"/archives/*.deb; do
    dpkg-deb --extract "$package" "$folder/root"
done
rm -r "$folder/archives"
echo "$stamp" > "$folder/installed"
