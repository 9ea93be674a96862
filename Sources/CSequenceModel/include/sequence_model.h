/*
 * sequence_model.h: the C ABI between a host and a plugin that brings sequence architectures.
 *
 * A plugin exports ONE function, sm_plugin_query, and imports nothing from its host. Everything else
 * hangs off the table that it returns. A model can be trained, not only run: the host allocates
 * parameters and gradients, the plugin reads the first and adds to the second.
 *
 * How it grows. Capabilities beyond the core are extensions, fetched by id with a revision in the
 * id ("sm.train/1"). Structs that may grow begin with struct_size; new fields go to the end and zero means
 * "as before". Who reads such a struct copies min(its size, the caller's size) into zeroed memory;
 * it refuses a longer one only if its unknown tail is not zero. Tables of functions are append-only;
 * a slot past struct_size, or null, is absent. Structs marked "frozen" never change.
 *
 * Conventions. Strings are UTF-8. Functions that can fail return an SM_ status and fill *error (which may
 * be null). Nothing throws, longjmps or traps across this boundary. Callers may be any OS thread with at
 * least 512 KiB of stack. A plugin leaves alone: signal handlers, floating-point mode, locale, working
 * directory, environment, file descriptors 0 to 2; it starts no threads.
 *
 * Shapes: B batch, T tokens, V vocabulary (width of the logits). Tensors are compact row-major.
 *
 * Each function's comment says, in this order: when it may be called; what it does; who owns
 * what and for how long; what it returns on failure; its thread class in brackets:
 *   [discovery]  never concurrently with another call into the same plugin
 *   [any]        from any thread, concurrently with everything
 *   [instance]   one call at a time for each instance (and its sessions); instances are independent
 *
 * Licence: Apache-2.0.
 */
#ifndef SEQUENCE_MODEL_H
#define SEQUENCE_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#define SM_NULLABLE _Nullable
#define SM_NONNULL _Nonnull
#else
#define SM_NULLABLE
#define SM_NONNULL
#endif

#if defined(__GNUC__)
#define SM_EXPORT __attribute__((visibility("default")))
#else
#define SM_EXPORT
#endif

/* "SQM1" read as a little-endian number. */
#define SM_MAGIC 0x314D5153u
#define SM_ABI_MAJOR 1
#define SM_ABI_MINOR 0

/* ---- Status codes: the numbers of abseil where it has one ------------------------------------ */

#define SM_OK 0
#define SM_CANCELLED 1           /* the host asked to stop; the instance is as usable as before */
#define SM_INVALID_ARGUMENT 3    /* a value is wrong: the message names it, what was got and what is allowed */
#define SM_NOT_FOUND 5
#define SM_RESOURCE_EXHAUSTED 8  /* memory, or a declared limit */
#define SM_FAILED_PRECONDITION 9 /* called in the wrong order */
#define SM_UNIMPLEMENTED 12
#define SM_INTERNAL 13           /* a bug in the plugin */
#define SM_DATA_LOSS 15          /* a saved state is truncated, damaged or of another model */

/* Caller-allocated error. The callee writes code, flags, message_length and at most message_capacity
 * bytes of message: UTF-8, cut at a character, always ended by a zero byte when capacity > 0. */
typedef struct sm_error {
    uint32_t struct_size;
    int32_t code;
    uint32_t flags; /* SM_ERROR_ bits */
    uint32_t message_capacity;
    uint32_t message_length;
    uint32_t reserved;
    char *SM_NULLABLE message;
} sm_error;

#define SM_ERROR_POISONED 1u /* the instance can only be destroyed now */
#define SM_ERROR_HOST_BUG 2u /* the caller broke this contract */

/* ---- Small frozen types ------------------------------------------------------------------------ */

/* frozen. A key for every random choice of one call: the same key gives the same choices. */
typedef struct sm_key {
    uint64_t words[2];
} sm_key;

#define SM_FLOAT32 0x00012002u /* DLPack: code 2 (float), 32 bits, 1 lane, little-endian in memory */
#define SM_FLOAT64 0x00014002u

/* frozen. A tensor on the CPU, field for field a DLPack DLTensor, so that numpy and others can wrap it.
 * strides is null (compact), byte_offset 0, device 1 (CPU) 0; data is aligned to 64 bytes. */
