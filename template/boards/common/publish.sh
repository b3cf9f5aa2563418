# The template's file: `copier update` merges its changes with yours.
# publish.sh RESULT OVERLAY DIGEST ENDING...
#
# Puts a finished build, in the folder RESULT, beside the board's Makefile, which is here: the reports,
# the overlay's files in the order of their endings, and last the digest of what they were made from.
# Each is there whole or not at all.
set -eu
result=$1 overlay=$2 digest=$3
shift 3
trap 'rm -rf .part' EXIT

place() {
  rm -rf .part
  cp -R "$1" .part
  mv -f .part "$2"
}

# Timing that was not met shows in the name.
for file in "$result/$overlay-timing-failed".*; do
  [ ! -e "$file" ] || overlay=$overlay-timing-failed
  break
done

place "$result/reports" reports
for ending; do
  place "$result/$overlay.$ending" "$overlay.$ending"
done
printf '%s\n' "$digest" >"$result/digest"
place "$result/digest" "$overlay.digest"
