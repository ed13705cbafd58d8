#!/usr/bin/env bash
# Propose the next semantic version from the Conventional Commits since the latest tag.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: next-version.sh [--from TAG] [--to REVISION] [--prefix PREFIX] [--explain]

Prints the next version on standard output.

  --from TAG         start of the range (default: latest version tag reachable from the end)
  --to REVISION      end of the range (default: HEAD)
  --prefix PREFIX    what stands before the number in tags (default: v)
  --explain          list the deciding commits on standard error
  --help             this text

A breaking change raises the major version, feat the minor, and fix, perf and
revert the patch. Below 1.0.0 a breaking change raises the minor version and
everything else the patch. Merge commits are not looked at.

Exit codes: 0 version printed, 2 wrong usage or git failed, 3 nothing to release.
TEXT
}

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 2
}

from='' to=HEAD prefix=v explain=no
while [ $# -gt 0 ]; do
  case $1 in
    --from | --to | --prefix)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --from) from=$2 ;;
        --to) to=$2 ;;
        --prefix) prefix=$2 ;;
      esac
      shift 2
      ;;
    --explain) explain=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown argument: $1" ;;
  esac
done

git rev-parse --verify --quiet "$to^{commit}" >/dev/null || fail "no such commit: $to"
if [ -z "$from" ]; then
  from=$(git describe --tags --abbrev=0 --match "${prefix}[0-9]*.[0-9]*.[0-9]*" --exclude '*-*' "$to" 2>/dev/null) ||
    fail "no tag like ${prefix}1.2.3 before $to; name a start with --from, or tag the first release by hand"
fi
git rev-parse --verify --quiet "$from^{commit}" >/dev/null || fail "no such tag: $from"

version=${from#"$prefix"}
if ! [[ $version =~ ^([0-9]+)\.([0-9]+)\.([0-9]+)$ ]]; then
  fail "$from is not a release version; expected ${prefix}MAJOR.MINOR.PATCH"
fi
major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]} patch=${BASH_REMATCH[3]}

header_pattern='^([A-Za-z][A-Za-z0-9_-]*)(\([^()]+\))?(!?): +.+'
footer_pattern='(^|'$'\n'')BREAKING[ -]CHANGE: '
level=0 # 0 nothing, 1 patch, 2 minor, 3 major
while IFS= read -r -d '' entry; do
  hash=${entry%%$'\n'*}
  message=${entry#*$'\n'}
  header=${message%%$'\n'*}
  [[ $header =~ $header_pattern ]] || continue
  kind=$(printf '%s' "${BASH_REMATCH[1]}" | tr '[:upper:]' '[:lower:]')
  this=0
  case $kind in
    feat) this=2 ;;
    fix | perf | revert) this=1 ;;
  esac
  if [ -n "${BASH_REMATCH[3]}" ] || [[ $message =~ $footer_pattern ]]; then
    this=3
  fi
  if [ "$explain" = yes ] && [ "$this" -gt 0 ]; then
    case $this in 1) word='patch' ;; 2) word='minor' ;; *) word='breaking' ;; esac
    printf '%-8s  %s  %s\n' "$word" "$hash" "$header" >&2
  fi
  [ "$this" -le "$level" ] || level=$this
done < <(git log -z --no-merges --format='%h%n%B' "$from..$to" --)

if [ "$level" -eq 0 ]; then
  printf 'nothing to release since %s\n' "$from" >&2
  exit 3
fi
if [ "$major" -eq 0 ]; then
  level=$((level == 3 ? 2 : 1))
fi
case $level in
  3) echo "$((major + 1)).0.0" ;;
  2) echo "$major.$((minor + 1)).0" ;;
  1) echo "$major.$minor.$((patch + 1))" ;;
esac
