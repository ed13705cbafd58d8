#!/usr/bin/env bash
# Append one timestamped line to an incident log.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: incident-log.sh FILE [--at TIME] [--by NAME] TEXT...
       incident-log.sh FILE --show

Appends one line "- TIME  TEXT" to FILE, which is created on first use.

  --at TIME    when it happened, as 2026-03-02T14:05:00Z (default: now); the
               entry is marked as added later
  --by NAME    who did or saw it
  --show       print the entries in order of time
  --help       this text

Exit codes: 0 done, 1 the file cannot be read or written, 2 wrong usage.
TEXT
}

wrong() {
  printf 'error: %s; see --help\n' "$1" >&2
  exit 2
}

case ${1-} in
  -h | --help) usage; exit 0 ;;
  '') usage >&2; exit 2 ;;
  -*) wrong "the log file comes first" ;;
esac
file=$1
shift

now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
at=$now by='' show=no
while [ $# -gt 0 ]; do
  case $1 in
    --at | --by)
      [ $# -ge 2 ] || wrong "$1 needs a value"
      case $1 in --at) at=$2 ;; --by) by=$2 ;; esac
      shift 2
      ;;
    --show) show=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    -*) wrong "unknown option $1" ;;
    *) break ;;
  esac
done

if [ "$show" = yes ]; then
  [ $# -eq 0 ] || wrong "--show takes no text"
  [ -r "$file" ] || { printf 'error: cannot read %s\n' "$file" >&2; exit 1; }
  grep -E '^- [0-9]{4}-[0-9]{2}-[0-9]{2}T' "$file" | LC_ALL=C sort -s -k2,2 || true
  exit 0
fi

[[ $at =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$ ]] ||
  wrong "--at must be UTC and look like 2026-03-02T14:05:00Z"
text=$(printf '%s' "$*" | tr '\r\n\t' '   ')
[ -n "${text// /}" ] || wrong "the text is missing"

entry="- $at  $text"
[ -z "$by" ] || entry="$entry (by $by)"
[ "$at" = "$now" ] || entry="$entry (added $now)"
if [ ! -e "$file" ]; then
  printf '# Incident log, opened %s, all times UTC\n\n' "$now" 2>/dev/null >>"$file" ||
    { printf 'error: cannot write %s\n' "$file" >&2; exit 1; }
fi
printf '%s\n' "$entry" 2>/dev/null >>"$file" || { printf 'error: cannot write %s\n' "$file" >&2; exit 1; }
printf '%s\n' "$entry"
