# The template's file: `copier update` merges its changes with yours.
# tool.sh RELEASE TOOL [ARGUMENT...]
#
# Checks that TOOL is there and of the RELEASE that is asked for, then runs it with the arguments. With
# no arguments it only checks. Where the tool runs on another machine, so does the check.
release=$1 tool=$2
shift 2

stop() {
  echo "STOP: $*"
  exit 1
}

command -v "$tool" >/dev/null ||
  stop "no $tool here; source settings64.sh of the $release release or put the tool on PATH"

# Vivado and Vitis HLS know -version; v++ and vitis-run know --version.
case ${tool##*/} in
  v++* | vitis-run*) option=--version ;;
  *) option=-version ;;
esac
found=$("$tool" "$option" 2>/dev/null | sed -n 's/.*v\(20[0-9][0-9]\.[0-9]\).*/\1/p' | head -n 1)
[ "${found:-$release}" = "$release" ] ||
  stop "$tool is of release $found and this build asks for $release; source settings64.sh of $release," \
    "or set VIVADO_VERSION=$found"

[ $# -eq 0 ] || exec "$tool" "$@"
