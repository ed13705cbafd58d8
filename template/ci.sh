#!/usr/bin/env sh
# What has to hold before a change is merged: the skills are in order, and the server that is made of them answers.
set -eu
cd "$(dirname "$0")"

# Warnings are errors here: a warning that nobody has to read is never read.
SKILLS_LINTS="${SKILLS_LINTS:--D warnings}" cargo build "$@"

# The same words as above, so that it is the same executable.
answer=$(echo '{"jsonrpc":"2.0","id":1,"method":"ping"}' | cargo run --quiet "$@")
test "$answer" = '{"jsonrpc":"2.0","id":1,"result":{}}' || {
  echo "the server answers a ping with: $answer" >&2
  exit 1
}
cargo run --quiet "$@" -- list
