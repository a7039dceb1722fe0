/* SPDX-License-Identifier: ISC
 *
 * store: make one queue file durably. Used by postern-queue alone. */
#ifndef QUEUE_STORE_H
#define QUEUE_STORE_H

#include "pure/envelope.h"
#include "queue/format.h"

/* Exit codes of postern-queue: qmail-queue's. */
enum queue_exit {
	QUEUE_ACCEPTED = 0,
	QUEUE_ADDRESS_LONG = 11, /* permanent: an envelope value too long */
	QUEUE_REFUSED = 31,	 /* permanent: a filter says no; an envelope no reader would take */
	QUEUE_MEMORY = 51,
	QUEUE_TIMEOUT = 52,
	QUEUE_WRITE = 53, /* disk full, no inodes, I/O error */
	QUEUE_READ = 54,  /* message or envelope could not be read to its end */
	QUEUE_CONFIG = 55, /* a control file is wrong */
	QUEUE_NETWORK = 56,
	QUEUE_HOME = 61,  /* the queue directory cannot be entered */
	QUEUE_DIRS = 62,  /* its directories are missing or not writable */
	QUEUE_FILES = 63, /* the file cannot be made */
	QUEUE_CRASHED = 81,
	QUEUE_FORMAT = 91, /* the envelope is not one */
};

/* Reads the message from text_fd and the envelope from envelope_fd and makes
 * them one durable file in new/ of the queue directory of this world.
 * `dir_order` selects write, fsync file, publish, fsync directory; otherwise
 * publish, fsync file. `reserve` is the free space in octets below which
 * nothing is taken. The id goes to id_out. Anything but QUEUE_ACCEPTED means
 * that nothing is left behind. */
enum queue_exit store_message(int text_fd, int envelope_fd, bool dir_order,
	uint64_t reserve, char id_out[QUEUE_ID]);

#endif
