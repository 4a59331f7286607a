// Debian keeps libnifti's headers in a folder of their own, but they include one another as if that folder were searched.
#include <nifti/znzlib.h>
