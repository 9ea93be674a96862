#!/bin/bash
# zoo/run-tests.sh FOLDER: the tests built in FOLDER (.build/testing) in two halves side by side, those of the command line and all others. Half
# of the time a test waits for a process that uses one core; one after the other the halves take half as long again.
#
# The test program is started as `swift test` starts it: two of these at once lock each other out of the build folder.
folder=$1
export SWIFT_BACKTRACE=enable=no
run() { "$folder/release/zooPackageTests.xctest" "$@" --no-parallel --testing-library swift-testing; }

run --filter '^zooTests\.' > "$folder/tests-of-the-command.log" 2>&1 &
command=$!
trap 'kill $command 2> /dev/null' EXIT
run --skip '^zooTests\.'
others=$?
echo "The tests of the command line:"
wait $command
status=$?
cat "$folder/tests-of-the-command.log"
[ $others -eq 0 ] || echo "Tests failed: see above, before those of the command line." >&2
[ $status -eq 0 ] || echo "Tests of the command line failed: see above." >&2
exit $((others || status))
