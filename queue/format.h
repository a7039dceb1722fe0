/* SPDX-License-Identifier: ISC
 *
 * format: the layout of a queue file, without a system call. queue/README is
 * this header in words, with an example.
 *
 *	0      header: QUEUE_HEADER octets of text, written last
 *	128    message text as received, CRLF kept, `size` octets
 *	...    envelope: netstrings LEN:LETTER VALUE, (pure/envelope.h)
 *	...    journal: lines that were appended since
 *
 * The header is fixed-width text, so printing it again from the parsed
 * fields must give the same octets; a checksum (CRC-32C) over itself, one
 * over the message text and one over the envelope are in it. */
#ifndef QUEUE_FORMAT_H
#define QUEUE_FORMAT_H

#include "pure/buf.h"

enum {
	QUEUE_HEADER = 128,
	QUEUE_ID = 24, /* 11 of time, 13 of chance: base32hex, lower case */
	QUEUE_JOURNAL = 2048, /* octets of a journal line at most */
	QUEUE_WORD = 400,     /* octets of its status or its peer's name */
	QUEUE_TEXT = 1024,    /* octets of its text; more are left out */
	QUEUE_LENGTH = 4,     /* digits of an envelope record's length */
};

_Static_assert(QUEUE_JOURNAL > 2 * QUEUE_WORD + QUEUE_TEXT + 64,
	"a line with every field at its longest fits");

struct queue_header {
	uint64_t size;      /* octets of message text */
	uint64_t envelope;  /* octets of the envelope */
	int64_t arrival_us; /* microseconds since 1970 */
	uint32_t text_crc;
	uint32_t envelope_crc;
};

/* Writes exactly QUEUE_HEADER octets. */
void queue_header_print(char out[QUEUE_HEADER], const struct queue_header *h);

/* Returns 0, or -1 when the octets are not a header or its checksum differs. */
int queue_header_parse(const char in[QUEUE_HEADER], struct queue_header *h);

/* Prints an id: sortable by time, 64 bits of chance. Writes QUEUE_ID octets. */
void queue_id_print(char out[QUEUE_ID], int64_t time_us, uint64_t chance);

/* The time of an id, in microseconds since 1970. */
int64_t queue_id_time(const char id[QUEUE_ID]);

/* True when text is exactly an id. */
bool queue_id_valid(struct span text);

/* Appends an envelope record in its file form: LENGTH:LETTER VALUE, without
 * the space; LENGTH counts the letter. envelope_check has seen it. */
void queue_envelope_put(struct buf *out, char letter, struct span value);

/* Takes the next record off an envelope in its file form. Returns 1, 0 at its
 * end, -1 when it is damaged. Whether the record is a good one is for
 * envelope_check to say. */
int queue_envelope_next(struct span *rest, char *letter, struct span *value);

/* What the journal says of a recipient. A capital letter says that the sender
 * has still to be told; it counts while it is the recipient's last line. */
enum queue_mark {
	QUEUE_DELIVERED = 'd', /* the recipient is done */
	QUEUE_FAILED = 'f',    /* done: failed for good; the sender was told,
				* or asked not to be */
	QUEUE_LOST = 'x',      /* done: failed for good, and nobody was told */
	QUEUE_DEFERRED = 't',  /* an attempt that will be repeated */
	QUEUE_HELD = 'h',      /* an attempt that our own side spoilt */
	QUEUE_WARNED = 'w',    /* no attempt: the sender knows of the delay */
	/* the sender is to be told that ... */
	QUEUE_TELL_DELIVERED = 'D', /* ... it was delivered (done) */
	QUEUE_TELL_RELAYED = 'R',   /* ... it went where nobody will tell more
				     * (done) */
	QUEUE_TELL_FAILED = 'F',    /* ... it failed for good (not tried again;
				     * done when told) */
	QUEUE_TELL_DELAYED = 'W',   /* ... it is delayed (to be tried again) */
};

/* True for the capital letters. */
bool queue_mark_tells(enum queue_mark mark);

struct queue_record {
	enum queue_mark mark;
	int64_t time;  /* seconds since 1970 */
	uint64_t rcpt; /* index of the T record, from 0 */
	struct span status;
	struct span peer; /* "-" when there was none */
	struct span text;
};

/* Appends one journal line: CHECKSUM MARK TIME RCPT STATUS PEER TEXT. `seed`
 * is the header's own checksum, so that a line from another file never
 * counts. Bytes that are not printable ASCII become '?', text is cut at
 * QUEUE_TEXT, a status or peer that is empty or over QUEUE_WORD becomes "-".
 * A line that does not fit is left out whole and sets out->over. */
void queue_record_print(
	struct buf *out, uint32_t seed, const struct queue_record *record);

/* Takes the next line off a journal. Returns 1, or 0 at the end and at the
 * first line that is torn or does not check: what follows it does not count,
 * and the next writer writes over it. */
int queue_record_next(
	struct span *rest, uint32_t seed, struct queue_record *record);

/* The checksum a header carries over itself. */
uint32_t queue_header_seed(const char header[QUEUE_HEADER]);

#endif
