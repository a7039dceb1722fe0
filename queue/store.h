/* SPDX-License-Identifier: ISC
 *
 * store: make one queue file durably. Used by postern-queue alone. */
#ifndef QUEUE_STORE_H
#define QUEUE_STORE_H

#include "control/control.h"
#include "pure/envelope.h"
#include "queue/format.h"

/* Exit codes of postern-queue: qmail-queue's. */
enum queue_exit {
	QUEUE_ACCEPTED = 0,
	QUEUE_ADDRESS_LONG = 11, /* permanent: an envelope value too long */
	QUEUE_REFUSED = 31,      /* permanent: a filter says no; an envelope no
				  * reader would take */
	QUEUE_MEMORY = 51,
	QUEUE_TIMEOUT = 52,
	QUEUE_WRITE = 53,  /* disk full, no inodes, I/O error */
	QUEUE_READ = 54,   /* message or envelope not read to its end */
	QUEUE_CONFIG = 55, /* a control file is wrong */
	QUEUE_NETWORK = 56,
	QUEUE_HOME = 61,  /* the queue directory cannot be entered */
	QUEUE_DIRS = 62,  /* its directories are missing or not writable */
	QUEUE_FILES = 63, /* the file cannot be made */
	QUEUE_CRASHED = 81,
	QUEUE_FORMAT = 91, /* the envelope is not one */
};

/* In which order a message becomes durable (queue/README). */
enum store_order {
	STORE_KNOWN, /* the file order where the file system is known to keep
		      * the promise with it, else the directory order */
	STORE_DIR,   /* fsync the file, publish, fsync the directory */
	STORE_FILE,  /* publish, fsync the file */
};

/* Reads control/sync. Returns 0, or -1 with the control error set. */
int store_order_read(struct control *c, enum store_order *order);

/* True for a file system (statfs(2), f_type) that STORE_KNOWN knows. */
bool store_fs_known(uint32_t type);

/* How a message is to be stored. */
struct store_wish {
	enum store_order order;
	/* octets of free space below which nothing is taken; 0: no check */
	uint64_t reserve;
	/* the id its maker chose, valid; empty: one is made here */
	struct span id;
	/* on the monotonic clock: when the producer has been too slow */
	int64_t deadline;
};

/* What came of it. */
struct store_result {
	char id[QUEUE_ID];
	uint64_t size; /* octets of message text */
	uint64_t recipients;
	const char *what; /* on failure: what could not be done */
	int error;        /* and its errno, or 0 */
};

/* Reads the message from text_fd to its end, then the envelope from
 * envelope_fd to its final NUL, and makes them one durable file in new/ of
 * the queue directory of this world, which becomes the working directory.
 * Takes the umask away. Anything but QUEUE_ACCEPTED means that nothing is left
 * behind. */
enum queue_exit store_message(int text_fd, int envelope_fd,
	const struct store_wish *wish, struct store_result *result);

#endif
