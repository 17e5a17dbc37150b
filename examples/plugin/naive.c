/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest useful kernel library: gated attention, written to be read. It takes bf16, whole
 * problems or work lists, and gives O, LSE, mask and tile_max. It asks for a workspace that holds
 * the scores of one Q block. */
#include <bsfa/kernel.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_HEAD = 256 };

struct bsfa_plan {
  bsfa_problem problem;
};

static bsfa_status fail(bsfa_status status, const char* text, char* error, size_t size) {
  if (error != NULL && size > 0) snprintf(error, size, "%s", text);
  return status;
}

/* Copies what the caller has of a struct; bytes beyond what this file was compiled with must be 0.
 */
static int read_struct(void* own, size_t own_size, const void* given, uint32_t given_size) {
  memset(own, 0, own_size);
  memcpy(own, given, given_size < own_size ? given_size : own_size);
  for (size_t i = own_size; i < given_size; ++i) {
    if (((const unsigned char*)given)[i] != 0) return 0;
  }
  return 1;
}

static float from_bf16(uint16_t bits) {
  const uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return value;
}

static uint16_t to_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (isnan(value)) return 0x7FC0;
  return (uint16_t)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16); /* nearest, ties to even */
}

static void* at(bsfa_tensor t, size_t element, int64_t i, int64_t j, int64_t r, int64_t c) {
  return (char*)t.data +
         (size_t)(i * t.stride[0] + j * t.stride[1] + r * t.stride[2] + c * t.stride[3]) * element;
}

