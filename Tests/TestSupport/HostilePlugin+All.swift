extension HostilePlugin {
    /// Every hostile plugin, and some unusual but honest ones among them.
    public static let all: [HostilePlugin] =
        deaths + handshake + contract + configuration + gradients + scores + sessions + manners

    /// Each way of ending badly, at each point where a plugin is asked for something.
    private static let deaths: [HostilePlugin] = {
        let ways = [
            ("CRASH", "crashed"), ("HANG", "took longer"), ("TRAP", "crashed"), ("EXIT", "ended the process with status 0"),
            ("LEAVE", "ended the process with status 3"), ("THROW", "crashed"),
        ]
        return ways.flatMap { way, words in
            ["AT_LOAD", "AT_QUERY"].map { HostilePlugin("dies.c", "WAY_\(way) \($0)", .refused(words)) } + [
                HostilePlugin("dies.c", "WAY_\(way) AT_CREATE", .fails(["create-destroy"])),
                HostilePlugin("dies.c", "WAY_\(way) AT_TRAINING", .fails(["gradient-accumulates"])),
                HostilePlugin("dies.c", "WAY_\(way) AT_DESTROY", .fails(["create-destroy"])),
            ]
        } + [
            HostilePlugin("dies.c", "WAY_SPIN AT_LOAD", .refused("took longer")),
            HostilePlugin("dies.c", "WAY_ABORT AT_SCORE", .fails(["score-is-logits"])),
            HostilePlugin("dies.c", "WAY_CRASH AT_APPEND", .fails(["session-steps"])),
            HostilePlugin("dies.c", "WAY_CRASH AT_UNLOAD", .passes(["handshake-repeats"])),
            HostilePlugin("dies.c", "WAY_SPIN AT_APPEND", .fails(["session-steps"])),
            HostilePlugin("dies.c", "WAY_OVERFLOW AT_LOSS", .fails(["loss-agrees"])),
            HostilePlugin("dies.c", "WAY_KILL AT_RESOLVE", .fails(["configuration-defaults"])),
        ]
    }()

    private static let handshake: [HostilePlugin] = [
        HostilePlugin("handshake.c", "CONTROL_MINOR_99", .passes(["handshake-repeats", "host-struct-sizes", "description"])),
        HostilePlugin("handshake.c", "FAULT_MAJOR_9", .refused("9.0")),
        HostilePlugin("handshake.c", "FAULT_TABLE_SMALL", .refused("16")),
        HostilePlugin("handshake.c", "FAULT_MAGIC", .refused("magic")),
        HostilePlugin("handshake.c", "FAULT_NULL_SLOT", .refused("bind")),
        HostilePlugin("handshake.c", "FAULT_NULL_CREATE", .refused("create")),
        HostilePlugin("handshake.c", "FAULT_MODELS_ABSURD", .refused("4000000000 models")),
        HostilePlugin("handshake.c", "FAULT_DUPLICATE_IDS", .fails(["description"])),
        HostilePlugin("handshake.c", "FAULT_NO_TABLE", .refused("refuses")),
        HostilePlugin("handshake.c", "FAULT_WILD_TABLE", .refused("crashed")),
        HostilePlugin("handshake.c", "FAULT_OTHER_EACH_TIME", .fails(["handshake-repeats"])),
        HostilePlugin("handshake.c", "FAULT_TABLE_CHANGES", .fails(["handshake-repeats"])),
        HostilePlugin("handshake.c", "FAULT_NAME_NOT_UTF8", .fails(["description"])),
        HostilePlugin("handshake.c", "FAULT_ID_CHARACTERS", .fails(["description"])),
        HostilePlugin("handshake.c", "FAULT_LIKELIHOOD", .fails(["description"])),
        HostilePlugin("handshake.c", "FAULT_PROMISES_GENERATION", .fails(["description"])),
        HostilePlugin("handshake.c", "FAULT_ANY_MODEL", .fails(["unknown-model"])),
        HostilePlugin("handshake.c", "FAULT_PREFIX_MATCH", .fails(["unknown-extension"])),
        HostilePlugin("handshake.c", "FAULT_ANY_EXTENSION", .fails(["unknown-extension"])),
        HostilePlugin("handshake.c", "FAULT_ANY_HOST", .fails(["foreign-host"])),
        HostilePlugin("handshake.c", "FAULT_EXACT_HOST", .fails(["host-struct-sizes"])),
        HostilePlugin("handshake.c", "FAULT_SLOW", .warns("load-time")),
        HostilePlugin("exports.c", "FAULT_NONE", .passes(["exported-symbols", "run-path"])),
        HostilePlugin("exports.c", "FAULT_SECOND_EXPORT", .fails(["exported-symbols"])),
        HostilePlugin("exports.c", "FAULT_UNDEFINED", .refused("nobody_has_this")),
        HostilePlugin("exports.c", "RUN_PATH", flags: ["-Wl,-rpath,/opt/somewhere/lib"], .fails(["run-path"])),
    ]

    private static let contract: [HostilePlugin] = [
        HostilePlugin("contract.c", "FAULT_EXACT_BATCH", .fails(["host-struct-sizes"])),
        HostilePlugin("contract.c", "FAULT_TAIL_UNCHECKED", .fails(["host-struct-sizes"])),
        HostilePlugin("contract.c", "FAULT_SHAPE_SIZE", .fails(["host-struct-sizes"])),
        HostilePlugin("contract.c", "FAULT_ORDER_CRASHES", .fails(["call-order"])),
        HostilePlugin("contract.c", "FAULT_OPENS_UNBOUND", .fails(["call-order"])),
        HostilePlugin("contract.c", "FAULT_ERROR_NEEDED", .fails(["null-arguments"])),
        HostilePlugin("contract.c", "FAULT_DESTROY_NULL", .fails(["null-arguments"])),
        HostilePlugin("contract.c", "FAULT_CLOSE_NULL", .fails(["null-arguments"])),
        HostilePlugin("contract.c", "FAULT_SYMBOLS_UNCHECKED", .fails(["foreign-symbols"])),
        HostilePlugin("contract.c", "FAULT_SYMBOLS_CRASH", .fails(["foreign-symbols"])),
        HostilePlugin("services.c", "FAULT_NEEDS_HOST", .fails(["no-services"])),
        HostilePlugin("services.c", "FAULT_NEEDS_SLOTS", .fails(["no-services"])),
        HostilePlugin("services.c", "FAULT_LATE", .fails(["host-after-return"])),
        HostilePlugin("services.c", "FAULT_OLD_HOST", .fails(["host-after-return"])),
        HostilePlugin("services.c", "FAULT_OWN_THREADS", .fails(["threads"])),
        HostilePlugin("services.c", "FAULT_THREADS_MATTER", .fails(["same-bits-threads"])),
    ]

    private static let configuration: [HostilePlugin] = [
        HostilePlugin("configuration.c", "FAULT_UNKNOWN_KEYS", .fails(["configuration-unknown-keys"])),
        HostilePlugin("configuration.c", "FAULT_NAMELESS_REFUSAL", .fails(["configuration-unknown-keys", "configuration-wrong-types"])),
        HostilePlugin("configuration.c", "FAULT_WRONG_TYPES", .fails(["configuration-wrong-types"])),
        HostilePlugin("configuration.c", "FAULT_ABSURD_SIZES", .fails(["configuration-absurd-sizes"])),
        HostilePlugin("configuration.c", "FAULT_TAKES_MEMORY", .fails(["configuration-absurd-sizes"])),
        HostilePlugin("configuration.c", "FAULT_MALFORMED", .fails(["configuration-malformed"])),
        HostilePlugin("configuration.c", "FAULT_GROWS", .fails(["configuration-defaults"])),
        HostilePlugin("configuration.c", "FAULT_PROPOSES_LARGER", .fails(["propose-budgets"])),
        HostilePlugin("configuration.c", "FAULT_PROPOSES_ONE_SIZE", .fails(["propose-budgets"])),
        HostilePlugin("configuration.c", "FAULT_SAME_NAMES", .fails(["parameters-declared"])),
        HostilePlugin("configuration.c", "FAULT_SHAPE_NEGATIVE", .fails(["parameters-declared"])),
        HostilePlugin("configuration.c", "FAULT_INITIALISER", .fails(["parameters-declared"])),
        HostilePlugin("configuration.c", "FAULT_INITIALISED_NAN", .fails(["parameters-initialised"])),
        HostilePlugin("configuration.c", "FAULT_INITIALISED_RANDOM", .fails(["parameters-initialised"])),
        HostilePlugin("configuration.c", "FAULT_INITIALISED_WILD", .warns("initial-loss")),
    ]

    private static let gradients: [HostilePlugin] = [
        HostilePlugin("gradient.c", "FAULT_SCALED", .fails(["gradient-differences"])),
        HostilePlugin("gradient.c", "FAULT_TERM_MISSING", .fails(["gradient-differences"])),
        HostilePlugin("gradient.c", "FAULT_TENSOR_MISSING", .fails(["gradient-differences"])),
        HostilePlugin("gradient.c", "FAULT_REVERSED", .fails(["gradient-differences", "one-batch-overfits"])),
        HostilePlugin("gradient.c", "FAULT_OVERWRITTEN", .fails(["gradient-accumulates"])),
        HostilePlugin("gradient.c", "FAULT_DEPENDS_ON_CALLS", .fails(["same-bits-repeated"])),
        HostilePlugin("gradient.c", "FAULT_RANDOM", .fails(["same-bits-repeated"])),
        HostilePlugin("gradient.c", "FAULT_NAN_LATE", .fails(["one-batch-overfits"])),
        HostilePlugin("gradient.c", "FAULT_LOSS_NAN_LATE", .fails(["one-batch-overfits"])),
        HostilePlugin("gradient.c", "FAULT_LOSS_DIFFERS", .fails(["loss-agrees"])),
        HostilePlugin("gradient.c", "FAULT_PAST_END", .fails(["out-of-bounds"])),
        HostilePlugin("gradient.c", "FAULT_BEFORE_BEGIN", .fails(["out-of-bounds"])),
        HostilePlugin("gradient.c", "FAULT_WRITES_PARAMETERS", .fails(["parameters-read-only"])),
        HostilePlugin("gradient.c", "FAULT_NOT_CANCELLED", .fails(["cancellation"])),
        HostilePlugin("gradient.c", "FAULT_UNUSABLE_AFTER_CANCELLATION", .fails(["cancellation"])),
        HostilePlugin("gradient.c", "FAULT_LEAKS", .fails(["create-destroy"])),
        HostilePlugin("loss.c", "FAULT_NONE", .passes(["weights-linear", "ignored-targets", "loss-agrees"])),
        HostilePlugin("loss.c", "FAULT_NEGATIVE_IGNORED", .fails(["weights-linear"])),
        HostilePlugin("loss.c", "FAULT_MAGNITUDE", .fails(["weights-linear"])),
        HostilePlugin("loss.c", "FAULT_WEIGHTS_IGNORED", .fails(["weights-linear"])),
        HostilePlugin("loss.c", "FAULT_IGNORED_CONTRIBUTE", .fails(["ignored-targets"])),
    ]

    private static let scores: [HostilePlugin] = [
        HostilePlugin("score.c", "FAULT_CHEAPER", .fails(["score-is-logits"])),
        HostilePlugin("score.c", "FAULT_PEEKS", .fails(["score-is-logits", "entropy-floor"])),
        HostilePlugin("score.c", "FAULT_SUM_NOT_ONE", .fails(["probabilities-sum"])),
        HostilePlugin("score.c", "FAULT_BOUND_BELOW", .fails(["bound-above-exact"])),
        HostilePlugin("score.c", "FAULT_IGNORED_SCORED", .fails(["ignored-targets"])),
        HostilePlugin("score.c", "FAULT_NAN", .fails(["outputs-written"])),
        HostilePlugin("score.c", "FAULT_LAST_ROW_UNWRITTEN", .fails(["outputs-written"])),
        HostilePlugin("score.c", "FAULT_INFINITE", .fails(["outputs-written"])),
        HostilePlugin("score.c", "FAULT_SCORE_LEAKS", .fails(["create-destroy"])),
        HostilePlugin("score.c", "FAULT_NATS_PAST_END", .fails(["out-of-bounds"])),
        HostilePlugin("score.c", "FAULT_LOGITS_PAST_END", .fails(["out-of-bounds"])),
        HostilePlugin("score.c", "FAULT_LOGITS_BEFORE_BEGIN", .fails(["out-of-bounds"])),
        HostilePlugin("score.c", "FAULT_SCORE_WRITES_PARAMETERS", .fails(["parameters-read-only"])),
        HostilePlugin("score.c", "FAULT_WRITES_TOKENS", .fails(["inputs-untouched"])),
        HostilePlugin("score.c", "FAULT_WRITES_BATCH", .fails(["inputs-untouched"])),
        HostilePlugin("score.c", "FAULT_NOT_CAUSAL", .fails(["causality"])),
        HostilePlugin("score.c", "FAULT_LOOKS_ONE_AHEAD", .fails(["causality"])),
        HostilePlugin("score.c", "FAULT_BATCH_MATES", .fails(["batch-mates"])),
        HostilePlugin("score.c", "FAULT_STATIC_BUFFER", .fails(["same-bits-repeated"])),
        HostilePlugin("score.c", "FAULT_RANDOM_LOGITS", .fails(["same-bits-repeated"])),
        HostilePlugin("score.c", "FAULT_PREDICTS_OTHER", .fails(["predict-agrees"])),
        HostilePlugin("score.c", "FAULT_PREDICTS_OUTSIDE", .fails(["predict-agrees"])),
        HostilePlugin("score.c", "FAULT_LOSS_OTHERWISE", .fails(["loss-agrees"])),
        HostilePlugin("generation.c", "FAULT_NONE", .passes(["generation"])),
        HostilePlugin("generation.c", "FAULT_TOO_MANY", .fails(["generation"])),
        HostilePlugin("generation.c", "FAULT_TOO_FEW", .fails(["generation"])),
        HostilePlugin("generation.c", "FAULT_OUTSIDE", .fails(["generation"])),
        HostilePlugin("generation.c", "FAULT_KEY_IGNORED", .fails(["generation"])),
    ]

    private static let sessions: [HostilePlugin] = [
        HostilePlugin("session.c", "FAULT_WRONG_AFTER_64", .fails(["session-chunks"])),
        HostilePlugin("session.c", "FAULT_WRONG_INSIDE_CHUNK", .fails(["session-chunks"])),
        HostilePlugin("session.c", "FAULT_STEP_DIFFERS", .fails(["session-steps"])),
        HostilePlugin("session.c", "FAULT_POSITION_COUNTS_CALLS", .fails(["session-chunks"])),
        HostilePlugin("session.c", "FAULT_SYMBOLS_UNCHECKED", .fails(["foreign-symbols"])),
        HostilePlugin("session.c", "FAULT_LAST_PAST_END", .fails(["out-of-bounds"])),
        HostilePlugin("session.c", "FAULT_FORK_SHARES", .fails(["state-fork"])),
        HostilePlugin("session.c", "FAULT_REWIND_DOES_NOTHING", .fails(["state-rewind"])),
        HostilePlugin("session.c", "FAULT_STATE_SMALLER", .fails(["state-bytes"])),
        HostilePlugin("session.c", "FAULT_STATE_LARGER", .fails(["state-bytes"])),
        HostilePlugin("session.c", "FAULT_STATE_GROWS", .fails(["state-bytes"])),
        HostilePlugin("session.c", "FAULT_SAVE_FORGETS", .fails(["state-round-trip"])),
        HostilePlugin("session.c", "FAULT_SAVE_FAILS_SILENTLY", .fails(["state-round-trip"])),
        HostilePlugin("session.c", "FAULT_LOADS_ANYTHING", .fails(["state-damaged"])),
        HostilePlugin("session.c", "FAULT_LOAD_CRASHES", .fails(["state-damaged"])),
        HostilePlugin("session.c", "FAULT_LOADS_FOREIGN", .fails(["state-foreign"])),
        HostilePlugin("instances.c", "FAULT_SHARED", .fails(["instances-interleaved"])),
        HostilePlugin("instances.c", "FAULT_LEAKS", .fails(["create-destroy"])),
        HostilePlugin("instances.c", "FAULT_FREES_PARAMETERS", .fails(["create-destroy"])),
        HostilePlugin("instances.c", "FAULT_FREES_TWICE", .fails(["create-destroy"])),
    ]

    private static let manners: [HostilePlugin] =
        ["ROUNDING", "FLUSHES", "TRAPS"].map { HostilePlugin("manners.c", "FAULT_\($0)", .fails(["floating-point-mode"])) }
        + ["FOLDER", "UMASK", "LOCALE", "ENVIRONMENT", "SIGNALS", "SIGNAL_MASK", "OPENS", "CLOSES", "PRINTS"].map {
            HostilePlugin("manners.c", "FAULT_\($0)", .fails(["process-manners"]))
        } + [
            HostilePlugin("manners.c", "FAULT_STARTS_THREAD", .fails(["threads"])),
            HostilePlugin("manners.c", "FAULT_ROUNDING AT_LOAD", .fails(["floating-point-mode"])),
            HostilePlugin("manners.c", "FAULT_FOLDER AT_LOAD", .fails(["process-manners"])),
            HostilePlugin("manners.c", "FAULT_SIGNALS AT_LOAD", .fails(["process-manners"])),
        ]
}