typedef struct sm_tensor {
    void *SM_NULLABLE data;
    int32_t device_type;
    int32_t device_id;
    int32_t rank;
    uint32_t scalar_type; /* SM_FLOAT32 or SM_FLOAT64 */
    const int64_t *SM_NULLABLE shape;
    const int64_t *SM_NULLABLE strides;
    uint64_t byte_offset;
} sm_tensor;

/* frozen. Where a plugin writes bytes. write returns SM_OK, or a status that the plugin returns at once. */
typedef struct sm_writer {
    void *SM_NULLABLE context;
    int32_t (*SM_NONNULL write)(void *SM_NULLABLE context, const void *SM_NONNULL bytes, uint64_t count);
} sm_writer;

/* frozen. Where a plugin reads bytes. read fills up to count bytes and returns how many, 0 at the end,
 * negative on failure. */
typedef struct sm_reader {
    void *SM_NULLABLE context;
    int64_t (*SM_NONNULL read)(void *SM_NULLABLE context, void *SM_NONNULL bytes, uint64_t count);
} sm_reader;

/* ---- Handshake --------------------------------------------------------------------------------- */

typedef struct sm_host_info {
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;
    const char *SM_NULLABLE name;    /* "zoo" */
    const char *SM_NULLABLE version; /* "0.1.0" */
} sm_host_info;

/* Services of the host, given when an instance is made. Any slot may be null, and the whole table may be:
 * a plugin then works single-threaded and silently. The table outlives the instance. */
typedef struct sm_host {
    uint32_t struct_size;
    uint32_t max_concurrency; /* threads that parallel_for may use at once; 0 and 1 mean none but the caller */
    void *SM_NULLABLE context;
    /* Any time. Runs task(argument, i) once for every i in 0 ..< count, in any order, on threads of the host, and
     * returns when all have run. `argument` stays the plugin's. Cannot fail. Not re-entrant from inside a task. [instance] */
    void (*SM_NULLABLE parallel_for)(void *SM_NULLABLE context, uint64_t count,
                                     void (*SM_NONNULL task)(void *SM_NULLABLE argument, uint64_t index),
                                     void *SM_NULLABLE argument);
    /* Any time; at least every 100 ms in long calls. Not 0 when the plugin should return SM_CANCELLED. Nothing is
     * owned. Cannot fail. [any] */
    int32_t (*SM_NULLABLE should_cancel)(void *SM_NULLABLE context);
    /* Any time. Tells a human: severity 0 debug, 1 information, 2 warning, 3 error. The text is copied. Cannot fail. [any] */
    void (*SM_NULLABLE log)(void *SM_NULLABLE context, int32_t severity, const char *SM_NONNULL text, uint64_t length);
    /* During a long call. Says how far it is, 0 to 1. Nothing is owned. Cannot fail. [any] */
    void (*SM_NULLABLE progress)(void *SM_NULLABLE context, double fraction);
} sm_host;

typedef struct sm_instance sm_instance; /* a configured model; opaque */
typedef struct sm_session sm_session;   /* a model that is reading; opaque */

/* ---- Description --------------------------------------------------------------------------------- */

/* What the numbers of `score` are. */
#define SM_LIKELIHOOD_NONE 0
#define SM_LIKELIHOOD_EXACT 1       /* nats of an exact, normalised likelihood */
#define SM_LIKELIHOOD_UPPER_BOUND 2 /* an unbiased estimate of a bound from above on the nats */

/* Capabilities. */
#define SM_CAUSAL 1u               /* what is said of a position depends on earlier positions alone */
#define SM_FIXED_STATE 2u          /* a session's state has a size that does not depend on what was read */
#define SM_SESSION 4u              /* offers sm.session/1 */
#define SM_RECOMPUTING_SESSION 8u  /* its sessions keep the text and compute all of it anew at each append */
#define SM_GENERATES 16u           /* offers sm.generate/1: does not decode left to right */
#define SM_PREDICTS 32u            /* `predict` of sm.score/1 works */
#define SM_TARGETS_IN_PLACE 64u    /* target t is the symbol AT position t; otherwise the one AFTER it */
#define SM_STOCHASTIC_LOSS 128u    /* loss and score depend on the key */
#define SM_AUXILIARY_LOSS 256u     /* loss has terms beside the nats, never negative where weights are not: what is optimised;
                                      score has the nats alone */

