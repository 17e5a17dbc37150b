/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSFA_KERNEL_H
#define BSFA_KERNEL_H

/// The C interface of a block-sparse attention kernel, ABI version 1.
///
/// A shared library exports one function, `bsfa_open`, which hands out a table of kernels. A caller
/// asks a kernel whether it supports a problem, plans it, enqueues it on buffers that the caller
/// allocated, and destroys the plan:
///
///     bsfa_open -> kernel->supports -> kernel->plan -> kernel->describe -> allocate
///               -> kernel->enqueue (as often as wanted) -> kernel->destroy
///
/// Structs    Every struct passed by pointer begins with {size, version}. A caller sets size to its
///            own sizeof. Fields beyond what the callee knows must be zero, otherwise the callee
///            answers BSFA_UNSUPPORTED; fields beyond what the caller knows read as zero. Array
///            elements (work items, work records) carry no header; their size travels with the
///            array.
/// Zero       Zero is the ordinary value of every field, so a zeroed struct with only the fields of
///            interest set is valid.
/// Shapes     q: [B,H,M,D]; k: [B,Hkv,N,D]; v: [B,Hkv,N,Dv]; o: [B,H,M,Dv]; lse: [B,H,M];
///            mask, tile_max: [B,H,Qb,Kb] with Qb = ceil(M/gate_q_block), Kb =
///            ceil(N/gate_k_block). The last dimension of q, k, v and o is contiguous.
/// Units      scores, thresholds and tile_max: natural units after scaling; lse: natural logarithm.
/// Errors     Functions return a bsfa_status and, where it is not BSFA_OK, write one line of text,
///            zero-terminated, into error[0 .. error_size). They never throw and never exit.
/// Threads    A plan is used by one thread at a time. Plans are independent of one another.
/// Stream     A host kernel has finished when enqueue returns. A device kernel is asynchronous on
///            `stream`; the caller keeps the buffers alive.
/// Source     arXiv 2512.07011.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BSFA_ABI_VERSION 1u

#if defined(_WIN32)
#define BSFA_EXPORT __declspec(dllexport)
#else
#define BSFA_EXPORT __attribute__((visibility("default")))
#endif

typedef enum bsfa_status {
  BSFA_OK = 0,
  BSFA_UNSUPPORTED = 1,
  BSFA_INVALID_ARGUMENT = 2,
  BSFA_OUT_OF_MEMORY = 3,
  BSFA_DEVICE_ERROR = 4,
  BSFA_INTERNAL_ERROR = 5,
  BSFA_CANCELLED = 6
} bsfa_status;

typedef enum bsfa_operation {
  BSFA_FORWARD = 0,
  BSFA_TILE_STATISTICS = 1, /**< tile_max and, where lse_in is given, tile_mass; no O */
  BSFA_BACKWARD = 2
} bsfa_operation;

typedef enum bsfa_dtype {
  BSFA_DTYPE_NONE = 0,
  BSFA_FLOAT16 = 1,
  BSFA_BFLOAT16 = 2,
  BSFA_FLOAT32 = 3,
  BSFA_FLOAT8_E4M3 = 4, /**< needs descale_q, descale_k, descale_v */
  BSFA_FLOAT8_E5M2 = 5
} bsfa_dtype;

typedef enum bsfa_memory_space { BSFA_HOST = 0, BSFA_CUDA_DEVICE = 1 } bsfa_memory_space;

typedef enum bsfa_gate_kind {
  BSFA_GATE_OFF = 0,      /**< dense attention: gating compiled out or branched around */
  BSFA_GATE_ABSOLUTE = 1, /**< an off-diagonal tile is kept iff tile_max is NaN, or τ is not +inf
                             and tile_max >= τ */
  BSFA_GATE_RELATIVE = 2, /**< kept iff tile_max >= running row maximum + τ */
  BSFA_GATE_MASK = 3      /**< mask_in decides */
} bsfa_gate_kind;

typedef enum bsfa_gate_vote {
  BSFA_VOTE_TILE = 0,      /**< one decision for a tile */
  BSFA_VOTE_ROW_GROUP = 1, /**< one for every gate_row_group rows of a tile */
  BSFA_VOTE_ROW = 2
} bsfa_gate_vote;

typedef enum bsfa_mask_encoding { BSFA_MASK_BYTES = 0, BSFA_MASK_BITS = 1 } bsfa_mask_encoding;

/** Values of a byte mask. A bit mask holds 1 for KEPT and DIAGONAL, else 0, lowest bit first. */
typedef enum bsfa_tile_code {
  BSFA_TILE_OUTSIDE = 0,
  BSFA_TILE_SKIPPED = 1,
  BSFA_TILE_KEPT = 2,
  BSFA_TILE_DIAGONAL = 3
} bsfa_tile_code;

