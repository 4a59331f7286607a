#ifndef CHOTLOOPS_H
#define CHOTLOOPS_H

#include "conversion.h"

#endif
