#!/usr/bin/env bash
# Collect facts for a crate review from unpacked source. Executes nothing of the crate.
set -uo pipefail
export LC_ALL=C

usage() {
  cat <<'TEXT'
Usage: crate-facts.sh CRATE_DIR              report on one unpacked crate
       crate-facts.sh --build-time VENDOR    list crates in VENDOR that run code at build time
       crate-facts.sh --help

CRATE_DIR holds a Cargo.toml, as below ~/.cargo/registry/src or in a vendor
directory. Searches are by text: they miss what is hidden and count what is in
comments. Use the numbers to decide what to read.

Exit codes: 0 printed, 1 the directory holds no crate, 2 wrong usage.
TEXT
}

die() {
  printf 'error: %s\n' "$2" >&2
  exit "$1"
}

# manifest_value FILE SECTION KEY: the value of a key in one TOML section, unquoted.
manifest_value() {
  awk -v section="[$2]" -v key="$3" '
    /^\[/ { inside = ($0 == section) }
    inside {
      split($0, part, "=")
      name = part[1]
      gsub(/[ \t"]/, "", name)
      if (name == key) {
        sub(/^[^=]*=[ \t]*/, "")
        gsub(/^"|"[ \t]*$/, "")
        print
        exit
      }
    }' "$1"
}

# dependency_count FILE KIND: entries of [KIND], [KIND.x] and [target.*.KIND...].
dependency_count() {
  awk -v kind="$2" '
    /^\[/ {
      line = $0
      gsub(/^\[|\][ \t\r]*$/, "", line)
      inside = 0
      if (line == kind || line ~ ("^target\\..*\\." kind "$")) inside = 1
      else if (line ~ ("^" kind "\\.[^.]+$") || line ~ ("^target\\..*\\." kind "\\.[^.]+$")) count++
      next
    }
    inside && /^[A-Za-z0-9_"-]+([.][A-Za-z0-9_-]+)?[ \t]*=/ { count++ }
    END { print count + 0 }' "$1"
}

is_proc_macro() {
  grep -Eq '^[[:space:]]*proc[-_]macro[[:space:]]*=[[:space:]]*true' "$1/Cargo.toml"
}

# build_script DIR: the path of the build script, if there is one.
build_script() {
  local named
  named=$(manifest_value "$1/Cargo.toml" package build)
  if [ "$named" = false ]; then
    return
  elif [ -n "$named" ] && [ -f "$1/$named" ]; then
    printf '%s\n' "$named"
  elif [ -f "$1/build.rs" ]; then
    printf 'build.rs\n'
  fi
}

rust_files() {
  find "$1" -type f -name '*.rs' -not -path '*/.git/*'
}

# code_lines DIR PATTERN: matching lines of Rust files, without whole-line comments, as file:line:text.
code_lines() {
  grep -rnE --include='*.rs' -e "$2" "$1" 2>/dev/null | grep -vE '^[^:]*:[0-9]+:[[:space:]]*//|html_root_url' || true
}

report_pattern() {
  local found count
  found=$(code_lines "$1" "$3")
  count=$(printf '%s' "$found" | grep -c '' || true)
  if [ "$count" -eq 0 ]; then
    printf -- '- %s: none\n' "$2"
  else
    printf -- '- %s, lines that match: %s\n' "$2" "$count"
    printf '%s\n' "$found" | head -n 3 | cut -c1-160 | while IFS= read -r line; do
      line=${line#"$1"/}
      printf '    %s\n' "$(printf '%s' "$line" | tr -s '[:space:]' ' ' | tr -cd '\040-\176')"
    done
  fi
}

list_or_none() {
  local shown
  shown=$(head -n 15 | tr -cd '\012\040-\176')
  if [ -z "$shown" ]; then
    printf 'none\n'
  else
    printf '%s\n' "$shown" | sed 's/^/- /'
  fi
}

build_time() {
  [ -d "$1" ] || die 1 "$1 is not a directory"
  local manifest directory script what any=no
  for manifest in "$1"/*/Cargo.toml; do
    [ -f "$manifest" ] || continue
    any=yes
    directory=${manifest%/Cargo.toml}
    script=$(build_script "$directory")
    what=''
    if [ -n "$script" ]; then
      what="$script ($(wc -l <"$directory/$script" | tr -d ' ') lines)"
    fi
    if is_proc_macro "$directory"; then
      what="${what:+$what, }procedural macro"
    fi
    [ -z "$what" ] || printf '%-40s %s\n' "${directory##*/}" "$what"
  done
  [ "$any" = yes ] || die 1 "$1 holds no crates; expected VENDOR/NAME/Cargo.toml"
}

report() {
  local directory=${1%/} manifest script files lines sha
  manifest=$directory/Cargo.toml
  [ -f "$manifest" ] || die 1 "$directory holds no Cargo.toml"
  [ -n "$(manifest_value "$manifest" package name)" ] || die 1 "$manifest has no [package]; is it a workspace?"

  printf '# %s %s\n\n## Manifest\n\n' \
    "$(manifest_value "$manifest" package name)" "$(manifest_value "$manifest" package version)"
  local key
  for key in license license-file repository rust-version edition links; do
    printf -- '- %s: %s\n' "$key" "$(manifest_value "$manifest" package "$key" | grep . || echo 'not given')"
  done
  printf -- '- direct dependencies: %s, for building %s, for tests %s\n' \
    "$(dependency_count "$manifest" dependencies)" \
    "$(dependency_count "$manifest" build-dependencies)" \
    "$(dependency_count "$manifest" dev-dependencies)"
  sha=$(sed -n 's/.*"sha1"[^"]*"\([0-9a-f]*\)".*/\1/p' "$directory/.cargo_vcs_info.json" 2>/dev/null | head -n 1)
  printf -- '- commit: %s' "${sha:-unknown, no .cargo_vcs_info.json}"
  if grep -q '"dirty"[[:space:]]*:[[:space:]]*true' "$directory/.cargo_vcs_info.json" 2>/dev/null; then
    printf ', packaged with uncommitted changes'
  fi
  printf '\n'

  printf '\n## Runs at build time\n\n'
  script=$(build_script "$directory")
  if [ -n "$script" ]; then
    printf -- '- build script: %s, %s lines; read it completely\n' "$script" "$(wc -l <"$directory/$script" | tr -d ' ')"
  else
    printf -- '- build script: none\n'
  fi
  if is_proc_macro "$directory"; then
    printf -- '- procedural macro: yes; its source runs in the compiler\n'
  else
    printf -- '- procedural macro: no\n'
  fi

  files=$(rust_files "$directory" | grep -c '' || true)
  lines=$(rust_files "$directory" | tr '\n' '\0' | xargs -0 cat 2>/dev/null | wc -l | tr -d ' ')
  printf '\n## Code\n\n- Rust: %s files, %s lines\n' "$files" "$lines"
  if code_lines "$directory" 'forbid\([^)]*unsafe_code' | grep -q .; then
    printf -- '- unsafe_code is forbidden somewhere; check that it is at the crate root\n'
  fi
  report_pattern "$directory" 'unsafe' '(^|[^_[:alnum:]])unsafe([[:space:]]*\{|[[:space:]]+(fn|impl|trait|extern)|\()'
  report_pattern "$directory" 'processes' 'process::Command|Command::new|libc::(exec|system|fork)'
  report_pattern "$directory" 'network' 'std::net|(Tcp|Udp|Unix)(Stream|Listener|Socket|Datagram)|reqwest|hyper::|ureq::|https?://[^"[:space:]]*"'
  report_pattern "$directory" 'files' 'fs::(write|remove|rename|create|File|OpenOptions|set_permissions|read)|File::(create|open)|OpenOptions::new'
  report_pattern "$directory" 'environment' 'env::(var|vars|var_os|set_var|home_dir)|env!\(|option_env!\('
  report_pattern "$directory" 'foreign code' 'extern[[:space:]]+"(C|system)|libloading|dlopen|asm!\('
  report_pattern "$directory" 'included files' 'include_bytes!|include_str!|(^|[^_[:alnum:]])include!|#\[path'
  report_pattern "$directory" 'runs before main' 'link_section|ctor::ctor|#\[ctor'
  report_pattern "$directory" 'long encoded literals' '"[A-Za-z0-9+/=]{200,}"|(0x[0-9a-fA-F]{2},[[:space:]]*){64,}'

  printf '\n## Files\n\n### Not text\n\n'
  find "$directory" -type f -size +0 -not -path '*/.git/*' | while IFS= read -r file; do
    grep -Iq . "$file" || printf '%s (%s bytes)\n' "${file#"$directory"/}" "$(wc -c <"$file" | tr -d ' ')"
  done | sort | list_or_none
  printf '\n### Hidden, executable or scripts\n\n'
  find "$directory" -type f \( -name '.*' -o -perm -u+x -o -name '*.sh' -o -name '*.py' -o -name '*.ps1' -o -name '*.bat' \) \
    -not -path '*/.git/*' -not -name .cargo_vcs_info.json -not -name .cargo-ok -not -name .cargo-checksum.json \
    -not -name .gitignore -not -name .gitattributes | sed "s|^$directory/||" | sort | list_or_none
  printf '\n### With invisible or direction-changing characters\n\n'
  grep -rlE -I --exclude-dir=.git -e $'\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa9]|\xf3\xa0[\x80\x81]' "$directory" 2>/dev/null |
    sed "s|^$directory/||" | sort | list_or_none
  printf '\n### With lines longer than 1,000 bytes\n\n'
  rust_files "$directory" | while IFS= read -r file; do
    awk -v name="${file#"$directory"/}" 'length($0) > 1000 { print name ":" NR; exit }' "$file"
  done | sort | list_or_none
}

case ${1-} in
  -h | --help) usage ;;
  --build-time)
    [ $# -eq 2 ] || { usage >&2; exit 2; }
    build_time "${2%/}"
    ;;
  '' | -*)
    usage >&2
    exit 2
    ;;
  *)
    [ $# -eq 1 ] || { usage >&2; exit 2; }
    report "$1"
    ;;
esac
