/// Seconds of the fastest call of `body`: one untimed call, then as many as fit into `seconds`, at least three.
func bestTime(_ seconds: Double, _ body: () -> Void) -> Double {
    body()
    let watch = Stopwatch()
    var best = Double.infinity
    var count = 0
    while count < 3 || watch.seconds < seconds {
        let call = Stopwatch()
        body()
        best = min(best, call.seconds)
        count += 1
    }
    return max(best, 1e-9)
}