/** What a kernel may spend on telling about itself; each level includes the ones before it. */
typedef enum bsfa_instrumentation {
  BSFA_INSTRUMENT_NONE = 0,
  BSFA_INSTRUMENT_MASK = 1, /**< mask and tile_max */
  BSFA_INSTRUMENT_WORK = 2, /**< one work record per work item and CTA or worker */
  BSFA_INSTRUMENT_WARPS = 3 /**< one more per warp */
} bsfa_instrumentation;

typedef enum bsfa_clock_domain {
  BSFA_CLOCK_NONE = 0,
  BSFA_CLOCK_MONOTONIC_NS = 1,  /**< CLOCK_MONOTONIC of the host, nanoseconds */
  BSFA_CLOCK_GLOBALTIMER_NS = 2 /**< %globaltimer of the device, nanoseconds */
} bsfa_clock_domain;

/** Bits of bsfa_problem.features: inputs beyond plain batched attention. */
enum {
  BSFA_FEATURE_CU_SEQLENS = 1u << 0,
  BSFA_FEATURE_USED_LENGTHS = 1u << 1,
  BSFA_FEATURE_Q_POSITIONS = 1u << 2,
  BSFA_FEATURE_PAGE_TABLE = 1u << 3,
  BSFA_FEATURE_SPLIT_KV = 1u << 4 /**< work items carry K ranges */
};

/// What is to be computed; no pointers, so that one plan serves many buffers.
typedef struct bsfa_problem {
  uint32_t size, version;
  uint32_t operation; /**< bsfa_operation */
  uint32_t causal;    /**< non-zero: row i sees columns 0 .. N-M+i */
  int64_t batch, heads, kv_heads;
  int64_t q_len, kv_len;        /**< M <= N; row i stands at absolute position N-M+i */
  int64_t head_dim, v_head_dim; /**< v_head_dim 0: as head_dim */
  uint32_t dtype_q, dtype_k, dtype_v, dtype_o; /**< bsfa_dtype */
  float scale;
  uint32_t gate_kind, gate_vote; /**< bsfa_gate_kind, bsfa_gate_vote */
  int32_t gate_q_block, gate_k_block, gate_row_group;
  uint32_t mask_encoding;   /**< bsfa_mask_encoding of mask and mask_in */
  uint32_t instrumentation; /**< bsfa_instrumentation */
  uint32_t features;        /**< BSFA_FEATURE_* */
  int32_t device;           /**< ordinal for device kernels */
  int32_t max_workers;      /**< host threads, 0: as many as there are cores */
  int64_t page_size;        /**< tokens a page */
  int64_t max_work_items;   /**< 0: the whole problem is computed, no list is given */
} bsfa_problem;

/// A caller's tensor: strides in elements, one for each dimension in order.
typedef struct bsfa_tensor {
  void* data;        /**< NULL: not given, or not wanted */
  int64_t stride[4]; /**< a dimension the tensor does not have is 0 */
} bsfa_tensor;

/// One Q block to be computed, of the gate's size; K range in gate K blocks, 0 and 0 meaning all.
typedef struct bsfa_work_item {
  int32_t batch, head, q_block;
  int32_t k_block_begin, k_block_end;
} bsfa_work_item;

/// What one worker did for one work item.
typedef struct bsfa_work_record {
  int32_t batch, head, q_block;
  int32_t k_block_begin, k_block_end;
  uint32_t pass;         /**< 0 unless a kernel visits an item more than once */
  uint32_t unit;         /**< SM of a device kernel, worker thread of a host kernel */
  uint32_t cta;          /**< CTA (work item owner); equals unit for host kernels */
  int32_t warp;          /**< -1: the record is about the whole CTA or worker */
  uint32_t clock_domain; /**< bsfa_clock_domain of start and end */
  uint64_t start, end;
  uint64_t tiles_seen, tiles_kept;   /**< gate tiles scored; of them kept, diagonal included */
  uint64_t qk_products, pv_products; /**< compute tiles issued to the matrix units */
} bsfa_work_record;

