#!/usr/bin/env bash
# run.sh ZOO LIBRARY ID REACH: what zoo check asks of every model, then what this one claims for itself.
# run.sh ZOO LIBRARY ID record: writes the first losses anew.
#
# Causality, gradients against central differences, sessions against the whole text, saved states, manners: that is zoo check.
# Here: the first ten losses of a small run (losses.txt), and how far back the model reads.
set -u
zoo=$1 library=$2 id=$3 reach=$4
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# This library alone: one that was installed before has the same id.
export XDG_DATA_HOME="$work/data" ZOO_PLUGIN_PATH=
failures=0

passed() { echo "passed   $1"; }
failed() {
    echo "FAILED   $1: $2"
    failures=$((failures + 1))
}

# The first ten losses of a run that is always the same, nats a symbol.
losses() {
    "$zoo" train "$id" --plugins "$library" --config "$here/configuration.json" --context 32 --batch 4 --steps 10 \
        --evaluate-every 0 --seed 1 --out "$work/run" --quiet >/dev/null &&
        sed -n 's/.*"loss": *\([0-9.eE+-]*\).*/\1/p' "$work/run/log.jsonl" | head -n 10
}

# Last row of the logits (256 numbers of four bytes, at the end of the file) after 64 symbols, one of them changed.
last_row() {
    for place in $(seq 0 63); do
        if [ "$place" = "$1" ]; then echo 7; else echo $((place * place % 251)); fi
    done | paste -sd, | sed 's/.*/[[&]]/' >"$work/tokens.json"
    "$zoo" score "$work/run" --plugins "$library" --tokens "$work/tokens.json" --logits "$work/logits.safetensors" --quiet \
        >/dev/null && tail -c 1024 "$work/logits.safetensors" | cksum
}

if ! losses >"$work/losses.txt" || [ "$(wc -l <"$work/losses.txt")" != 10 ]; then
    failed "training" "zoo train did not give ten losses"
    exit 1
fi
if [ "$reach" = record ]; then
    cp "$work/losses.txt" "$here/losses.txt"
    echo "wrote $here/losses.txt"
    exit 0
fi

if "$zoo" check "$library" --json >"$work/check.json"; then
    passed "zoo check"
else
    failed "zoo check" "status $?; zoo check $library says more"
fi

# Another processor adds in another order: a ten-thousandth is far more than that changes, and less than any mistake.
difference=$(paste "$work/losses.txt" "$here/losses.txt" | awk '
    { d = $1 / $2 - 1; if (d < 0) d = -d; if (NF != 2 || d > largest) largest = NF == 2 ? d : 1 } END { print largest + 0 }')
if awk "BEGIN { exit !($difference <= 1e-4) }"; then
    passed "first losses"
else
    failed "first losses" "relative difference $difference from Tests/losses.txt; was it meant? make losses"
fi

if [ -n "$reach" ]; then
    base=$(last_row none) outside=$(last_row $((63 - reach))) inside=$(last_row $((64 - reach)))
    if [ -z "$base" ]; then
        failed "reach" "zoo score gave no logits"
    elif [ "$base" != "$outside" ]; then
        failed "reach" "a symbol $((reach + 1)) places back changes the prediction"
    elif [ "$base" = "$inside" ]; then
        failed "reach" "the symbol $reach places back does not change the prediction"
    else
        passed "reach of $reach symbols"
    fi
fi

[ "$failures" = 0 ]
