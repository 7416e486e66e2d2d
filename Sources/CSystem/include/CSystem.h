// Calls to the operating system that Swift cannot make itself.
#ifndef KSCOPE_CSYSTEM_H
#define KSCOPE_CSYSTEM_H

#include <sys/types.h>

/// Starts `argv[0]` (searched on PATH) so that the kernel kills it when the calling thread ends.
/// Standard input comes from `input` (negative: /dev/null), output and errors go to `output` and `errors` (descriptors).
/// Signals are reset and the child is in a process group of its own, so that the terminal's Ctrl-C does not reach it.
/// Returns the process id, or -errno when fork or exec failed.
pid_t kscope_spawn(char *const argv[], int input, int output, int errors);

enum { KSCOPE_PARITY_NONE, KSCOPE_PARITY_EVEN, KSCOPE_PARITY_ODD, KSCOPE_PARITY_MARK, KSCOPE_PARITY_SPACE };
enum { KSCOPE_FLOW_NONE, KSCOPE_FLOW_RTSCTS, KSCOPE_FLOW_XONXOFF };

/// How a serial line is set; a `baud` of 0 leaves the speed as it is.
struct kscope_serial {
  unsigned baud;
  int dataBits;
  int parity;
  int stopBits;
  int flow;
};

/// Makes a terminal device a raw line without a controlling terminal's habits, and closes it to other users.
/// Returns 0 or an errno: EOPNOTSUPP when the device took the settings and did not keep them.
int kscope_serial_configure(int descriptor, const struct kscope_serial *wanted);

/// Sends a BREAK. Returns 0 or an errno.
int kscope_serial_break(int descriptor);

/// Opens a pseudo-terminal and writes the path of its other end to `name`. Returns a descriptor or -errno.
int kscope_open_pty(char *name, size_t size);

#endif
