/* logfile-rotate: the inside of rotation that opening needs too. */
#pragma once

/* finishes a rotation that a killed logger has left half-way: `current` has its final name already,
 * its index has not */
int logfile_rotate_recover(int dirfd);
/* closes the open segment of a log that nobody writes to; -ENOENT: there is none */
int logfile_rotate_idle(int dirfd);
