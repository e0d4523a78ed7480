// The calls of whisper.cpp that its Go bindings do not have.
#pragma once

#include <stdint.h>

struct whisper_context;
struct whisper_full_params;
struct whisper_vad_context;

// Silences whisper.cpp and ggml, or lets them write to standard error.
void hm_whisper_log(int verbose);

// The first complaint on this thread since the last call of hm_whisper_forget.
const char *hm_whisper_error(void);
void hm_whisper_forget(void);

// NULL on failure.
struct whisper_context *hm_whisper_open(const char *path);

// whisper_full without callbacks into Go, and with an end: as soon as *stop is not 0.
int hm_whisper_run(struct whisper_context *ctx, const struct whisper_full_params *params, const char *prompt,
                   const float *pcm, int n, const int32_t *stop);

struct whisper_vad_context *hm_vad_open(const char *path);
// The probability of speech in the next frame, or a negative number.
float hm_vad_frame(struct whisper_vad_context *vad, const float *pcm, int n);
