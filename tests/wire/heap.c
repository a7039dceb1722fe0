/* SPDX-License-Identifier: ISC
 *
 * heap: writes COUNT messages into the queue of POSTERN_HOME, whose rooms are
 * there, quicker than any writer that has to keep a promise: nothing is synced,
 * and each takes three system calls. For tests of large queues.
 *
 *	heap [-d SECONDS [-s SPREAD]] COUNT RCPT
 *
 * "%" in RCPT stands for the number of the message. With -d they were tried
 * before and lie in cur/, due so many seconds from now (less than none: long
 * ago), spread over SPREAD seconds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "pure/crc.h"
#include "queue/room.h"
#include "sys/clock.h"
#include "sys/home.h"

enum { TEXT = 512 };

static char text[TEXT];
static int64_t now_us;

static void
make_text(void)
{
	memset(text, 'x', sizeof text);
	memcpy(text, "Subject: one of many\r\n\r\n", 24);
	for (size_t i = 24 + 70; i < sizeof text; i += 72)
		memcpy(text + i, "\r\n", 2);
	memcpy(text + sizeof text - 2, "\r\n", 2);
}

static struct span
recipient(struct buf *out, const char *pattern, uint64_t number)
{
	for (; *pattern; pattern++)
		if (*pattern == '%')
			buf_number(out, number);
		else
			buf_char(out, *pattern);
	return buf_text(out);
}

/* The whole file, as queue/README has it. */
static struct span
compose(struct buf *file, const char *pattern, uint64_t number)
{
	char name[256];
	char records[512];
	char head[QUEUE_HEADER];
	struct buf rcpt = BUF(name);
	struct buf envelope = BUF(records);
	struct queue_header header = { .size = TEXT, .arrival_us = now_us };

	queue_envelope_put(&envelope, 'F', SPAN("tester@example.net"));
	queue_envelope_put(&envelope, 'T', recipient(&rcpt, pattern, number));
	header.envelope = envelope.len;
	header.text_crc = crc32c(0, (struct span){ text, TEXT });
	header.envelope_crc = crc32c(0, buf_text(&envelope));
	queue_header_print(head, &header);
	buf_span(file, (struct span){ head, sizeof head });
	buf_span(file, (struct span){ text, TEXT });
	buf_span(file, buf_text(&envelope));
	return buf_text(file);
}

static int
write_file(const char *path, struct span whole)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);

	if (fd == -1 || write(fd, whole.p, whole.n) != (ssize_t)whole.n)
		return -1;
	return close(fd);
}

static int
make_one(const char *pattern, uint64_t number, int64_t due)
{
	char octets[QUEUE_HEADER + TEXT + 512];
	char id[QUEUE_ID];
	struct buf file = BUF(octets);
	struct room_path path;
	uint64_t chance;

	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		return -1;
	queue_id_print(id, now_us + (int64_t)number, chance);
	return write_file(
		room_path(&path, id, due), compose(&file, pattern, number));
}

int
main(int argc, char **argv)
{
	char queue[LIMIT_PATH];
	int64_t due = SPOOL_NEW;
	int64_t spread = 0;
	uint64_t count = 0;
	int c;

	make_text();
	now_us = clock_wall_us();
	while ((c = getopt(argc, argv, "d:s:")) != -1)
		if (c == 'd')
			due = now_us / 1000000 + atoll(optarg);
		else if (c == 's')
			spread = atoll(optarg);
		else
			return 100;
	if (optind + 2 != argc || span_number(span_of(argv[optind]), &count))
		return 100;
	if (!home_queue(queue) || chdir(queue) == -1)
		return 111;
	for (uint64_t i = 0; i < count; i++)
		if (make_one(argv[optind + 1], i,
			    spread ? due + (int64_t)i % spread : due) == -1) {
			perror("heap");
			return 111;
		}
	return 0;
}