typedef struct sm_description {
    uint32_t struct_size;
    uint32_t likelihood;   /* SM_LIKELIHOOD_ */
    uint32_t capabilities; /* SM_ bits above */
    uint32_t reserved;
    const char *SM_NULLABLE id;      /* what the command line and model_type call it: [a-z0-9_-]+ */
    const char *SM_NULLABLE name;    /* for people */
    const char *SM_NULLABLE family;  /* "transformer", "state-space", "diffusion", ... */
    const char *SM_NULLABLE summary; /* one sentence */
    const char *SM_NULLABLE paper;   /* title and arXiv id */
    const char *SM_NULLABLE licence; /* SPDX */
    const char *SM_NULLABLE configuration_schema; /* JSON schema with "properties", each with "type" and "default" */
} sm_description;

/* What the host asks `propose` to meet. */
typedef struct sm_budget {
    uint32_t struct_size;
    uint32_t alphabet;   /* symbols that the data has: 256 for bytes */
    uint64_t parameters; /* to be met within 5 % */
    uint64_t context;    /* tokens in a training window */
} sm_budget;

/* What a configured instance works on. */
typedef struct sm_shape {
    uint32_t struct_size;
    uint32_t vocabulary;     /* V, the width of the logits */
    uint32_t alphabet;       /* symbols 0 ..< alphabet may occur in data; probabilities sum to 1 over them */
    int32_t mask_symbol;     /* the symbol that stands for "unknown", or -1 */
    uint64_t maximum_tokens; /* longest row that a call may have, 0 without limit */
} sm_shape;

/* ---- Parameters --------------------------------------------------------------------------------- */

#define SM_INITIALISE_CONSTANT 0u /* every value = a */
#define SM_INITIALISE_NORMAL 1u   /* mean a, standard deviation b */
#define SM_INITIALISE_UNIFORM 2u  /* from a to b */
#define SM_INITIALISE_CUSTOM 3u   /* the plugin's `initialise` writes the values */

#define SM_PARAMETER_BUFFER 1u          /* saved with the others, never trained */
#define SM_PARAMETER_NO_WEIGHT_DECAY 2u

typedef struct sm_parameter {
    uint32_t struct_size;
    uint32_t flags;                  /* SM_PARAMETER_ bits */
    const char *SM_NULLABLE name;    /* the published checkpoint name; unique; owned by the instance */
    const int64_t *SM_NULLABLE shape; /* owned by the instance */
    uint32_t rank;
    uint32_t initialiser; /* SM_INITIALISE_ */
    double a, b;          /* the initialiser's numbers */
    double learning_rate_multiplier_minus_one; /* 0: the optimizer's own rate */
    int64_t tied_to_plus_one; /* 0: not tied; k: shares the memory of parameter k - 1 and is not saved */
} sm_parameter;

/* ---- The plugin -------------------------------------------------------------------------------- */

