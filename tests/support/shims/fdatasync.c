/* Preloaded into PostgreSQL: the file that SPGOV_SHIM names says what becomes of the next fdatasync.
   "delay N" waits N milliseconds before each, "fail" fails one with EIO and removes the file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  const char *path = getenv("SPGOV_SHIM");
  FILE *file = path ? fopen(path, "re") : NULL;
  if (file) {
    char word[16] = "";
    int ms = 0;
    int count = fscanf(file, "%15s %d", word, &ms);
    fclose(file);
    if (count >= 2 && strcmp(word, "delay") == 0) usleep((useconds_t)ms * 1000);
    if (count >= 1 && strcmp(word, "fail") == 0) {
      unlink(path);
      errno = EIO;
      return -1;
    }
  }
  return real(fd);
}
