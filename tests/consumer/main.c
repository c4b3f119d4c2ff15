#include <airouter.h>
#include <stdio.h>

/* The header and the library belong together, and errors come out. */
int main(void) {
  airouter_error* error = NULL;
  airouter_router* router = airouter_router_create("{", AIROUTER_NUL_TERMINATED, &error);
  int is_fine = router == NULL && airouter_error_code_of(error) == AIROUTER_ERROR_INVALID_CONFIG &&
                airouter_abi_version() == AIROUTER_ABI_VERSION;
  airouter_error_free(error);
  printf("airouter %s from C\n", airouter_version());
  return is_fine ? 0 : 1;
}