typedef struct sm_plugin {
    /* The first 16 bytes never change: any host can read any plugin far enough to say what does not match. */
    uint32_t magic; /* SM_MAGIC */
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t struct_size;
    uint32_t flags; /* 0 */

    const char *SM_NULLABLE name;
    const char *SM_NULLABLE version;
    uint32_t model_count;
    uint32_t reserved;

    /* Any time. Fills *description; model counts from 0. The strings are the plugin's and live as long as the process.
     * SM_NOT_FOUND for a model that is not there. [discovery] */
    int32_t (*SM_NULLABLE describe)(uint32_t model, sm_description *SM_NONNULL description, sm_error *SM_NULLABLE error);

    /* Any time. Writes the full configuration (JSON object) that `json` stands for: defaults filled in, everything checked.
     * The text is read during the call only. SM_INVALID_ARGUMENT names the key, what was got and what is allowed; an
     * unknown key comes with the nearest known one. [any] */
    int32_t (*SM_NULLABLE resolve)(uint32_t model, const char *SM_NONNULL json, uint64_t length,
                                   const sm_writer *SM_NONNULL configuration, sm_error *SM_NULLABLE error);

    /* Any time. Writes a full configuration within 5 % of the budget's parameters. Nothing is kept.
     * SM_INVALID_ARGUMENT when none exists, with the smallest and largest possible. [any] */
    int32_t (*SM_NULLABLE propose)(uint32_t model, const sm_budget *SM_NONNULL budget,
                                   const sm_writer *SM_NONNULL configuration, sm_error *SM_NULLABLE error);

    /* Any time. Makes an instance; must not call the host yet and allocates no parameter memory. The instance is the caller's
     * until `destroy`; `host` (may be null) must outlive it. As `resolve`, and SM_RESOURCE_EXHAUSTED. [any] */
    int32_t (*SM_NULLABLE create)(uint32_t model, const sm_host *SM_NULLABLE host, const char *SM_NONNULL json,
                                  uint64_t length, sm_instance *SM_NULLABLE *SM_NONNULL instance,
                                  sm_error *SM_NULLABLE error);

    /* After its sessions were closed. Frees the instance; null is allowed. Bound memory stays the host's. Cannot fail. [instance] */
    void (*SM_NULLABLE destroy)(sm_instance *SM_NULLABLE instance);

    /* Any time. The table of an extension ("sm.train/1") or null; ids match whole. The table lives as long as the process.
     * Null is the only failure. [any] */
    const void *SM_NULLABLE (*SM_NULLABLE extension)(uint32_t model, const char *SM_NONNULL id);

    /* After create. Fills *shape. Nothing is owned. SM_INVALID_ARGUMENT for null arguments. [instance] */
    int32_t (*SM_NULLABLE shape)(sm_instance *SM_NONNULL instance, sm_shape *SM_NONNULL shape, sm_error *SM_NULLABLE error);

    /* After create. Number of parameters tensors. Nothing is owned. 0 is the only failure. [instance] */
    uint64_t (*SM_NULLABLE parameter_count)(sm_instance *SM_NONNULL instance);

    /* After create. Declares parameter `index`. Name and shape are the instance's. SM_NOT_FOUND past the end. [instance] */
    int32_t (*SM_NULLABLE parameter)(sm_instance *SM_NONNULL instance, uint64_t index,
                                     sm_parameter *SM_NONNULL parameter, sm_error *SM_NULLABLE error);

    /* After create. Writes the first values of a parameter whose initialiser is SM_INITIALISE_CUSTOM into values->data.
     * The memory stays the caller's. SM_INVALID_ARGUMENT when shape or scalar type do not fit. [instance] */
    int32_t (*SM_NULLABLE initialise)(sm_instance *SM_NONNULL instance, uint64_t index, sm_key key,
                                      const sm_tensor *SM_NONNULL values, sm_error *SM_NULLABLE error);

    /* After create, again whenever the host moves them. Gives the instance its parameters and, for training, gradients
     * (null: no training), `count` of each in declared order, all of one scalar type. The memory stays the host's and must
     * outlive the instance or the next bind; the arrays themselves are copied. SM_INVALID_ARGUMENT names the tensor that does
     * not fit and leaves the binding as it was. [instance] */
    int32_t (*SM_NULLABLE bind)(sm_instance *SM_NONNULL instance, const sm_tensor *SM_NONNULL parameters,
                                const sm_tensor *SM_NULLABLE gradients, uint64_t count, sm_error *SM_NULLABLE error);

    /* After the host wrote into bound parameters. Lets the instance drop what it derived from them. Nothing is owned.
     * Cannot fail. [instance] */
    void (*SM_NULLABLE parameters_changed)(sm_instance *SM_NONNULL instance);
} sm_plugin;

/* The one exported function. Any time, any number of times. Returns the plugin's table, which lives as long as the process.
 * Pure, under 50 ms, without threads, files or output. Null and *error (SM_INVALID_ARGUMENT) when it cannot serve a host of
 * this abi_major. [discovery] */
SM_EXPORT const sm_plugin *SM_NULLABLE sm_plugin_query(const sm_host_info *SM_NULLABLE host, sm_error *SM_NULLABLE error);

/* ---- sm.train/1 -------------------------------------------------------------------------------- */

#define SM_TRAIN_1 "sm.train/1"

/* Rows of symbols and what is wanted of them. With SM_TARGETS_IN_PLACE a position with a target may be hidden from the
 * model, one without is always shown; a token that already is the mask symbol is hidden and no further noise is drawn in
 * that row. */
typedef struct sm_batch {
    uint32_t struct_size;
    uint32_t rows;                      /* B */
    uint64_t length;                    /* T */
    const int32_t *SM_NULLABLE tokens;  /* [B, T], each in 0 ..< alphabet (or the mask symbol) */
    const int32_t *SM_NULLABLE targets; /* [B, T], each in 0 ..< alphabet, or -1: nothing is wanted here */
    const float *SM_NULLABLE weights;   /* [B, T], may be negative; null: 1 / (number of targets) each */
    sm_key key;
} sm_batch;

