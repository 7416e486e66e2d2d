#define _GNU_SOURCE
#include "CSystem.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

// termios2 takes any speed; the C library's termios only those that have names.
static void makeRaw(struct termios2 *settings) {
  settings->c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF | IXANY | INPCK);
  settings->c_oflag &= ~OPOST;
  settings->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  settings->c_cflag |= CLOCAL | CREAD;
  settings->c_cc[VMIN] = 1;
  settings->c_cc[VTIME] = 0;
}

static void setFrame(struct termios2 *settings, const struct kscope_serial *wanted) {
  static const tcflag_t sizes[] = {CS5, CS6, CS7, CS8};
  settings->c_cflag &= ~(CSIZE | PARENB | PARODD | CMSPAR | CSTOPB | CRTSCTS);
  settings->c_cflag |= sizes[wanted->dataBits >= 5 && wanted->dataBits <= 8 ? wanted->dataBits - 5 : 3];
  if (wanted->parity != KSCOPE_PARITY_NONE) settings->c_cflag |= PARENB;
  if (wanted->parity == KSCOPE_PARITY_ODD || wanted->parity == KSCOPE_PARITY_MARK) settings->c_cflag |= PARODD;
  if (wanted->parity == KSCOPE_PARITY_MARK || wanted->parity == KSCOPE_PARITY_SPACE) settings->c_cflag |= CMSPAR;
  if (wanted->stopBits == 2) settings->c_cflag |= CSTOPB;
  if (wanted->flow == KSCOPE_FLOW_RTSCTS) settings->c_cflag |= CRTSCTS;
  if (wanted->flow == KSCOPE_FLOW_XONXOFF) settings->c_iflag |= IXON | IXOFF;
}

static void setSpeed(struct termios2 *settings, unsigned baud) {
  if (baud == 0) return;
  settings->c_cflag &= ~(CBAUD | (CBAUD << IBSHIFT));
  settings->c_cflag |= BOTHER | (BOTHER << IBSHIFT);
  settings->c_ispeed = baud;
  settings->c_ospeed = baud;
}

int kscope_serial_configure(int descriptor, const struct kscope_serial *wanted) {
  struct termios2 settings;
  if (ioctl(descriptor, TCGETS2, &settings) != 0) return errno;
  makeRaw(&settings);
  setFrame(&settings, wanted);
  setSpeed(&settings, wanted->baud);
  if (ioctl(descriptor, TCSETS2, &settings) != 0) return errno;
  // A driver takes what it can do and says nothing about the rest.
  struct termios2 actual;
  if (ioctl(descriptor, TCGETS2, &actual) != 0) return errno;
  tcflag_t frame = CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS;
  if (((actual.c_cflag ^ settings.c_cflag) & frame) != 0) return EOPNOTSUPP;
  unsigned apart = actual.c_ospeed > wanted->baud ? actual.c_ospeed - wanted->baud : wanted->baud - actual.c_ospeed;
  if (wanted->baud != 0 && apart > wanted->baud / 33) return EOPNOTSUPP;
  ioctl(descriptor, TIOCEXCL);
  return 0;
}

int kscope_serial_break(int descriptor) {
  // Linux: a zero argument sends the break for a quarter of a second.
  return ioctl(descriptor, TCSBRK, 0) == 0 ? 0 : errno;
}

int kscope_open_pty(char *name, size_t size) {
  int descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  if (grantpt(descriptor) == 0 && unlockpt(descriptor) == 0 && ptsname_r(descriptor, name, size) == 0) return descriptor;
  int error = errno;
  close(descriptor);
  return -error;
}
