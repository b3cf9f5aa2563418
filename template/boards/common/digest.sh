# The template's file: `copier update` merges its changes with yours.
# digest.sh NAME=VALUE... -- PATH...
#
# Prints the sha256 of a build's inputs: its settings, and the files with their names, in folders too.
# The same inputs give the same digest on any machine. Hidden files do not count.
set -eu
export LC_ALL=C

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

files() {
  for path; do
    find -L "$path" \( -name '.?*' -o -name '*~' -o -name __pycache__ \) -prune -o -type f -print
  done | sort | while IFS= read -r file; do sha256 "$file"; done
}

settings=
while [ "$1" != -- ]; do
  settings="$settings$1
"
  shift
done
shift

for path; do
  [ -e "$path" ] || { echo "$path cannot be read; names with spaces do not work here" >&2; exit 1; }
done
{ printf '%s' "$settings"; files "$@"; } | sha256 | cut -c 1-64
