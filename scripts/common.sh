# What the scripts here share: messages, finding a Python, and environments that are set up once.
# shellcheck shell=bash

bold='' red='' plain=''
if [[ -t 1 && -t 2 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
fi

say() { printf '%s%s%s\n' "$bold" "$*" "$plain"; }

fail() {
    printf '%s%s%s\n' "$red" "$*" "$plain" >&2
    exit 1
}

# Print `<major>.<minor> <path>` of a CPython >= 3.11. Only running it tells: the commands that version managers put
# on the PATH exist for every version and fail for those that are not chosen.
describe_python() {
    "$1" -c '
import sys
if sys.version_info < (3, 11) or sys.implementation.name != "cpython":
    sys.exit(1)
print("%d.%d" % sys.version_info[:2], sys.executable)' 2>/dev/null </dev/null
}

can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 </dev/null; }

# Print the path of everything that may be a Python, the most likely first.
python_candidates() {
    local name directory path
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        type -aP "$name" || true
    done
    for directory in /usr/bin /usr/local/bin /opt/python*/bin /opt/python/*/bin "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin \
        "${XDG_DATA_HOME:-$HOME/.local/share}"/uv/python/*/bin "${ASDF_DATA_DIR:-$HOME/.asdf}"/installs/python/*/bin \
        "${MISE_DATA_DIR:-$HOME/.local/share/mise}"/installs/python/*/bin; do
        for path in "$directory"/python3.1[1-9]; do
            if [[ -x $path ]]; then printf '%s\n' "$path"; fi
        done
    done
}

# Print the Python to make an environment with: $PYTHON if it is set, else the first that works.
find_python() {
    local candidate found='' without_venv=''
    if [[ -n ${PYTHON:-} ]]; then
        found=$(describe_python "$PYTHON") || fail "PYTHON is set to $PYTHON, which is not a Python 3.11 or newer that runs."
        can_make_venv "$PYTHON" || fail_without_venv "$PYTHON"
        printf '%s\n' "${found#* }"
        return
    fi
    while read -r candidate; do
        found=$(describe_python "$candidate") || continue
        if can_make_venv "$candidate"; then
            printf '%s\n' "${found#* }"
            return
        fi
        without_venv=${without_venv:-$candidate}
    done < <(python_candidates)
    [[ -z $without_venv ]] || fail_without_venv "$without_venv"
    fail "No Python 3.11 or newer was found. Install one (on Debian and Ubuntu: apt install python3 python3-venv)," \
        "or name one: PYTHON=/path/to/python3 $0"
}

fail_without_venv() {
    fail "$1 cannot make virtual environments: its module venv is missing. On Debian and Ubuntu: apt install python3-venv"
}

# Wait until no other process runs this very function for the same file, and keep others out until we end.
take_turn() {
    command -v flock >/dev/null || return 0
    exec 9<"$1"
    flock --nonblock 9 || {
        say "Waiting for another $(basename -- "$1") that is setting up …"
        flock 9
    }
}

give_turn() { exec 9<&-; }

# What an environment is made for: a version of Python, and this place, since its scripts name their own path.
identity() { "$1" -c 'import sys; print("Python %d.%d in %s" % (*sys.version_info[:2], sys.argv[1]))' "$PWD" 2>/dev/null; }

# Whether the folder holds an environment that was set up to the end, whose Python still runs and is the one asked for.
is_made() {
    local made_for
    made_for=$(head -n 1 -- "$1/stamp" 2>/dev/null) || return
    [[ $made_for == "$(identity "$1/bin/python")" ]] || return
    [[ -z ${PYTHON:-} || $made_for == "$(identity "$PYTHON")" ]]
}

# Usage: ensure_venv <folder> <what> <files that decide what is installed> -- <arguments of pip install>
#
# The folder belongs to this function. Its stamp says what it was made for and from, and is written last: without one
# it was left half-made and is made again, and where only the files changed, pip brings it up to date.
ensure_venv() {
    local folder=$1 what=$2 python sums
    local -a files=()
    shift 2
    while [[ $1 != -- ]]; do
        files+=("$1")
        shift
    done
    shift
    sums=$(printf '%s\n' "$*" && sha256sum -- "${files[@]}")
    if is_made "$folder"; then
        if [[ "$(tail -n +2 -- "$folder/stamp")" == "$sums" ]]; then return; fi
    else
        python=$(find_python)
        say "Making $folder with $python …"
        "$python" -m venv --clear -- "$folder" || fail "$folder could not be made; the lines above say why."
    fi
    say "Installing $what into $folder; this takes a minute the first time …"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@" ||
        fail "pip could not install $what; its lines above say why. Without a network only what is set up already starts."
    printf '%s\n%s\n' "$(identity "$folder/bin/python")" "$sums" >"$folder/stamp"
}

# Make sure that Prometheus' programs are there, which some tests ask. In CI they are installed, without a service that
# would run on; elsewhere it is said what to install, since that is for the machine's owner to do.
need_prometheus() {
    if has_prometheus; then return; fi
    if [[ ${CI:-} == true && $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        say "Installing prometheus …"
        install_without_services prometheus
        has_prometheus || fail "The package prometheus has brought neither prometheus nor promtool."
    elif [[ ${CI:-} == true ]]; then
        fail "prometheus and promtool are missing; a run without them would prove too little."
    else
        say "prometheus and promtool are missing: tests of the dashboard and of alerts will fail. On Debian and Ubuntu:" \
            "apt install --no-install-recommends prometheus"
    fi
}

has_prometheus() { command -v prometheus >/dev/null && command -v promtool >/dev/null; }

# Install packages of Debian whose services must not be started, neither now nor at the next start of the machine.
install_without_services() {
    local policy=/usr/sbin/policy-rc.d is_ours='' status=0 package
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        is_ours=true
    fi
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"; } >&2 ||
        status=$?
    if [[ -n $is_ours ]]; then rm -f -- "$policy"; fi
    ((status == 0)) || fail "apt-get could not install $*; its lines above say why."
    if [[ -d /run/systemd/system ]]; then
        for package in "$@"; do systemctl disable --now "$package" || true; done
    fi
}
