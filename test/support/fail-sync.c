/* Loaded before libc: fsync fails with EIO as long as the file named by FAIL_SYNC_FILE exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int fails(void) {
  const char *file = getenv("FAIL_SYNC_FILE");
  if (file == NULL || access(file, F_OK) != 0) return 0;
  errno = EIO;
  return 1;
}

int fsync(int fd) {
  int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
  return fails() ? -1 : next(fd);
}

int fdatasync(int fd) {
  int (*next)(int) = dlsym(RTLD_NEXT, "fdatasync");
  return fails() ? -1 : next(fd);
}
