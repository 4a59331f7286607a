#include "CNIfTI.h"

#include <nifti/nifti2_io.h>
#include <pthread.h>
#include <string.h>

// Debian ships two libraries that export the same names with different structs. These sizes hold for the headers of the
// one that is linked (libnifti2); with the other the build stops here instead of reading garbage.
_Static_assert(sizeof(nifti_1_header) == 348, "NIfTI-1 headers have 348 bytes");
_Static_assert(sizeof(nifti_2_header) == 540, "NIfTI-2 headers have 540 bytes");
#if defined(__x86_64__) || defined(__aarch64__)
_Static_assert(sizeof(nifti_image) == 1144, "nifti_image is not the one of libnifti2 3.0");
#endif

static pthread_once_t quiet_once = PTHREAD_ONCE_INIT;

// The debug level is a global of the library, so it is set once and not by each thread.
static void be_quiet(void) { nifti_set_debug_level(0); }

// A NULL name keeps libnifti from deriving file names and opening them.
static nifti_image *convert(const void *header, size_t size) {
  if (size == sizeof(nifti_1_header)) {
    nifti_1_header one;
    memcpy(&one, header, sizeof one);
    return nifti_convert_n1hdr2nim(one, NULL);
  }
  if (size == sizeof(nifti_2_header)) {
    nifti_2_header two;
    memcpy(&two, header, sizeof two);
    return nifti_convert_n2hdr2nim(two, NULL);
  }
  return NULL;
}

int cnifti_convert(const void *header, size_t size, cnifti_opinion *opinion) {
  pthread_once(&quiet_once, be_quiet);
  nifti_image *image = convert(header, size);
  if (image == NULL) return -1;

  memset(opinion, 0, sizeof *opinion);
  memcpy(opinion->dim, image->dim, sizeof opinion->dim);
  opinion->voxels = image->nvox;
  opinion->voxel_offset = image->iname_offset;
  opinion->datatype = image->datatype;
  opinion->bytes_per_voxel = image->nbyper;
  // libnifti keeps its names for this to itself: 1 is little, 2 is big end first.
  opinion->big_endian = image->byteorder == 2;
  opinion->slope = image->scl_slope;
  opinion->intercept = image->scl_inter;
  opinion->qform_code = image->qform_code;
  opinion->sform_code = image->sform_code;
  // The first three of four rows; the last is always 0 0 0 1.
  memcpy(opinion->qform, image->qto_xyz.m, sizeof opinion->qform);
  memcpy(opinion->sform, image->sto_xyz.m, sizeof opinion->sform);
  opinion->space_units = image->xyz_units;
  opinion->time_units = image->time_units;
  nifti_image_free(image);
  return 0;
}

int cnifti_extension_code_is_assigned(int code) { return nifti_is_valid_ecode(code); }
