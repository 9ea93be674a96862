#!/bin/bash
# zoo/run-tests.sh FOLDER: the tests built in FOLDER (.build/testing) in two halves side by side, those of the command line and all others. Half
# of the time a test waits for a process that uses one core; one after the other the halves take half as long again.
#
# The test program is started as `swift test` starts it: two of these at once lock each other out of the build folder.
folder=$1
export SWIFT_BACKTRACE=enable=no NO_COLOR=1
# Without an input of their own, tests that start programs would give them ours, which may be closed.
exec < /dev/null
run() { "$folder/release/zooPackageTests.xctest" "$@" --no-parallel --testing-library swift-testing; }

run --filter '^zooTests\.' > "$folder/tests-of-the-command.log" 2>&1 &
command=$!
trap 'kill $command 2> /dev/null' EXIT
set -o pipefail
run --skip '^zooTests\.' 2>&1 | tee "$folder/other-tests.log"
others=$?
echo "The tests of the command line:"
wait $command
status=$?
cat "$folder/tests-of-the-command.log"
if [ $others -ne 0 ] || [ $status -ne 0 ]; then
	echo "What failed, of the command line (status $status) and of the others (status $others):"
	grep -h -A 3 '^✘' "$folder/tests-of-the-command.log" "$folder/other-tests.log"
fi >&2
exit $((others || status))
