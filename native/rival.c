// A generative model that writes JSON under a grammar, to be timed beside the extractor (./build.sh rival).
//
//   rival MODEL.gguf GRAMMAR.gbnf THREADS < PROMPTS
//
// PROMPTS are separated by the byte 0x1e. The first one opens every other: it is read once and kept. For each other one a
// line goes out: milliseconds from its first token to the last one written, a tab, the text. The most likely token is
// taken, as far as the grammar allows it.
#include <llama.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CONTEXT = 4096, MOST = 700, VOCABULARY = 1 << 18 };

static void quiet(enum ggml_log_level level, const char *text, void *user) {
  (void)user;
  if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static char *slurp(FILE *f) {
  size_t size = 1 << 20, n = 0;
  char *text = malloc(size);
  for (size_t got; text && (got = fread(text + n, 1, size - n - 1, f)) > 0;)
    if ((n += got) == size - 1) text = realloc(text, size *= 2);
  if (text) text[n] = 0;
  return text;
}

static int die(const char *what) {
  fprintf(stderr, "rival: %s\n", what);
  return 1;
}

// Reads n tokens in one or more batches; 0 on success.
static int feed(struct llama_context *ctx, llama_token *tokens, int n) {
  const int most = (int)llama_n_batch(ctx);
  for (int at = 0; at < n; at += most)
    if (llama_decode(ctx, llama_batch_get_one(tokens + at, n - at < most ? n - at : most))) return 1;
  return 0;
}

// The likeliest token that the grammar allows. The likeliest of all is tried first: asking the grammar about every token
// of the vocabulary takes longer than the model does.
static llama_token choose(struct llama_sampler *rule, const struct llama_vocab *vocab, struct llama_context *ctx) {
  static llama_token_data all[VOCABULARY];
  const int n = llama_vocab_n_tokens(vocab);
  const float *logits = llama_get_logits_ith(ctx, -1);
  int best = 0;
  for (int i = 1; i < n; i++)
    if (logits[i] > logits[best]) best = i;
  llama_token_data one = {best, logits[best], 0};
  llama_token_data_array tried = {&one, 1, -1, false};
  llama_sampler_apply(rule, &tried);
  if (isinf(one.logit)) {
    for (int i = 0; i < n; i++) all[i] = (llama_token_data){i, logits[i], 0};
    llama_token_data_array every = {all, (size_t)n, -1, false};
    llama_sampler_apply(rule, &every);
    best = 0;
    for (int i = 1; i < n; i++)
      if (all[i].logit > all[best].logit) best = i;
    best = all[best].id;
  }
  llama_sampler_accept(rule, best);
  return best;
}

int main(int argc, char **argv) {
  if (argc != 4) return die("MODEL.gguf GRAMMAR.gbnf THREADS < PROMPTS");
  llama_log_set(quiet, NULL);
  llama_backend_init();
  struct llama_model *model = llama_model_load_from_file(argv[1], llama_model_default_params());
  FILE *f = fopen(argv[2], "r");
  if (!model || !f) return die("cannot read the model or the grammar");
  char *grammar = slurp(f), *prompts = slurp(stdin);
  struct llama_context_params params = llama_context_default_params();
  params.n_ctx = CONTEXT;
  params.n_threads = params.n_threads_batch = atoi(argv[3]);
  struct llama_context *ctx = llama_init_from_model(model, params);
  if (!ctx || !grammar || !prompts) return die("not enough memory");
  const struct llama_vocab *vocab = llama_model_get_vocab(model);
  if (llama_vocab_n_tokens(vocab) > VOCABULARY) return die("the vocabulary is too large");
  llama_token tokens[CONTEXT];
  int kept = 0;
  char *rest = NULL;
  for (char *p = strtok_r(prompts, "\x1e", &rest); p; p = strtok_r(NULL, "\x1e", &rest)) {
    const int n = llama_tokenize(vocab, p, (int)strlen(p), tokens, CONTEXT - MOST - kept, false, true);
    if (n < 0) return die("a prompt is too long");
    if (kept == 0) {
      if (feed(ctx, tokens, n)) return die("cannot decode");
      kept = n;
      continue;
    }
    struct llama_sampler *rule = llama_sampler_init_grammar(vocab, grammar, "root");
    if (!rule) return die("the grammar has an error");
    const double began = now();
    char out[MOST * 32];
    size_t length = 0;
    if (feed(ctx, tokens, n)) return die("cannot decode");
    for (int k = 0; k < MOST; k++) {
      const llama_token next = choose(rule, vocab, ctx);
      if (llama_vocab_is_eog(vocab, next)) break;
      const int got = llama_token_to_piece(vocab, next, out + length, (int)(sizeof out - length - 1), 0, false);
      if (got < 0) break;
      length += (size_t)got;
      if (feed(ctx, (llama_token[]){next}, 1)) break;
    }
    out[length] = 0;
    for (char *c = out; *c; c++)
      if (*c == '\n') *c = ' ';
    printf("%.1f\t%s\n", now() - began, out);
    fflush(stdout);
    llama_sampler_free(rule);
    if (!llama_memory_seq_rm(llama_get_memory(ctx), 0, kept, -1)) return die("the model cannot forget a sentence");
  }
  return 0;
}
