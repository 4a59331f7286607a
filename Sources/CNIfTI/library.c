#define _GNU_SOURCE
#include "CNIfTI.h"

#include <dlfcn.h>
#include <limits.h>
#include <nifti/nifti2_io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cnifti_library_file(char *name, size_t size) {
  Dl_info info;
  char path[PATH_MAX];
  if (size == 0) return;
  name[0] = '\0';
  if (dladdr((const void *)&nifti_convert_n2hdr2nim, &info) == 0 || realpath(info.dli_fname, path) == NULL) return;
  const char *slash = strrchr(path, '/');
  snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
}
