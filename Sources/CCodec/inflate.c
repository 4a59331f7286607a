#include "include/inflate.h"
#include "watched.h"

#include <isa-l/igzip_lib.h>
#include <limits.h>
#include <stdlib.h>

// ISA-L decodes twice as fast as zlib. Its version in Debian 12 (2.30) was fuzzed with address and undefined-behaviour
// sanitisers, and against zlib with every buffer at a guard page, before it was trusted with files from outside.

struct ccodec_inflater {
  struct inflate_state state;
};

ccodec_inflater *ccodec_inflater_new(void) {
  ccodec_inflater *inflater = calloc(1, sizeof *inflater);
  if (inflater != NULL) ccodec_inflater_reset(inflater);
  return inflater;
}

void ccodec_inflater_free(ccodec_inflater *inflater) { free(inflater); }

void ccodec_inflater_reset(ccodec_inflater *inflater) {
  isal_inflate_init(&inflater->state);
  // Raw deflate: the wrapper and its checks are read by Swift.
  inflater->state.crc_flag = ISAL_DEFLATE;
}

// The library counts in 32 bits; a larger buffer is used piece by piece, which the caller does not notice.
static uint32_t clipped(size_t count) { return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX; }

ccodec_step ccodec_inflate(
    ccodec_inflater *inflater, const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count) {
  WILL_READ(in, in_count);
  WILL_WRITE(out, out_count);
  struct inflate_state *state = &inflater->state;
  state->next_in = (uint8_t *)in;
  state->avail_in = clipped(in_count);
  state->next_out = out;
  state->avail_out = clipped(out_count);
  int result = isal_inflate(state);
  ccodec_step step = {state->next_in - in, (size_t)(state->next_out - out), CCodecOutcomeMore};
  if (result < 0) step.outcome = CCodecOutcomeCorrupt;
  if (result >= 0 && state->block_state == ISAL_BLOCK_FINISH) {
    step.outcome = CCodecOutcomeEnd;
    // Whole bytes that the library loaded ahead of the bits it needed.
    step.consumed -= state->read_in_length / 8;
  }
  return step;
}

// Between two blocks, on a whole byte, with nothing held back: where a stream may be cut. The library tries to read the
// next block's header; with not one bit of it there, it has put nothing aside.
static int is_between_blocks(const struct inflate_state *state) {
  int waits = state->block_state == ISAL_BLOCK_NEW_HDR || state->block_state == ISAL_BLOCK_HDR;
  return waits && state->avail_in == 0 && state->read_in_length == 0 && state->tmp_in_size == 0 &&
         state->tmp_out_processed == state->tmp_out_valid;
}

size_t ccodec_inflate_span(
    ccodec_inflater *inflater, const uint8_t *in, size_t in_count, int last, uint8_t *out, size_t out_count) {
  if (in_count >= UINT32_MAX || out_count >= UINT32_MAX) return 0;
  ccodec_inflater_reset(inflater);
  ccodec_step step = ccodec_inflate(inflater, in, in_count, out, out_count);
  if (step.produced != out_count) return 0;
  int ends = last ? step.outcome == CCodecOutcomeEnd
                  : step.outcome == CCodecOutcomeMore && is_between_blocks(&inflater->state);
  return ends ? (size_t)step.consumed : 0;
}

int ccodec_inflater_resume(ccodec_inflater *inflater, const uint8_t *before, size_t count) {
  ccodec_inflater_reset(inflater);
  if (count == 0) return 1;
  size_t kept = count < ISAL_DEF_HIST_SIZE ? count : ISAL_DEF_HIST_SIZE;
  return isal_inflate_set_dict(&inflater->state, (uint8_t *)before + (count - kept), (uint32_t)kept) == ISAL_DECOMP_OK;
}
