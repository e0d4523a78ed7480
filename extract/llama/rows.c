// Plain C with vector types and no intrinsics, so that the same lines serve both processors.
#include "rows.h"

#include <string.h>

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2,fma"))) // the engines need them too
#else
#define WIDE
#endif

typedef float eight __attribute__((vector_size(32)));

WIDE static inline eight load(const float *p) { eight v; memcpy(&v, p, sizeof v); return v; }

WIDE static inline float sum(eight v) {
  return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}

// Three rows of x by four of w at once fill the registers: of seven loads, twelve products.
WIDE void hm_rows(float *dst, const float *x, const float *w, const float *b, long n, long in, long out) {
  for (long r = 0; r < n; r += 3) {
    const float *x0 = x + r * in, *x1 = x + (r + 1 < n ? r + 1 : r) * in, *x2 = x + (r + 2 < n ? r + 2 : r) * in;
    for (long o = 0; o < out; o += 4) {
      const float *w0 = w + o * in, *w1 = o + 1 < out ? w0 + in : w0;
      const float *w2 = o + 2 < out ? w0 + 2 * in : w0, *w3 = o + 3 < out ? w0 + 3 * in : w0;
      eight s[3][4] = {{{0}}};
      long i = 0;
      for (; i + 8 <= in; i += 8) {
        const eight a0 = load(x0 + i), a1 = load(x1 + i), a2 = load(x2 + i);
        const eight v0 = load(w0 + i), v1 = load(w1 + i), v2 = load(w2 + i), v3 = load(w3 + i);
        s[0][0] += a0 * v0; s[0][1] += a0 * v1; s[0][2] += a0 * v2; s[0][3] += a0 * v3;
        s[1][0] += a1 * v0; s[1][1] += a1 * v1; s[1][2] += a1 * v2; s[1][3] += a1 * v3;
        s[2][0] += a2 * v0; s[2][1] += a2 * v1; s[2][2] += a2 * v2; s[2][3] += a2 * v3;
      }
      const float *xs[3] = {x0, x1, x2}, *ws[4] = {w0, w1, w2, w3};
      for (long k = 0; k < 3 && r + k < n; k++)
        for (long j = 0; j < 4 && o + j < out; j++) {
          float t = sum(s[k][j]) + b[o + j];
          for (long q = i; q < in; q++) t += xs[k][q] * ws[j][q];
          dst[(r + k) * out + o + j] = t;
        }
    }
  }
}
