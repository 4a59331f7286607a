#ifndef CHOTLOOPS_H
#define CHOTLOOPS_H

// The hot loops: everything in the house that touches voxels one by one.

#include "conversion.h"
#include "lines.h"
#include "rank.h"

#endif
