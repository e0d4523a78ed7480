#include "glue.h"

#include <stdio.h>

#include <whisper.h>

static _Thread_local char first_error[256];
static int log_verbose;

static void keep_errors(enum ggml_log_level level, const char *text, void *data) {
    (void) data;
    if (level == GGML_LOG_LEVEL_ERROR && !first_error[0]) {
        snprintf(first_error, sizeof first_error, "%s", text);
    }
    if (log_verbose) {
        fputs(text, stderr);
    }
}

void hm_whisper_log(int verbose) {
    log_verbose = verbose;
    whisper_log_set(keep_errors, NULL); // sets ggml's too
}

const char *hm_whisper_error(void) { return first_error; }
void hm_whisper_forget(void) { first_error[0] = 0; }

struct whisper_context *hm_whisper_open(const char *path) {
    struct whisper_context_params p = whisper_context_default_params();
    // Flash attention fills a shortened encoder context up to the next multiple of 256 with what an earlier call left
    // there, without a mask: text then depends on the past, and a fifth more of the words are wrong.
    p.flash_attn = false;
    return whisper_init_from_file_with_params(path, p);
}

static bool stopped(void *stop) { return __atomic_load_n((const int32_t *) stop, __ATOMIC_RELAXED) != 0; }

int hm_whisper_run(struct whisper_context *ctx, const struct whisper_full_params *params, const char *prompt,
                   const float *pcm, int n, const int32_t *stop) {
    struct whisper_full_params p = *params;
    // The bindings' callbacks look their Go functions up in maps without a lock, so two recognisers would race.
    p.new_segment_callback = NULL;
    p.progress_callback = NULL;
    p.encoder_begin_callback = NULL;
    p.initial_prompt = prompt;
    p.greedy.best_of = 1; // one decoder at every temperature; five cost much and were no better
    p.abort_callback = stopped;
    p.abort_callback_user_data = (void *) stop;
    return whisper_full(ctx, p, pcm, n);
}

struct whisper_vad_context *hm_vad_open(const char *path) {
    struct whisper_vad_context_params p = whisper_vad_default_context_params();
    p.n_threads = 1; // a frame is too little work to share
    p.use_gpu = false;
    struct whisper_vad_context *vad = whisper_vad_init_from_file_with_params(path, p);
    if (vad) {
        whisper_vad_reset_state(vad); // its memory is not set otherwise
    }
    return vad;
}

float hm_vad_frame(struct whisper_vad_context *vad, const float *pcm, int n) {
    if (!whisper_vad_detect_speech_no_reset(vad, pcm, n) || whisper_vad_n_probs(vad) != 1) {
        return -1;
    }
    return whisper_vad_probs(vad)[0];
}
