#!/usr/bin/env bash
# setup.sh SWIFT PACKAGE…: checks for a Swift 6.3 toolchain and installs the Debian packages that are missing.
set -eu
swift=$1
shift

if ! version=$("$swift" --version 2>/dev/null); then
    cat >&2 <<'TEXT'
error: no Swift toolchain found (looked for `swift` on the PATH).
hint: install Swift 6.3 or newer from https://www.swift.org/install/linux/ (Debian 12), put its usr/bin on the PATH,
      or say where it is: make SWIFT=/path/to/usr/bin/swift
TEXT
    exit 2
fi
number=$(sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<<"$version" | head -1)
if [ -z "$number" ] || [ "$(printf '%s\n6.3\n' "$number" | sort -V | head -1)" != 6.3 ]; then
    echo "error: this is Swift ${number:-of an unknown version}; 6.3 or newer is needed." >&2
    echo "hint: see https://www.swift.org/install/linux/" >&2
    exit 2
fi

missing=()
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "error: these Debian packages are missing: ${missing[*]}" >&2
        echo "hint: as root, run: apt-get update && apt-get install -y ${missing[*]}" >&2
        exit 2
    }
    sudo=sudo
fi
echo "Installing Debian packages: ${missing[*]}" >&2
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
