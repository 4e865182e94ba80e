/* link: what keeper, manager and logger say to each other. Fixed-size frames with descriptors over
 * SOCK_SEQPACKET socketpairs; no text except a log's name. Linked into the keeper: libc only,
 * allocates nothing.
 *
 * keeper <-> manager: one pair, made by the keeper for each manager it starts (by the manager when
 * it starts a keeper). manager <-> logger: one pair; the keeper keeps both ends (never reads them),
 * so neither loses what the other said while it was dead.
 *
 * Numbers: a child has a number of ours, never used twice on one boot (the manager gives them, from
 * the wall clock's nanoseconds upwards, so that they survive any death). A held descriptor has a
 * key: service number << 16 | kind.
 *
 * Must never: carry a pointer, depend on the order of fields between two builds without raising
 * LINK_VERSION. */
#pragma once
#include "base/fd.h"
#include <stdint.h>
#include "launch/launch.h"

enum { LINK_VERSION = 2 };

/* what a held descriptor is: the low 16 bits of its key */
enum held_kind {
	HELD_LOG = 0,
	HELD_LOG_ERROR = 1,
	HELD_NOTIFY = 2,
	HELD_STORE = 256 /* + place in the store */
};
#define HELD_KEY(service, kind) ((uint64_t)(service) << 16 | (unsigned)(kind))
#define HELD_SERVICE(key) ((key) >> 16)
#define HELD_KIND(key) ((unsigned)((key)&0xffff))

enum frame_kind {
	/* manager -> keeper */
	FRAME_HELLO = 1, /* LINK_VERSION in value; the keeper answers with HELLO (its pid, its own
			    version), then the whole LIST */
	FRAME_LAUNCH,    /* number; flags; descriptors: plan, error pipe's write end, its read end,
			    [cgroup directory], [passed ...] */
	FRAME_FORGET,    /* number: its end has been recorded, the slot is free */
	FRAME_EXECED,    /* number: the error pipe's read end may be closed */
	FRAME_HOLD,      /* number is a key; one descriptor; replaces */
	FRAME_DROP,      /* number is a key */
	FRAME_DROP_ALL,  /* number is a service: every key of it */
	FRAME_LIST, /* send CHILD and EXITED for every slot, HELD with its descriptor for every key,
		       then LIST_END with the same value (0 for that of HELLO) */
	FRAME_ADOPT_LOGGER, /* value: pid; descriptor: pidfd: this logger is alive already, start
			       another when it dies. value 0, no descriptor: none is alive, start
			       one. A manager that starts a keeper puts HELLO and this into the
			       socket before it forks: from then on the keeper needs nobody */
	FRAME_UPGRADE, /* descriptor: the new executable; answered by UPGRADED or the new keeper's
			  HELLO */
	FRAME_END,     /* end the logger (closing its socket), then yourself; nothing is kept */
	/* keeper -> manager */
	FRAME_CHILD,   /* number, pid, time: started; flags and descriptors by child_flag: answer to
			  LAUNCH and LIST */
	FRAME_REFUSED, /* number, error: LAUNCH could not fork (EAGAIN ...) or has no slot (ENOSPC)
			  or no descriptor (EMFILE) */
	FRAME_EXITED,  /* number, pid, exit: repeated by LIST until FORGET */
	FRAME_HELD,    /* key, descriptor */
	FRAME_NOT_HELD, /* key, error: HOLD could not be done (no descriptor left) */
	FRAME_LIST_END,
	FRAME_LOGGER,    /* value: pid of the logger, whenever it is another; [descriptor: pidfd] */
	FRAME_UPGRADED,  /* error 0: the keeper runs the new executable; the manager passes it
			    on and ends, another is started; so is the logger. Else it refused:
			    ENOEXEC wrong file, EPROTO its table differs (the old keeper goes on
			    with new manager and logger), EPROTONOSUPPORT its frames
			    differ (all stays old) */
	FRAME_ASKED_END, /* the keeper got SIGTERM: stop everything in order, then send END. After
			    LIST_END to every new manager too */
	/* manager -> logger */
	FRAME_STREAM = 64,   /* number is a key; text: directory below the log root; limits; value,
				time, pid: the run that goes on and its beginning (0: none);
				descriptor: read end of the pipe; again: new limits */
	FRAME_STREAMS_GIVEN, /* value: of the WANTED that is answered by it: it has all of them */
	FRAME_CLOSE, /* key, value: read what is there, let go; answered by CLOSED, same value */
	FRAME_MARK, /* key; mark (store's kind), time. A START of the run that was marked last tells
		       its pid, which was not known then */
	FRAME_DRAIN,  /* key, value: read everything that is in the pipe now, then answer DRAINED
			 with the same value */
	FRAME_GIVE,   /* send STREAM_HELD for every stream, then STREAMS_END (net 2) */
	FRAME_CARE,   /* value: an id; care: what to do with the log of that name, "" for all of
			 them; answered by CARED */
	FRAME_LIMITS, /* limits: of all logs together */
	/* logger -> manager */
	FRAME_STREAMS_WANTED, /* value: an id: it has just begun and knows no stream */
	FRAME_CLOSED,
	FRAME_DRAINED,
	FRAME_STREAM_HELD, /* key, descriptor */
	FRAME_STREAMS_END,
	FRAME_LOG_TROUBLE, /* key, error: a log can't be written (ENOSPC ...): bytes dropped in
			      `value` so far; 0: it works again */
	FRAME_CARED,       /* value: the id; number: bytes that were removed; error */
};

