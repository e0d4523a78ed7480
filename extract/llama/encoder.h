// A text encoder in llama.cpp, in the few calls that Go needs.
#pragma once

#include <stdint.h>

typedef struct hm_encoder hm_encoder;

// Silences llama.cpp and ggml, or lets them write to standard error.
void hm_encoder_log(int verbose);

// NULL on failure; hm_encoder_error then has the reason, on the same thread.
hm_encoder *hm_encoder_open(const char *path, int32_t threads, int32_t max_tokens);
void hm_encoder_free(hm_encoder *e);
const char *hm_encoder_error(void);

int32_t hm_encoder_dim(const hm_encoder *e);
int32_t hm_encoder_vocab(const hm_encoder *e);

// Runs n tokens and writes n * dim floats. Token i belongs to sequence seq[i] and stands at position pos[i]; the positions
// of a sequence must be continuous, but may start anywhere. Tokens attend to their own sequence only. 0 on success.
int32_t hm_encoder_run(hm_encoder *e, const int32_t *tokens, const int32_t *pos, const int32_t *seq, int32_t n, float *out);
