/* fd: descriptors. -1 is none; all are close-on-exec from birth and never 0 to 2. A struct that
 * holds one owns it. Linked into the keeper: libc calls only, no allocation. Mechanism: 0 (or a
 * descriptor) or negative errno. */
#pragma once
#include "base/attr.h"
#include <sys/types.h>

#define autoclose __attribute__((cleanup(fd_cleanup)))

bool fd_is_open(int fd); /* fd >= 0 */
int fd_close(int fd);    /* accepts -1, keeps errno, returns -1: x = fd_close(x) */
void fd_cleanup(int *fd);
int fd_take(int *fd); /* the descriptor; *fd becomes -1 */
/* moved above 2 and close-on-exec; -errno closes it. -1 gives -errno, so fd_raise(open(...)) is
 * whole */
int fd_raise(int take_fd);
int fd_dup(int fd); /* close-on-exec, above 2 */
int fd_set_blocking(int fd, bool blocking);
int fd_set_inherited(int fd, bool inherited); /* true: survives exec */
int fd_pair(int type, int ret_pair[2]);       /* AF_UNIX socketpair, close-on-exec, non-blocking */
int fd_pipe(int ret_pair[2]);                 /* close-on-exec, blocking */
int fd_memfd(const char *name);               /* sealable */
int fd_seal(int fd);
/* all of it or -errno; short only at end of file (read) */
int fd_write_all(int fd, const void *bytes, size_t n);
ssize_t fd_read_all(int fd, void *bytes, size_t n);
/* one datagram with up to FD_PASS_MAX descriptors; -EAGAIN when it would block */
enum { FD_PASS_MAX = 16 };
int fd_send(int socket, const void *bytes, size_t n, const int *fds, size_t count);
/* bytes received (0: end of file) or -errno (-EMSGSIZE: it was larger than n); received descriptors
 * are close-on-exec and above 2; those that do not fit in `max` are closed; *ret_cut tells that the
 * kernel could not give all (our limit is reached) */
ssize_t fd_receive(int socket, void *bytes, size_t n, int *ret_fds, size_t max, size_t *ret_count,
		   bool *ret_cut);
int fd_pidfd(pid_t pid); /* pidfd_open */
/* executes the program that fd is open on; returns negative errno when it could not */
int fd_execute(int fd, char *const *argv, char *const *environment);
int fd_pidfd_signal(int pidfd, int signal);
bool fd_pidfd_dead(int pidfd); /* poll(0): has it ended (zombies too)? */