enum child_flag {                      /* which descriptors came, in this order */
		  CHILD_PIDFD = 1,     /* not of a child that has ended, nor when the keeper has no
					  descriptor left */
		  CHILD_ERROR_PIPE = 2 /* until EXECED */
};
enum stream_flag {
	STREAM_NOTHING = 1,  /* what comes is counted and dropped; max_size does not matter */
	STREAM_COMPRESS = 2, /* closed segments are packed */
	STREAM_BLOCK = 4,    /* nothing is dropped while it cannot be written */
};
enum care_flag {
	CARE_FLUSH = 1,       /* what is in the pipes goes into the file first */
	CARE_ROTATE = 2,      /* the open segment is closed, unless it is empty */
	CARE_VACUUM_SIZE = 4, /* closed segments go until at most max_size is left */
	CARE_VACUUM_TIME = 8, /* closed segments whose last line is before `before` go */
	CARE_COMPRESS = 16    /* what is closed by this is packed (a stream says that itself) */
};
enum mark_where {
	MARK_BEHIND_PIPE, /* behind what is in the pipe when the mark is read */
	MARK_HERE,        /* nothing in the pipe belongs before it; so does every START */
	MARK_AT /* behind byte `end`, counted from the start of the segment with inode `file` (0:
		   of the first one, that was not there yet), on into the next ones */
};
enum launch_flag {
	LAUNCH_CGROUP = 1 /* the 4th descriptor is a cgroup directory: CLONE_INTO_CGROUP */
};

struct frame_exit {
	int32_t code;   /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: not known */
	int32_t status; /* exit code or signal */
	struct launch_failure failure;
	int64_t at; /* monotonic */
	int64_t cpu_user_us, cpu_system_us, peak_kib;
};

struct frame {
	uint32_t kind;
	uint32_t flags;
	uint64_t number; /* child's number, or key */
	int32_t pid;
	int32_t error; /* positive errno */
	int64_t value;
	int64_t time;
	union {
		struct frame_exit exit;
		struct {
			char name[208];
			uint64_t max_size, segment_size; /* 0: no limit */
			int64_t keep;                    /* ns, 0: no limit */
			uint32_t flags, gid;             /* enum stream_flag */
			bool group;                      /* gid may read */
			char forward[511]; /* addresses with spaces between them; "": none */
		} stream;
		struct {
			char name[208];
			uint64_t max_size;
			int64_t before; /* wall */
			uint32_t flags; /* enum care_flag */
		} care;
		struct {
			uint64_t total_size, reserve; /* UINT64_MAX: no limit; 0: none */
			int64_t keep; /* of logs that no stream writes to; 0: no limit */
		} limits;
		struct {
			uint32_t kind, where; /* enum mark_where */
			uint64_t value;
			uint64_t extra;
			uint64_t file, end;
		} mark;
	};
};

/* -EAGAIN: the socket is full, keep it and try on EPOLLOUT. fds are dup'ed by the kernel, the
 * caller's stay the caller's */
int link_send(int socket, const struct frame *frame, const int *fds, size_t count);
/* 1: a frame; 0: the other side is gone; -EAGAIN; -EBADMSG: not a frame. At most FD_PASS_MAX
 * descriptors into ret_fds */
int link_receive(int socket, struct frame *ret_frame, int *ret_fds, size_t *ret_count,
		 bool *ret_cut);
bool frame_is_sound(const struct frame *frame, size_t size,
		    size_t fds); /* kind known, text ends, right number of descriptors */
const char *frame_name(uint32_t kind);

/* The descriptors a role of tendd is born with, by fixed number: */
enum role_fd {
	ROLE_FD_LINK = 3, /* keeper's or manager's end of the keeper link */
	ROLE_FD_LOGGER, /* manager: its end of the logger pair; logger: its own end; keeper started
			   by a manager: the manager's end */
	ROLE_FD_LOCK, /* run/lock, flock'ed: free only when keeper, manager and logger are all gone
		       */
	ROLE_FD_LISTEN,     /* the listening socket (keeper, manager) */
	ROLE_FD_EXECUTABLE, /* O_PATH of tendd */
	ROLE_FD_TABLE,      /* keeper after an upgrade: its table */
	ROLE_FD_LOGGER_END, /* logger's end: of a keeper started by a manager, and of a manager
			       (never read there; kept for net 2) */
	ROLE_FD_NEXT,       /* keeper: the executable that it is about to become */
	ROLE_FD_COUNT
};
