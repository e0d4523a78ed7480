#include "encoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llama.h>

struct hm_encoder {
    struct llama_model *model;
    struct llama_context *ctx;
    struct llama_batch batch;
};

// The first complaint of llama.cpp on this thread; the loader reports its reasons only through the log.
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

void hm_encoder_log(int verbose) {
    log_verbose = verbose;
    llama_log_set(keep_errors, NULL); // sets ggml's too
}

const char *hm_encoder_error(void) { return first_error; }

static struct llama_context *new_context(struct llama_model *model, int32_t threads, int32_t max_tokens) {
    struct llama_context_params p = llama_context_default_params();
    p.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED; // it adds up in half precision
    p.n_ctx = p.n_batch = p.n_ubatch = (uint32_t) max_tokens;
    p.n_threads = p.n_threads_batch = threads;
    p.pooling_type = LLAMA_POOLING_TYPE_NONE;
    p.attention_type = LLAMA_ATTENTION_TYPE_NON_CAUSAL;
    p.embeddings = true;
    p.kv_unified = true; // any sequence number in a batch
    p.no_perf = true;
    return llama_init_from_model(model, p);
}

hm_encoder *hm_encoder_open(const char *path, int32_t threads, int32_t max_tokens) {
    first_error[0] = 0;
    hm_encoder *e = calloc(1, sizeof *e);
    if (!e) {
        return NULL;
    }
    e->model = llama_model_load_from_file(path, llama_model_default_params());
    if (e->model) {
        e->ctx = new_context(e->model, threads, max_tokens);
    }
    if (!e->ctx) {
        hm_encoder_free(e);
        return NULL;
    }
    e->batch = llama_batch_init(max_tokens, 0, 1);
    return e;
}

void hm_encoder_free(hm_encoder *e) {
    if (e->batch.token) {
        llama_batch_free(e->batch);
    }
    if (e->ctx) {
        llama_free(e->ctx);
    }
    if (e->model) {
        llama_model_free(e->model);
    }
    free(e);
}

int32_t hm_encoder_dim(const hm_encoder *e) { return llama_model_n_embd(e->model); }

int32_t hm_encoder_vocab(const hm_encoder *e) {
    return llama_vocab_n_tokens(llama_model_get_vocab(e->model));
}

int32_t hm_encoder_run(hm_encoder *e, const int32_t *tokens, const int32_t *pos, const int32_t *seq, int32_t n, float *out) {
    struct llama_batch *b = &e->batch;
    first_error[0] = 0;
    b->n_tokens = n;
    for (int32_t i = 0; i < n; i++) {
        b->token[i] = tokens[i];
        b->pos[i] = pos[i];
        b->n_seq_id[i] = 1;
        b->seq_id[i][0] = seq[i];
        b->logits[i] = 1;
    }
    int32_t rc = llama_encode(e->ctx, *b);
    if (rc != 0) {
        return rc;
    }
    const float *rows = llama_get_embeddings(e->ctx); // waits for the device
    if (!rows) {
        return -1;
    }
    memcpy(out, rows, (size_t) n * (size_t) hm_encoder_dim(e) * sizeof *out);
    return 0;
}