static int64_t blocks(int64_t length, int64_t block) {
  return (length + block - 1) / block;
}
static int64_t smaller(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Scores of tile n into `scores` (-inf where masked); returns their maximum, NaN if any is NaN. */
static float score_tile(const bsfa_problem* p, const bsfa_arguments* a, bsfa_work_item item,
                        int64_t n, float* scores) {
  const int64_t kv_head = item.head / (p->heads / p->kv_heads);
  const int64_t first_row = (int64_t)item.q_block * p->gate_q_block;
  const int64_t rows = smaller(p->gate_q_block, p->q_len - first_row);
  const int64_t end = smaller((n + 1) * p->gate_k_block, p->kv_len);
  float largest = -INFINITY;
  for (int64_t r = 0; r < rows; ++r) {
    const uint16_t* q = at(a->q, 2, item.batch, item.head, first_row + r, 0);
    for (int64_t c = n * p->gate_k_block; c < end; ++c) {
      float* score = &scores[r * p->kv_len + c];
      *score = -INFINITY;
      if (p->causal && c > p->kv_len - p->q_len + first_row + r) continue;
      const uint16_t* k = at(a->k, 2, item.batch, kv_head, c, 0);
      float sum = 0.0f;
      for (int64_t d = 0; d < p->head_dim; ++d) sum += from_bf16(q[d]) * from_bf16(k[d]);
      *score = p->scale * sum;
      if (isnan(*score) || *score > largest) largest = isnan(largest) ? largest : *score;
    }
  }
  return largest;
}

/* One row of O and LSE from its scores, skipped tiles being -inf. Two passes, no tricks. */
static void finish_row(const bsfa_problem* p, const bsfa_arguments* a, bsfa_work_item item,
                       int64_t row, const float* scores, const unsigned char* kept) {
  const int64_t kv_head = item.head / (p->heads / p->kv_heads);
  float o[LARGEST_HEAD] = {0.0f};
  float largest = -INFINITY, total = 0.0f;
  int broken = 0;
  for (int64_t c = 0; c < p->kv_len; ++c) {
    if (!kept[c / p->gate_k_block]) continue;
    broken |= isnan(scores[c]) || scores[c] == INFINITY;
    if (scores[c] > largest) largest = scores[c];
  }
  for (int64_t c = 0; c < p->kv_len && largest > -INFINITY; ++c) {
    if (!kept[c / p->gate_k_block] || scores[c] == -INFINITY) continue;
    const float weight = expf(scores[c] - largest);
    const uint16_t* v = at(a->v, 2, item.batch, kv_head, c, 0);
    total += weight;
    for (int64_t d = 0; d < p->head_dim; ++d) o[d] += weight * from_bf16(v[d]);
  }
  for (int64_t d = 0; a->o.data != NULL && d < p->head_dim; ++d) {
    uint16_t* to = at(a->o, 2, item.batch, item.head, row, d);
    *to = to_bf16(broken ? NAN : total > 0.0f ? o[d] / total : 0.0f);
  }
  if (a->lse.data != NULL) {
    *(float*)at(a->lse, 4, item.batch, item.head, row, 0) = broken ? NAN : largest + logf(total);
  }
}

static void compute(const bsfa_problem* p, const bsfa_arguments* a, bsfa_work_item item) {
  const int64_t k_blocks = blocks(p->kv_len, p->gate_k_block);
  const int64_t first_row = (int64_t)item.q_block * p->gate_q_block;
  const int64_t rows = smaller(p->gate_q_block, p->q_len - first_row);
  const int64_t position = p->kv_len - p->q_len + first_row; /* of the first row */
  float* scores = a->workspace;
  unsigned char* kept = (unsigned char*)(scores + p->gate_q_block * p->kv_len);
  for (int64_t n = 0; n < k_blocks; ++n) {
    const int64_t first = n * p->gate_k_block;
    bsfa_tile_code code = BSFA_TILE_KEPT;
    float largest = -INFINITY;
    if (first < position + rows && first + p->gate_k_block > position) {
      code = BSFA_TILE_DIAGONAL;
    } else if (p->causal && first >= position + rows) {
      code = BSFA_TILE_OUTSIDE;
    }
    if (code != BSFA_TILE_OUTSIDE) largest = score_tile(p, a, item, n, scores);
    if (code == BSFA_TILE_KEPT && p->gate_kind == BSFA_GATE_ABSOLUTE) {
      const int64_t i = smaller(position / p->gate_q_block, a->threshold_blocks - 1);
      const float threshold = *(float*)at(a->thresholds, 4, item.batch, item.head, i, 0);
      const int passes = isnan(largest) || (threshold != INFINITY && largest >= threshold);
      if (!passes) code = BSFA_TILE_SKIPPED;
    }
    kept[n] = code >= BSFA_TILE_KEPT;
    if (a->mask.data != NULL) {
      *(uint8_t*)at(a->mask, 1, item.batch, item.head, item.q_block, n) = (uint8_t)code;
    }
    if (a->tile_max.data != NULL) {
      *(float*)at(a->tile_max, 4, item.batch, item.head, item.q_block, n) = largest;
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    finish_row(p, a, item, first_row + r, scores + r * p->kv_len, kept);
  }
}

static bsfa_status supports(const bsfa_kernel* kernel, const bsfa_problem* given, char* error,
                            size_t size) {
  bsfa_problem p;
  (void)kernel;
  if (given->version != BSFA_ABI_VERSION || !read_struct(&p, sizeof p, given, given->size)) {
    return fail(BSFA_UNSUPPORTED, "a later version of the interface is asked for", error, size);
  }
  if (p.operation != BSFA_FORWARD || p.features != 0 || p.gate_kind > BSFA_GATE_ABSOLUTE ||
      p.gate_vote != BSFA_VOTE_TILE || p.mask_encoding != BSFA_MASK_BYTES) {
    return fail(BSFA_UNSUPPORTED, "only plain forward attention, gated per tile", error, size);
  }
  if (p.dtype_q != BSFA_BFLOAT16 || p.dtype_k != BSFA_BFLOAT16 || p.dtype_v != BSFA_BFLOAT16 ||
      p.dtype_o != BSFA_BFLOAT16) {
    return fail(BSFA_UNSUPPORTED, "only bf16", error, size);
  }
  if (p.head_dim > LARGEST_HEAD || (p.v_head_dim != 0 && p.v_head_dim != p.head_dim)) {
    return fail(BSFA_UNSUPPORTED, "head_dim is at most 256, the same for q, k and v", error, size);
  }
  if (p.instrumentation > BSFA_INSTRUMENT_MASK) {
    return fail(BSFA_UNSUPPORTED, "no work records", error, size);
  }
  return BSFA_OK;
}

static bsfa_status plan(const bsfa_kernel* kernel, const bsfa_problem* problem, bsfa_plan** made,
                        char* error, size_t size) {
  const bsfa_status status = supports(kernel, problem, error, size);
  if (status != BSFA_OK) return status;
  *made = malloc(sizeof **made);
  if (*made == NULL) return fail(BSFA_OUT_OF_MEMORY, "no memory for a plan", error, size);
  read_struct(&(*made)->problem, sizeof(bsfa_problem), problem, problem->size);
  return BSFA_OK;
}

static bsfa_status describe(const bsfa_plan* made, bsfa_plan_info* given, char* error,
                            size_t size) {
  const bsfa_problem* p = &made->problem;
  bsfa_plan_info info = {0};
  (void)error;
  (void)size;
  info.size = given->size;
  info.version = BSFA_ABI_VERSION;
  info.workspace_bytes = (uint64_t)(p->gate_q_block * p->kv_len) * sizeof(float) +
                         (uint64_t)blocks(p->kv_len, p->gate_k_block);
  info.workspace_alignment = sizeof(float);
  info.compute_q_block = 1;
  info.compute_k_block = 1;
  memcpy(given, &info, given->size < sizeof info ? given->size : sizeof info);
  return BSFA_OK;
}

static bsfa_status enqueue(bsfa_plan* made, const bsfa_arguments* given, char* error, size_t size) {
  const bsfa_problem* p = &made->problem;
  bsfa_arguments a;
  if (!read_struct(&a, sizeof a, given, given->size)) {
    return fail(BSFA_UNSUPPORTED, "a later version of the interface is asked for", error, size);
  }
  if (a.work_items != NULL) {
    for (int64_t i = 0; i < a.work_item_count; ++i) {
      bsfa_work_item item;
      memcpy(&item, (const char*)a.work_items + (uint64_t)i * a.work_item_size, sizeof item);
      compute(p, &a, item);
    }
    return BSFA_OK;
  }
  for (int32_t b = 0; b < p->batch; ++b) {
    for (int32_t h = 0; h < p->heads; ++h) {
      for (int32_t m = 0; m < blocks(p->q_len, p->gate_q_block); ++m) {
        if (a.cancel != NULL && *a.cancel) return fail(BSFA_CANCELLED, "stopped", error, size);
        const bsfa_work_item item = {b, h, m, 0, 0};
        compute(p, &a, item);
      }
    }
  }
  return BSFA_OK;
}

static void destroy(bsfa_plan* made) {
  free(made);
}

static const bsfa_kernel naive = {sizeof(bsfa_kernel),
                                  BSFA_ABI_VERSION,
                                  "naive",
                                  "one row at a time, in float",
                                  BSFA_HOST,
                                  BSFA_INSTRUMENT_MASK,
                                  NULL,
                                  supports,
                                  plan,
                                  describe,
                                  enqueue,
                                  destroy};
static const bsfa_kernel* const kernels[] = {&naive};
static const bsfa_library library = {
    sizeof(bsfa_library), BSFA_ABI_VERSION, "example", "1.0", 1, kernels};

BSFA_EXPORT const bsfa_library* bsfa_open(uint32_t abi_version, char* error, size_t error_size) {
  if (abi_version == BSFA_ABI_VERSION) return &library;
  fail(BSFA_UNSUPPORTED, "this library was built for version 1", error, error_size);
  return NULL;
}
