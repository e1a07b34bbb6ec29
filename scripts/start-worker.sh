#!/usr/bin/env bash
set -euo pipefail

usage() {
    cat <<'USAGE'
usage: scripts/start-worker.sh [options]
       scripts/start-worker.sh dev [options]

  (none)  Production: serve the control API and run the projects' workers, with
          the settings of .env in this repository; what is set already comes
          before it. DATABASE_URL and TEMPORAL_ADDRESS are required. Without the
          database it does not start; without Temporal it says so and goes on.
  dev     Start everything on this machine: a Temporal server with its Web UI, a
          SQLite database, the control API and a host, with a sample project.
          Ctrl-C stops all of it.

The first start sets up .venv, which belongs to this script. Options go to
`workerhost serve` or `workerhost dev`, whose --help lists them. Set PYTHON to
choose the Python (3.11 or newer) that .venv is made with.
USAGE
}

command=serve
case ${1:-} in
    dev)
        command=dev
        shift
        ;;
    -h | --help)
        usage
        exit
        ;;
    '' | -*) ;;
    *)
        usage >&2
        exit 2
        ;;
esac

cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."
. scripts/common.sh

# Set what .env says and the environment does not.
read_env_file() {
    local line name number=0
    while IFS= read -r line || [[ -n $line ]]; do
        number=$((number + 1))
        line=${line%$'\r'}
        if [[ $line =~ ^[[:space:]]*(#.*)?$ ]]; then continue; fi
        [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] ||
            fail ".env, line $number, is not NAME=value."
        name=${BASH_REMATCH[2]}
        if [[ -n ${!name+set} ]]; then continue; fi
        export "$name=$(unquoted "${BASH_REMATCH[3]}")"
    done <"$1"
}

unquoted() {
    if [[ $1 =~ ^\"(.*)\"[[:space:]]*$ || $1 =~ ^\'(.*)\'[[:space:]]*$ ]]; then
        printf '%s' "${BASH_REMATCH[1]}"
    else
        printf '%s' "$1"
    fi
}

require() {
    local name
    local -a missing=()
    for name in "$@"; do
        if [[ -z ${!name:-} ]]; then missing+=("$name"); fi
    done
    ((${#missing[@]} == 0)) || fail "Not set: ${missing[*]}. Set them in .env (copy .env.example) or in the environment."
}

if [[ $command == serve ]]; then
    if [[ -f .env ]]; then read_env_file .env; fi
    require DATABASE_URL TEMPORAL_ADDRESS
fi

take_turn scripts/start-worker.sh
ensure_venv .venv "workerhost and what it needs" \
    setup.cfg pyproject.toml plugins/workerhost-{drawings,samples}/{setup.cfg,pyproject.toml} \
    -- --editable ".[embedded,postgres]" --editable plugins/workerhost-drawings --editable plugins/workerhost-samples
give_turn

# `serve` looks for Temporal and the database first, and says which of them does not answer.
exec .venv/bin/workerhost "$command" "$@"
