#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Runs in the child between fork and exec: only async-signal-safe calls.
static void become(char *const argv[], int input, int output, int errors, int report, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  setpgid(0, 0);
  // A child must not outlive its owner, even when that one is killed. The parent may already have gone before prctl.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  if (input < 0) input = open("/dev/null", O_RDONLY);
  if (input >= 0) dup2(input, 0);
  dup2(output, 1);
  dup2(errors, 2);
  execvp(argv[0], argv);
  int error = errno;
  ssize_t written = write(report, &error, sizeof error);
  (void)written;
  _exit(127);
}

pid_t kscope_spawn(char *const argv[], int input, int output, int errors) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return -errno;
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) become(argv, input, output, errors, report[1], parent);
  int forkError = errno;
  close(report[1]);
  if (child < 0) {
    close(report[0]);
    return -forkError;
  }
  int error = 0;
  ssize_t count;
  do {
    count = read(report[0], &error, sizeof error);
  } while (count < 0 && errno == EINTR);
  close(report[0]);
  if (count == sizeof error) {
    waitpid(child, NULL, 0);
    return -error;
  }
  return child;
}
