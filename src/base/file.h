/* file: whole files, bounded, and replacement by rename. No temporary is left behind. */
#pragma once
#include "base/attr.h"
#include <sys/socket.h>
#include <sys/types.h>

/* regular files only (-EINVAL else, a FIFO never blocks), at most `max` bytes (-EFBIG);
 * NUL-terminated, owned */
int file_read(int dirfd, const char *path, size_t max, char **ret_text, size_t *ret_length);
/* for /proc and /sys: size is not known beforehand, any kind of file */
int file_read_proc(int dirfd, const char *path, size_t max, char **ret_text, size_t *ret_length);
/* writes beside it and renames; `sync` forces it to disk first. Mode as given, umask ignored */
int file_replace(int dirfd, const char *path, const void *bytes, size_t n, mode_t mode, bool sync);
/* removes the temporaries that a killed file_replace left in this directory (names starting with
 * ".new-") */
int file_sweep(int dirfd);
/* all of the path's directories, mode for new ones (the umask applies); 0 also when they are there
 */
int file_make_dirs(const char *path, mode_t mode);
/* a directory of ours alone: created 0700 or found as one of `uid`'s with no bits for others, never
 * a symlink; an open descriptor or -errno (-EPERM when somebody else's, -EACCES when ours but open
 * to others) */
int file_open_private_dir(const char *path, uid_t uid);
/* removes a file, or a directory and what is below, never following symlinks nor emptying what is
 * mounted there (-EBUSY); 0 also when it is not there */
int file_remove_tree(int dirfd, const char *name);
/* opens the Unix socket address `path` of any length: fills what connect/bind need, going through
 * /proc/self/fd when it does not fit; *ret_fd is -1 or a descriptor to keep open meanwhile */
struct sockaddr_un;
int file_socket_address(const char *path, struct sockaddr_un *ret_address, socklen_t *ret_length,
			int *ret_fd);
