#ifndef CNIFTI_H
#define CNIFTI_H

#include <stddef.h>
#include <stdint.h>

// libnifti as a second opinion. It gets header bytes that our own parser has accepted, never a file name, a voxel or an
// extension: on damaged input it repairs silently, reads out of bounds or prints names.

/// What libnifti makes of a header. Arrays count from the header's `dim[0]`; matrices are rows of voxel → world.
typedef struct {
  int64_t dim[8];
  int64_t voxels;
  int64_t voxel_offset;
  int datatype;
  int bytes_per_voxel;
  /// 1 when the header's numbers are stored big end first.
  int big_endian;
  double slope;
  double intercept;
  int qform_code;
  int sform_code;
  double qform[3][4];
  double sform[3][4];
  /// NIFTI_UNITS_* codes.
  int space_units;
  int time_units;
} cnifti_opinion;

/// Converts the 348 bytes of a NIfTI-1 header or the 540 of a NIfTI-2 header, in either byte order.
///
/// `dim[0]` must be known to lie in 1...7: libnifti itself does not look for NIfTI-2. Returns 0, or -1 when libnifti
/// refuses the header or has no memory. Safe to call from several threads.
int cnifti_convert(const void *header, size_t size, cnifti_opinion *opinion);

/// Whether an extension code is one that libnifti knows as assigned.
int cnifti_extension_code_is_assigned(int code);

/// Writes the loaded library's file name without folders, links resolved (libnifti2.so.2.1.0), which is the only version
/// that it has. Empty when it cannot be found out.
void cnifti_library_file(char *name, size_t size);

#endif
