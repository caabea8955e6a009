/*
 * Loaded before libc: moves the clock and makes the database's file calls fail, as the file named by
 * FAULTS_FILE says. It is mapped, so that the campaign turns faults on and off while the portal runs.
 * Only files whose path contains FAULTS_PATH are touched.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, READ = 4 };

struct control {
  volatile long long clock_ms; /* added to the real time */
  volatile long long calls;    /* which calls fail */
  volatile long long error;    /* with this errno */
  volatile long long pass;     /* so many go well first */
  volatile long long times;    /* so many fail, then all go well; -1: all */
  volatile long long most;     /* a file's largest size in bytes, then ENOSPC; 0: any */
  volatile long long failed;   /* how many have failed */
};

static struct control none;
static struct control *control = &none;

__attribute__((constructor)) static void map_control(void) {
  const char *name = getenv("FAULTS_FILE");
  int fd = name == NULL ? -1 : open(name, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) control = mapped;
  close(fd);
}

static int is_ours(int fd) {
  const char *part = getenv("FAULTS_PATH");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = part == NULL ? -1 : readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, part) != NULL;
}

static int refuse(int error) {
  __sync_fetch_and_add(&control->failed, 1);
  errno = error;
  return 1;
}

static int fails(int fd, int call) {
  if ((control->calls & call) == 0 || control->times == 0 || !is_ours(fd)) return 0;
  if (control->pass > 0) return control->pass--, 0;
  if (control->times > 0) control->times--;
  return refuse(control->error);
}

static int is_full(int fd, long long end) {
  return control->most > 0 && end > control->most && is_ours(fd) && refuse(ENOSPC);
}

#define NEXT(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

ssize_t write(int fd, const void *data, size_t length) {
  if (control->calls & WRITE || control->most > 0) {
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at >= 0 && (fails(fd, WRITE) || is_full(fd, at + length))) return -1;
  }
  return NEXT(write, fd, data, length);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
  if (fails(fd, WRITE) || is_full(fd, at + length)) return -1;
  return NEXT(pwrite64, fd, data, length, at);
}

ssize_t read(int fd, void *data, size_t length) {
  return fails(fd, READ) ? -1 : NEXT(read, fd, data, length);
}

ssize_t pread64(int fd, void *data, size_t length, off64_t at) {
  return fails(fd, READ) ? -1 : NEXT(pread64, fd, data, length, at);
}

int ftruncate64(int fd, off64_t length) {
  if (is_full(fd, length)) return -1;
  return NEXT(ftruncate64, fd, length);
}

int fsync(int fd) { return fails(fd, SYNC) ? -1 : NEXT(fsync, fd); }

int fdatasync(int fd) { return fails(fd, SYNC) ? -1 : NEXT(fdatasync, fd); }

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  int result = NEXT(gettimeofday, at, zone);
  long long us = at->tv_sec * 1000000LL + at->tv_usec + control->clock_ms * 1000;
  at->tv_sec = us / 1000000;
  at->tv_usec = us % 1000000;
  return result;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
  int result = NEXT(clock_gettime, clock, at);
  if (clock != CLOCK_REALTIME || result != 0) return result;
  at->tv_sec += control->clock_ms / 1000;
  at->tv_nsec += control->clock_ms % 1000 * 1000000;
  if (at->tv_nsec >= 1000000000) at->tv_sec++, at->tv_nsec -= 1000000000;
  if (at->tv_nsec < 0) at->tv_sec--, at->tv_nsec += 1000000000;
  return result;
}
