#!/bin/bash
# zoo/run-tests.sh SWIFT LOG-FOLDER FLAGS…: the built tests in two halves side by side, those of the command line and all others. Half of the
# time a test waits for a process that uses one core; one after the other the halves take half as long again.
swift=$1 logs=$2
shift 2
export SWIFT_BACKTRACE=enable=no
# The halves build nothing, so they need not wait for each other's lock of the build folder.
run() { "$swift" test "$@" --skip-build --ignore-lock --no-parallel; }

run "$@" --filter '^zooTests\.' > "$logs/tests-of-the-command.log" 2>&1 &
command=$!
trap 'kill $command 2> /dev/null' EXIT
run "$@" --skip '^zooTests\.'
others=$?
echo "The tests of the command line:"
wait $command
status=$?
cat "$logs/tests-of-the-command.log"
[ $others -eq 0 ] || echo "Tests failed: see above, before those of the command line." >&2
[ $status -eq 0 ] || echo "Tests of the command line failed: see above." >&2
exit $((others || status))
