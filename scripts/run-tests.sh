#!/usr/bin/env bash
set -euo pipefail

usage() {
    cat <<'USAGE'
usage: scripts/run-tests.sh [options of tox] [-- options of pytest]

Sets up tox in .venv-test and runs the environments of tox.ini on the oldest and
the newest Python from 3.11 on of this machine, two at a time; what fails is
shown when its environment has ended. `-e lint` runs one of them, `-e oldest -- -k name` some
tests of one, and shows what they print at once.
USAGE
}

case ${1:-} in
    -h | --help)
        usage
        exit
        ;;
esac

cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."
. scripts/common.sh

take_turn scripts/run-tests.sh
ensure_venv .venv-test tox scripts/run-tests.sh -- 'tox>=4.22'

declare -A pythons=()
while read -r candidate; do
    found=$(describe_python "$candidate") || continue
    version=${found%% *}
    pythons[$version]=${pythons[$version]:-${found#* }}
done < <(python_candidates)

for version in "${!pythons[@]}"; do say "Python $version is ${pythons[$version]}."; done
if [[ ${CI:-} == true && -z ${pythons[3.11]:-} ]]; then
    fail "Python 3.11, the oldest that workerhost supports, is missing; a run without it would prove too little."
fi

# Only what runs the tests of the dashboard needs it.
if [[ " $* " != *' -e '* || $* == *docker* ]]; then need_prometheus; fi

# Left-overs of earlier builds would end up in the wheels that the environments install.
rm -rf build plugins/*/build

how=(run)
if (($# == 0)); then how=(run-parallel --parallel 2 --parallel-no-spinner); fi
exec .venv-test/bin/tox "${how[@]}" --discover "${pythons[@]}" --skip-missing-interpreters true "$@"
