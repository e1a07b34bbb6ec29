#!/usr/bin/env bash
set -euo pipefail

usage() {
    cat <<'USAGE'
usage: scripts/start-worker.sh dev [options]

  dev   Start everything on this machine: a Temporal server with its Web UI, a
        SQLite database, the control API and a host, with a sample project.
        Ctrl-C stops all of it. The first start sets up .venv, which belongs to
        this script.

Options go to `workerhost dev`; `scripts/start-worker.sh dev --help` lists them.
Set PYTHON to choose the Python (3.11 or newer) that .venv is made with.
USAGE
}

case ${1:-} in
    dev) shift ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac

cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."
. scripts/common.sh

take_turn scripts/start-worker.sh
ensure_venv .venv "workerhost and what it needs" \
    setup.cfg pyproject.toml plugins/workerhost-samples/setup.cfg plugins/workerhost-samples/pyproject.toml \
    -- --editable '.[embedded]' --editable plugins/workerhost-samples
give_turn

exec .venv/bin/workerhost dev "$@"