typedef struct sm_train {
    uint32_t struct_size;
    uint32_t reserved;
    /* After bind. *loss = sum over targets of weight x nats (for a bound: of its unbiased estimate), and what SM_AUXILIARY_LOSS
     * announces, as linear in the weights. Reads the batch during the call only.
     * SM_INVALID_ARGUMENT for symbols out of range (says where), SM_FAILED_PRECONDITION before bind. [instance] */
    int32_t (*SM_NULLABLE loss)(sm_instance *SM_NONNULL instance, const sm_batch *SM_NONNULL batch,
                                double *SM_NONNULL loss, sm_error *SM_NULLABLE error);
    /* After bind with gradients. The same, and ADDS d loss / d parameter into every bound gradient; never zeroes them, never
     * writes parameters. As above; after a failure the gradients are undefined. [instance] */
    int32_t (*SM_NULLABLE loss_and_gradient)(sm_instance *SM_NONNULL instance, const sm_batch *SM_NONNULL batch,
                                             double *SM_NONNULL loss, sm_error *SM_NULLABLE error);
    /* After each optimizer step, counted from 1; null when the model has no use for it. The one call that may write parameters
     * (target networks, balancing biases). Nothing is owned. SM_FAILED_PRECONDITION before bind. [instance] */
    int32_t (*SM_NULLABLE post_update)(sm_instance *SM_NONNULL instance, uint64_t step, sm_error *SM_NULLABLE error);
} sm_train;

/* ---- sm.score/1 -------------------------------------------------------------------------------- */

#define SM_SCORE_1 "sm.score/1"

/* What the plugin says about a score. */
typedef struct sm_score_result {
    uint32_t struct_size;
    uint32_t samples;                  /* network evaluations behind each row of a bound; 1 when exact */
    const char *SM_NULLABLE estimator; /* how a bound was estimated; the plugin's, lives as long as the process */
} sm_score_result;

typedef struct sm_score {
    uint32_t struct_size;
    uint32_t reserved;
    /* After bind. nats[B, T] = -ln p of each target under the model, 0 where the target is -1; weights are ignored.
     * For a bound: an unbiased estimate whose expectation over keys bounds each row's sum, from `samples` evaluations
     * (0: as many as the model thinks fit). nats is the caller's. Errors as in sm_train. [instance] */
    int32_t (*SM_NULLABLE score)(sm_instance *SM_NONNULL instance, const sm_batch *SM_NONNULL batch, uint32_t samples,
                                 float *SM_NONNULL nats, sm_score_result *SM_NULLABLE result, sm_error *SM_NULLABLE error);
    /* After bind. logits[B, T, V] of one evaluation of the network on the batch as it is (no noise is drawn; targets
     * may be null). For a causal model row t speaks of the symbol after t. logits is the caller's. Errors as in sm_train. [instance] */
    int32_t (*SM_NULLABLE logits)(sm_instance *SM_NONNULL instance, const sm_batch *SM_NONNULL batch,
                                  float *SM_NONNULL logits, sm_error *SM_NULLABLE error);
    /* After bind. For every position with a target (its value is not looked at): the most likely symbol given all that
     * the model may see: the prefix (causal) or every position without a target (in place). symbols[B, T] is -1 elsewhere;
     * log_probability[B, T] (may be null) in nats. Both are the caller's. Errors as in sm_train. [instance] */
    int32_t (*SM_NULLABLE predict)(sm_instance *SM_NONNULL instance, const sm_batch *SM_NONNULL batch,
                                   int32_t *SM_NONNULL symbols, float *SM_NULLABLE log_probability,
                                   sm_error *SM_NULLABLE error);
} sm_score;

/* ---- sm.session/1 ------------------------------------------------------------------------------ */

#define SM_SESSION_1 "sm.session/1"

#define SM_LOGITS_NONE 0u /* logits is not written and may be null */
#define SM_LOGITS_LAST 1u /* logits [B, V]: after the last token */
#define SM_LOGITS_ALL 2u  /* logits [B, T, V] */

