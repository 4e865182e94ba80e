/* limits: every maximum in one place, with the reason where it is not plain. */
#pragma once

enum {
	LIMIT_NAME = 200, /* bytes of a unit's name: it becomes a file name with additions */
	LIMIT_UNIT_FILE = 1 << 20,    /* a unit file */
	LIMIT_LINE = 1 << 16,         /* a logical line of a unit file */
	LIMIT_LEDGER = 1 << 16,       /* one unit's ledger */
	LIMIT_ENVIRONMENT = 4 << 20,  /* an environment file; execve refuses more than 6 MiB */
	LIMIT_MESSAGE = 8 << 20,      /* a request on the wire: an environment must fit */
	LIMIT_REQUESTS = 32 << 20,    /* requests that are not whole yet, of all clients */
	LIMIT_REPLY_QUEUE = 64 << 20, /* replies that clients have not read, of all of them */
	LIMIT_CLIENTS = 256,          /* connections at one time, in all */
	LIMIT_CLIENTS_OF_USER = 64,   /* and of one uid that is not ours */
	LIMIT_PLAN = 8 << 20,         /* a packed plan */
	LIMIT_CHILDREN = 32768, /* the keeper's table: two for each of 10,000 units, and room */
	LIMIT_HELD = 32768,     /* descriptors the keeper holds */
	LIMIT_NOTIFY = 4096,    /* one sd_notify datagram */
	LIMIT_FDSTORE = 512,    /* descriptors of one unit's store */
	LIMIT_UNITS = 65536,
	LIMIT_INSTANCES = 20000, /* of one template */
	LIMIT_RUNS = 20,         /* ended runs remembered per unit */
};