/// Pointers for one run. All point into the kernel's memory space: for a device kernel into the
/// memory of bsfa_problem.device, `work_items`, `thresholds`, `records` and `record_count`
/// included. Only this struct itself and `cancel` are host memory. What outputs hold before a run
/// is undefined, `*record_count` too. Every output is optional; what is not wanted has data NULL.
/// Asked for an output that it cannot give, a kernel answers BSFA_UNSUPPORTED and writes nothing.
typedef struct bsfa_arguments {
  uint32_t size, version;
  bsfa_tensor q, k, v;
  bsfa_tensor thresholds; /**< float32 [B,H,blocks]; stride 0 broadcasts. Block i =
                             min(p0/gate_q_block, blocks-1) */
  int64_t threshold_blocks;
  bsfa_tensor mask_in; /**< [B,H,Qb,Kb], as mask_encoding says */
  bsfa_tensor lse_in;  /**< float32 [B,H,M], for tile statistics and backward */
  const float *descale_q, *descale_k, *descale_v; /**< [B,Hkv] */
  const int32_t *cu_seqlens_q, *cu_seqlens_k;     /**< [B+1] */
  const int32_t *used_q, *used_k;                 /**< [B] */
  const int64_t* q_positions;                     /**< [B,M], absolute */
  const int32_t* page_table;                      /**< [B, page_table_stride] */
  int64_t page_table_stride;
  const bsfa_work_item* work_items; /**< NULL: the whole problem */
  int64_t work_item_count;
  uint64_t work_item_size; /**< bytes from one item to the next */

  bsfa_tensor o;    /**< dtype_o [B,H,M,Dv] */
  bsfa_tensor lse;  /**< float32 [B,H,M]; -inf where nothing is kept */
  bsfa_tensor mask; /**< [B,H,Qb,Kb] */
  bsfa_tensor
      tile_max; /**< float32 [B,H,Qb,Kb]; -inf in tiles outside, NaN where any entry is NaN */
  bsfa_tensor tile_mass, tile_mass_max; /**< float32 [B,H,Qb,Kb] */
  bsfa_work_record* records;
  uint64_t record_capacity, record_size; /**< elements; bytes from one record to the next */
  uint64_t* record_count;                /**< how many there were, also when more than fit */

  bsfa_tensor grad_o, o_in, grad_q, grad_k, grad_v; /**< backward */

  void* workspace;
  uint64_t workspace_bytes;
  void* stream; /**< cudaStream_t of device kernels */
  const volatile int32_t*
      cancel; /**< host memory, may be NULL; non-zero asks a host kernel to stop */
} bsfa_arguments;

/// What a plan needs and how it will run.
typedef struct bsfa_plan_info {
  uint32_t size, version;
  uint64_t workspace_bytes, workspace_alignment;
  uint64_t max_records;                     /**< at the plan's instrumentation level */
  int32_t compute_q_block, compute_k_block; /**< tile of one QK or PV product */
  uint32_t clock_domain;
  uint32_t threads_per_cta, ctas;
  uint64_t tensor_instructions_per_qk, tensor_instructions_per_pv; /**< warp level; 0 on a CPU */
} bsfa_plan_info;

typedef struct bsfa_plan bsfa_plan; /**< opaque */
typedef struct bsfa_kernel bsfa_kernel;

struct bsfa_kernel {
  uint32_t size, version;
  const char* name;         /**< short, unique in its library, for example "cpu" */
  const char* description;  /**< one line */
  uint32_t memory_space;    /**< bsfa_memory_space of every pointer in bsfa_arguments */
  uint32_t instrumentation; /**< highest bsfa_instrumentation level it offers for some problem */
  void* state;              /**< the library's own */

  /** BSFA_OK, or BSFA_UNSUPPORTED with a text that names the limit. */
  bsfa_status (*supports)(const bsfa_kernel* kernel, const bsfa_problem* problem, char* error,
                          size_t error_size);
  bsfa_status (*plan)(const bsfa_kernel* kernel, const bsfa_problem* problem, bsfa_plan** plan,
                      char* error, size_t error_size);
  bsfa_status (*describe)(const bsfa_plan* plan, bsfa_plan_info* info, char* error,
                          size_t error_size);
  bsfa_status (*enqueue)(bsfa_plan* plan, const bsfa_arguments* arguments, char* error,
                         size_t error_size);
  void (*destroy)(bsfa_plan* plan);
};

typedef struct bsfa_library {
  uint32_t size, version;
  const char* name;
  const char* build; /**< version or commit, for the record */
  uint32_t kernel_count;
  const bsfa_kernel* const* kernels;
} bsfa_library;

/// The one symbol that a kernel library exports. NULL, with a text, where abi_version is not one it
/// implements. The table lives as long as the library is loaded.
typedef const bsfa_library* (*bsfa_open_function)(uint32_t abi_version, char* error,
                                                  size_t error_size);
BSFA_EXPORT const bsfa_library* bsfa_open(uint32_t abi_version, char* error, size_t error_size);

#ifdef __cplusplus
}
#endif

#endif /* BSFA_KERNEL_H */
