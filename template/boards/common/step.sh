# The template's file: `copier update` merges its changes with yours.
# step.sh NAME STEP COMMAND [ARGUMENT...]
#
# Runs one long step of the build NAME: the command's output goes to STEP.log, and a line says how long
# it took. When it fails, one sentence says why, as far as the log tells; else its last lines do.
name=$1 step=$2 log=$2.log
shift 2

# Held as long as the tool runs, even if make was killed and left it behind.
if command -v flock >/dev/null; then
  exec 9>lock
  flock -n 9 || { echo "$name: another make is building this in $PWD" >&2; exit 1; }
fi

[ -t 1 ] && printf '%s: %s runs, see build/%s/%s\r' "$name" "$step" "$name" "$log"
begun=$(date +%s)
"$@" >"$log" 2>&1 </dev/null
status=$?
seconds=$(($(date +%s) - begun))
[ -t 1 ] && printf '\033[K'

elapsed=$(printf '%d:%02d:%02d' $((seconds / 3600)) $((seconds / 60 % 60)) $((seconds % 60)))
if [ "$status" -eq 0 ]; then
  echo "$name: $step took $elapsed"
  exit 0
fi

# The first line of the log that holds one of the patterns, without what Vivado puts before it.
found() {
  grep -Em 1 "$1" "$log"
}

free=$(df -Pk . | awk 'NR == 2 { print $4 }')
if stopped=$(found '^STOP: '); then
  reason=${stopped#STOP: }
elif [ "$free" = 0 ] || found 'No space left on device' >/dev/null; then
  reason="the disk with $PWD is full; make room and type make again"
elif said=$(found 'Common 17-345|[Ll]icense .*(not found|denied|expired)|[Ff]ailed .*[Ll]icense'); then
  reason="the tools were refused a licence: $said"
elif said=$(found 'Coretcl 2-106|HLS 200-1023'); then
  reason="the tools were installed without this FPGA: $said"
elif said=$(found 'v\+\+ 60-(1258|1299)'); then
  reason="v++ cannot build for this platform: $said"
elif said=$(found 'did not meet timing'); then
  reason="timing was not met: $said"
else
  tail -n 15 "$log" >&2
  reason="$step failed after $elapsed with status $status: $(found '^ERROR' || echo 'see the lines above')"
fi
echo "$name: $reason (log: $PWD/$log)" >&2
exit 1
