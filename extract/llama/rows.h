// The product of the heads' layers.
#pragma once

// n rows of out values from n rows of in values: dst = x w^T + b, with w row-major [out][in].
void hm_rows(float *dst, const float *x, const float *w, const float *b, long n, long in, long out);
