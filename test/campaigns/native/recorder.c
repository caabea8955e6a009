/*
 * Loaded before libc: writes down what happens to the files below RECORD_FOLDER, and each success that
 * is answered over HTTP, in one order for all processes, by appending to RECORD_FILE. An answer is
 * written down before it leaves; a change of a file after it was made; an fsync after it ended,
 * with the length that the record had when it began: what was written down later it did not cover.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct entry {
  uint32_t kind; /* W, T, S, U, R, C: files; A: an answer */
  uint32_t name_length;
  uint64_t data_length;
  uint64_t number; /* W: offset; T: size; S: the record's length before; A: the peer's port */
};

static int record = -1;
static const char *folder;

__attribute__((constructor)) static void open_record(void) {
  const char *name = getenv("RECORD_FILE");
  folder = getenv("RECORD_FOLDER");
  if (name != NULL && folder != NULL)
    record = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void note(uint32_t kind, const char *name, uint64_t number, const void *data, size_t size) {
  struct entry entry = {kind, strlen(name), size, number};
  struct iovec parts[] = {
      {&entry, sizeof entry}, {(void *)name, entry.name_length}, {(void *)data, size}};
  if (syscall(SYS_writev, record, parts, 3) < 0) abort();
}

static uint64_t recorded(void) {
  struct stat64 state;
  return fstat64(record, &state) == 0 ? state.st_size : 0;
}

/* Whether it is below the folder. The database's shared memory is made anew by whoever opens it. */
static int is_ours(const char *path) {
  if (record < 0 || strncmp(path, folder, strlen(folder)) != 0) return 0;
  size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

static int find_path(int fd, char *path, size_t size) {
  char link[64];
  if (record < 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_ours(path);
}

static void note_answer(int fd, const char *data, size_t length) {
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  if (record < 0 || length < 12 || memcmp(data, "HTTP/1.1 2", 10) != 0) return;
  if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0) return;
  uint16_t port = peer.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&peer)->sin6_port
                                             : ((struct sockaddr_in *)&peer)->sin_port;
  note('A', "", ntohs(port), NULL, 0);
}

#define NEXT(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

ssize_t write(int fd, const void *data, size_t length) {
  char path[4096];
  note_answer(fd, data, length);
  if (!find_path(fd, path, sizeof path)) return NEXT(write, fd, data, length);
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t written = NEXT(write, fd, data, length);
  if (written > 0) note('W', path, at, data, written);
  return written;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
  char path[4096];
  ssize_t written = NEXT(pwrite64, fd, data, length, at);
  if (written > 0 && find_path(fd, path, sizeof path)) note('W', path, at, data, written);
  return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (count > 0) note_answer(fd, parts[0].iov_base, parts[0].iov_len);
  return NEXT(writev, fd, parts, count);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  if (message->msg_iovlen > 0)
    note_answer(fd, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
  return NEXT(sendmsg, fd, message, flags);
}

int ftruncate64(int fd, off64_t length) {
  char path[4096];
  int result = NEXT(ftruncate64, fd, length);
  if (result == 0 && find_path(fd, path, sizeof path)) note('T', path, length, NULL, 0);
  return result;
}

int fsync(int fd) {
  char path[4096];
  uint64_t before = recorded();
  int result = NEXT(fsync, fd);
  if (result == 0 && find_path(fd, path, sizeof path)) note('S', path, before, NULL, 0);
  return result;
}

int fdatasync(int fd) {
  char path[4096];
  uint64_t before = recorded();
  int result = NEXT(fdatasync, fd);
  if (result == 0 && find_path(fd, path, sizeof path)) note('S', path, before, NULL, 0);
  return result;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  int is_new = flags & O_CREAT && is_ours(path) && access(path, F_OK) != 0;
  int fd = NEXT(open64, path, flags, mode);
  if (fd >= 0 && is_new) note('C', path, 0, NULL, 0);
  return fd;
}

int unlink(const char *path) {
  int result = NEXT(unlink, path);
  if (result == 0 && is_ours(path)) note('U', path, 0, NULL, 0);
  return result;
}

int rename(const char *from, const char *to) {
  int result = NEXT(rename, from, to);
  if (result == 0 && is_ours(from)) note('R', from, 0, to, strlen(to));
  return result;
}
