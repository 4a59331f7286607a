#include "include/zstandard.h"
#include "watched.h"

// For the estimate of a context's size, which is not part of the stable interface.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

// The opaque types are the library's contexts under our names.
static ZSTD_CCtx *compressing(ccodec_zstd_encoder *encoder) { return (ZSTD_CCtx *)encoder; }
static ZSTD_DCtx *decompressing(ccodec_zstd_decoder *decoder) { return (ZSTD_DCtx *)decoder; }

static int set(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value) {
  return !ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value));
}

ccodec_zstd_encoder *ccodec_zstd_encoder_new(int level, int workers, uint64_t size) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  if (context == NULL) return NULL;
  unsigned long long pledge = size == UINT64_MAX ? ZSTD_CONTENTSIZE_UNKNOWN : size;
  if (set(context, ZSTD_c_compressionLevel, level) && set(context, ZSTD_c_checksumFlag, 1) &&
      set(context, ZSTD_c_nbWorkers, workers < 1 ? 1 : workers) &&
      !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context, pledge)))
    return (ccodec_zstd_encoder *)context;
  ZSTD_freeCCtx(context);
  return NULL;
}

uint64_t ccodec_zstd_encoder_bytes(int level, int workers, uint64_t size) {
  ZSTD_compressionParameters chosen = ZSTD_getCParams(level, size, 0);
  // As ZSTD_compressStream2 shares the input out: jobs of four windows, at least 1 MiB.
  uint64_t job = (uint64_t)1 << (chosen.windowLog + 2 > 20 ? chosen.windowLog + 2 : 20);
  uint64_t jobs = size / job + 1, count = workers < 1 ? 1 : (uint64_t)workers;
  uint64_t lanes = jobs < count ? jobs : count;
  // The input of a job per lane, of the two that are filled and flushed, and what jobs overlap. As measured, the room for
  // outputs comes to count only where that is used again and again.
  uint64_t input = job * (count + 3) < size ? job * (count + 3) : size, rest = size - input;
  uint64_t outputs = job * lanes < rest ? job * lanes : rest;
  return input + outputs + lanes * ZSTD_estimateCCtxSize_usingCParams(chosen);
}

void ccodec_zstd_encoder_free(ccodec_zstd_encoder *encoder) { ZSTD_freeCCtx(compressing(encoder)); }

static CCodecOutcome outcome(size_t result) {
  if (!ZSTD_isError(result)) return result == 0 ? CCodecOutcomeEnd : CCodecOutcomeMore;
  switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_checksum_wrong: return CCodecOutcomeChecksum;
    case ZSTD_error_frameParameter_windowTooLarge: return CCodecOutcomeWindow;
    case ZSTD_error_memory_allocation: return CCodecOutcomeMemory;
    default: return CCodecOutcomeCorrupt;
  }
}

ccodec_step ccodec_zstd_encode(
    ccodec_zstd_encoder *encoder, const uint8_t *in, size_t in_count, int end, uint8_t *out, size_t out_count) {
  WILL_READ(in, in_count);
  WILL_WRITE(out, out_count);
  ZSTD_inBuffer input = {in, in_count, 0};
  ZSTD_outBuffer output = {out, out_count, 0};
  // Ending together with input would let the library take short cuts that depend on the pieces' sizes.
  ZSTD_EndDirective directive = end && in_count == 0 ? ZSTD_e_end : ZSTD_e_continue;
  size_t result = ZSTD_compressStream2(compressing(encoder), &output, &input, directive);
  ccodec_step step = {(ptrdiff_t)input.pos, output.pos, outcome(result)};
  if (step.outcome == CCodecOutcomeEnd && directive != ZSTD_e_end) step.outcome = CCodecOutcomeMore;
  return step;
}

ccodec_zstd_decoder *ccodec_zstd_decoder_new(int window_log) {
  ZSTD_DCtx *context = ZSTD_createDCtx();
  if (context == NULL) return NULL;
  if (!ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, window_log)))
    return (ccodec_zstd_decoder *)context;
  ZSTD_freeDCtx(context);
  return NULL;
}

void ccodec_zstd_decoder_free(ccodec_zstd_decoder *decoder) { ZSTD_freeDCtx(decompressing(decoder)); }

void ccodec_zstd_decoder_reset(ccodec_zstd_decoder *decoder) {
  ZSTD_DCtx_reset(decompressing(decoder), ZSTD_reset_session_only);
}

ccodec_step ccodec_zstd_decode(
    ccodec_zstd_decoder *decoder, const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count) {
  WILL_READ(in, in_count);
  WILL_WRITE(out, out_count);
  ZSTD_inBuffer input = {in, in_count, 0};
  ZSTD_outBuffer output = {out, out_count, 0};
  size_t result = ZSTD_decompressStream(decompressing(decoder), &output, &input);
  ccodec_step step = {(ptrdiff_t)input.pos, output.pos, outcome(result)};
  return step;
}
