// Calls to the operating system that Swift cannot make itself.
#ifndef KSCOPE_CSYSTEM_H
#define KSCOPE_CSYSTEM_H

#include <sys/types.h>

/// Starts `argv[0]` (searched on PATH) so that the kernel kills it when the calling thread ends.
/// Standard input comes from /dev/null, output and error go to `output` (a descriptor). Signals are reset and the child
/// is in a process group of its own, so that the terminal's Ctrl-C does not reach it.
/// Returns the process id, or -errno when fork or exec failed.
pid_t kscope_spawn(char *const argv[], int output);

#endif