/* append(a) then append(b) gives what append(ab) gives, and what `logits` gives, to rounding. */
typedef struct sm_session_table {
    uint32_t struct_size;
    uint32_t reserved;
    /* After bind. Opens a session over `rows` rows that have read nothing. It is the caller's until close, and must be closed
     * before the instance is destroyed or bound anew. SM_INVALID_ARGUMENT for 0 rows. [instance] */
    int32_t (*SM_NULLABLE open)(sm_instance *SM_NONNULL instance, uint32_t rows,
                                sm_session *SM_NULLABLE *SM_NONNULL session, sm_error *SM_NULLABLE error);
    /* Any time. Frees a session; null is allowed. Cannot fail. [instance] */
    void (*SM_NULLABLE close)(sm_session *SM_NULLABLE session);
    /* While open. Reads tokens [B, count] and writes the logits that `which` asks for. Memory stays the caller's.
     * SM_INVALID_ARGUMENT for symbols out of range, SM_RESOURCE_EXHAUSTED past maximum_tokens: the session is as before. [instance] */
    int32_t (*SM_NULLABLE append)(sm_session *SM_NONNULL session, const int32_t *SM_NONNULL tokens, uint64_t count,
                                  uint32_t which, float *SM_NULLABLE logits, sm_error *SM_NULLABLE error);
    /* While open. Tokens read so far, for each row. Cannot fail. [instance] */
    uint64_t (*SM_NULLABLE position)(sm_session *SM_NONNULL session);
    /* While open. An independent copy, the caller's until close. SM_RESOURCE_EXHAUSTED. [instance] */
    int32_t (*SM_NULLABLE fork)(sm_session *SM_NONNULL session, sm_session *SM_NULLABLE *SM_NONNULL copy,
                                sm_error *SM_NULLABLE error);
    /* While open. Forgets all but the first `position` tokens. SM_UNIMPLEMENTED where the state cannot go back. [instance] */
    int32_t (*SM_NULLABLE rewind)(sm_session *SM_NONNULL session, uint64_t position, sm_error *SM_NULLABLE error);
    /* While open. Bytes of state that the model must keep to go on (the host also measures what `save` writes). Cannot fail. [instance] */
    uint64_t (*SM_NULLABLE state_bytes)(sm_session *SM_NONNULL session);
    /* While open. Writes the state, with its own header, to `state`. The writer's status is passed on. [instance] */
    int32_t (*SM_NULLABLE save)(sm_session *SM_NONNULL session, const sm_writer *SM_NONNULL state, sm_error *SM_NULLABLE error);
    /* After bind. Opens a session from a saved state: it continues bit for bit. The session is the caller's until close.
     * SM_DATA_LOSS for anything that this model, configuration and parameters did not write whole. [instance] */
    int32_t (*SM_NULLABLE load)(sm_instance *SM_NONNULL instance, const sm_reader *SM_NONNULL state,
                                sm_session *SM_NULLABLE *SM_NONNULL session, sm_error *SM_NULLABLE error);
    /* While open. Rows that the session has, also after `load`: how much `append` reads and writes. Cannot fail. [instance] */
    uint32_t (*SM_NULLABLE rows)(sm_session *SM_NONNULL session);
} sm_session_table;

/* ---- sm.generate/1 ------------------------------------------------------------------------------ */

#define SM_GENERATE_1 "sm.generate/1"

typedef struct sm_generation {
    uint32_t struct_size;
    uint32_t steps;                    /* network evaluations to spend; 0: the model's choice */
    const int32_t *SM_NULLABLE prompt; /* [prompt_length]; mask symbols stand for positions to fill in */
    uint64_t prompt_length;
    uint64_t new_tokens;  /* positions to add after the prompt */
    double temperature;   /* 0: the most likely symbol */
    const char *SM_NULLABLE sampler; /* null: the model's first; else one of its schema's "samplers" */
    sm_key key;
} sm_generation;

#define SM_EVENT_STEP 1u    /* step `step` of `steps` begins */
#define SM_EVENT_APPEND 2u  /* `count` symbols come after what is there */
#define SM_EVENT_REPLACE 3u /* symbols [begin, begin + count) are now `symbols` */
#define SM_EVENT_DONE 4u

typedef struct sm_event {
    uint32_t struct_size;
    uint32_t kind; /* SM_EVENT_ */
    uint64_t begin;
    uint64_t count;
    const int32_t *SM_NULLABLE symbols; /* valid during the callback; may hold the mask symbol */
    uint32_t step;
    uint32_t steps;
} sm_event;

