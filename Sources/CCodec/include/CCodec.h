#ifndef CCODEC_H
#define CCODEC_H

// The codecs and hashes that Swift reaches through a narrow door: no library header leaves this target, every buffer
// comes with its length, and every call says how much of it was used.

#include "deflate.h"
#include "hashes.h"
#include "inflate.h"
#include "mark.h"
#include "signatures.h"
#include "step.h"
#include "versions.h"
#include "zstandard.h"

#endif
