# Sourced by packaging/run and packaging/test: makes .venv and installs what is missing, once.
# Everything it says goes to standard error; standard output belongs to the program.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv

# Debian package by the shared library that Qt loads from it.
qt_libraries=(
  libGL.so.1=libgl1 libEGL.so.1=libegl1 libglib-2.0.so.0=libglib2.0-0 libfontconfig.so.1=libfontconfig1
  libxkbcommon.so.0=libxkbcommon0 libdbus-1.so.3=libdbus-1-3 libxcb-cursor.so.0=libxcb-cursor0
  libxcb-icccm.so.4=libxcb-icccm4 libxcb-image.so.0=libxcb-image0 libxcb-keysyms.so.1=libxcb-keysyms1
  libxcb-render-util.so.0=libxcb-render-util0 libxcb-shape.so.0=libxcb-shape0 libxcb-xkb.so.1=libxcb-xkb1
  libxkbcommon-x11.so.0=libxkbcommon-x11-0 libpulse.so.0=libpulse0
)

say() { printf 'tradeassist: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

apt_install() {
  (($#)) || return 0
  command -v apt-get >/dev/null || fail "please install these system packages first: $*"
  local as_root=()
  if ((EUID)); then
    command -v sudo >/dev/null || fail "please install these system packages first (needs root): apt-get install $*"
    as_root=(sudo)
  fi
  say "installing system packages: $*"
  if ! { "${as_root[@]}" apt-get update -qq \
      && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
      >"$venv.apt.log" 2>&1; then
    tail -n 5 "$venv.apt.log" >&2
    fail "these system packages could not be installed: $*"
  fi
  rm -f "$venv.apt.log"
}

# Names the Debian packages of those Qt libraries that this machine lacks.
missing_qt_packages() {
  local known pair
  known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p)
  for pair in "${qt_libraries[@]}"; do
    [[ $known == *"${pair%%=*} "* ]] || echo "${pair##*=}"
  done
}

find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "Python 3.11, 3.12 or 3.13 is needed; install one of them and start again"
}

# prepare LOCK: an environment with everything in packaging/LOCK. Costs a few milliseconds when it is there.
prepare() {
  local lock=$root/packaging/$1 stamp=$venv/.$1.stamp want
  want="$root $(cksum <"$lock")"
  [[ -f $stamp && $(<"$stamp") == "$want" ]] && return
  exec {guard}>"$venv.lock"
  flock "$guard"                                 # two first starts at once: the second waits
  if [[ ! -f $stamp || $(<"$stamp") != "$want" ]]; then
    local python
    python=$(find_python) || exit 1
    if ! "$venv/bin/python" -c '' 2>/dev/null || [[ ! -f $venv/bin/pip ]]; then
      "$python" -c 'import ensurepip, venv' 2>/dev/null \
        || apt_install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
      "$python" -m venv --clear "$venv" >&2
    fi
    say "installing Python packages (once, about a minute)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
      --require-hashes -r "$lock" >"$venv/install.log" 2>&1 \
      || { grep -v '^WARNING' "$venv/install.log" | tail -n 15 >&2; fail "the Python packages could not be installed"; }
    echo "$root" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tradeassist.pth"
    "$venv/bin/python" -m compileall -q "$root/tradeassist_desktop"    # or the first window waits for it
    echo "$want" >"$stamp"
  fi
  exec {guard}>&-
}

prepare_qt() {
  [[ -f $venv/.qt.stamp ]] && return
  if command -v ldconfig >/dev/null || [[ -x /sbin/ldconfig ]]; then
    local packages
    mapfile -t packages < <(missing_qt_packages)
    apt_install "${packages[@]}"
  fi
  : >"$venv/.qt.stamp"
}