/* frozen. on_event returns 0 to go on, anything else to stop (the call then returns SM_CANCELLED). */
typedef struct sm_sink {
    void *SM_NULLABLE context;
    int32_t (*SM_NONNULL on_event)(void *SM_NULLABLE context, const sm_event *SM_NONNULL event);
} sm_sink;

typedef struct sm_generate {
    uint32_t struct_size;
    uint32_t reserved;
    /* After bind. Generates, telling `sink` of each change on the calling thread; never after return; the callback must not
     * call into the instance. Polls should_cancel at least once a step. Memory stays the caller's. Errors as in sm_train. [instance] */
    int32_t (*SM_NULLABLE generate)(sm_instance *SM_NONNULL instance, const sm_generation *SM_NONNULL request,
                                    const sm_sink *SM_NONNULL sink, sm_error *SM_NULLABLE error);
} sm_generate;

/* ---- sm.probes/1 -------------------------------------------------------------------------------- */

#define SM_PROBES_1 "sm.probes/1"

/* A typed function that the host was not compiled against. Signature: argument letters, "->", result letters;
 *   i int64_t, d double, T const sm_tensor * (read, SM_FLOAT32 or SM_FLOAT64), B const sm_batch * (read),
 *   W const sm_tensor * (written, SM_FLOAT64, of the shape that `outputs` says).
 * At most 12 arguments and 12 results; results are i and d. A host lists what it cannot call: letters may be added.
 * The C function takes the instance, the arguments in order, then pointers to the results, then sm_error *, and returns a status:
 *   "iW->d"  int32_t f(sm_instance *, int64_t, const sm_tensor *, double *, sm_error *)
 * What zoo measures over a text by itself are "BW->" (a batch in, a table out) and "B->d" (a batch in, one number out).
 *
 * A declaration that does not fit its function is memory corruption that nobody can detect, so each probe brings a test that a
 * host runs in a process of its own first: a JSON object with
 *   "configuration"  as for `create`; left out: {}
 *   "arguments"      one for each letter: a number (i, d), {"shape": [..], "values": [..]} (T, float64), null (W), or
 *                    {"rows": B, "length": T, "tokens": [..], "targets": [..], "weights": [..], "key": [a, b]} (B; tokens alone are required)
 *   "results"        the numbers that come back, in order
 *   "written"        for each W in order: its values, row-major
 *   "tolerance"      largest |got - expected| / max(1, |expected|); left out: 1e-5
 * Value k (row-major, from 0) of parameter p that is not tied is 0.5 sin(1 + k + 31 p) in float32 while it is run. */
typedef struct sm_probe {
    uint32_t struct_size;
    uint32_t reserved;
    const char *SM_NULLABLE name; /* [a-z0-9_-]+, unique within the model */
    const char *SM_NULLABLE summary; /* one sentence */
    const char *SM_NULLABLE signature;
    const char *SM_NULLABLE self_test; /* JSON: see above */
    /* After bind. What the summary says; cast it to the signature first. Writes no parameters; memory stays the caller's. Errors as in
     * sm_train; after a failure results and W tensors are undefined. [instance] */
    void (*SM_NULLABLE function)(void);
} sm_probe;

typedef struct sm_probes {
    uint32_t struct_size;
    uint32_t count; /* at most 64 */
    /* Any time. Fills *probe; strings live as long as the process. SM_NOT_FOUND past the end. [any] */
    int32_t (*SM_NULLABLE describe)(uint32_t index, sm_probe *SM_NONNULL probe, sm_error *SM_NULLABLE error);
    /* After create; may be null where no probe has a W or returns something. Writes a JSON array with an object for each W of probe
     * `index`, in order, then one for each result; what is left out has the default shown:
     *   {"axes": [], "extents": [], "labels": [], "unit": "", "combine": "mean"}
     * axes name the dimensions of the tensor ("layer", "head"), extents are their sizes under this configuration. labels: for each axis a
     * list of names of its places, or null. combine: how the values of several batches become one: "mean" (weighted by their
     * tokens), "minimum", "maximum", "sum". Nothing is kept. SM_NOT_FOUND past the end. [instance] */
    int32_t (*SM_NULLABLE outputs)(sm_instance *SM_NONNULL instance, uint32_t index, const sm_writer *SM_NONNULL json,
                                   sm_error *SM_NULLABLE error);
} sm_probes;

#ifdef __cplusplus
}
#endif
#endif
