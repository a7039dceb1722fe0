/* SPDX-License-Identifier: ISC
 *
 * inject: puts COUNT messages into the queue of POSTERN_HOME, with the
 * recipients given; "%" in one stands for the number of the message. What
 * many starts of postern-queue would do, faster.
 *
 *	inject [-a SECONDS] [-f SENDER] COUNT RCPT...
 *
 * -f: the sender, instead of tester@example.net; "%" as above.
 * -a: as if the messages had come so many seconds later than now, or, when
 * negative, earlier. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "queue/store.h"
#include "sys/child.h"

static const char message[] = "Subject: a test\r\n\r\nline\r\n";

static void
put(int fd, const void *from, size_t n)
{
	if (write(fd, from, n) != (ssize_t)n)
		exit(111);
}

static const char *sender = "tester@example.net";

static void
put_record(int fd, const char *letter, const char *rcpt, int number)
{
	char digits[16];
	int n = snprintf(digits, sizeof digits, "%d", number);

	put(fd, letter, 1);
	for (; *rcpt; rcpt++)
		if (*rcpt == '%')
			put(fd, digits, (size_t)n);
		else
			put(fd, rcpt, 1);
	put(fd, "", 1);
}

/* Writes another time of arrival into the header, and its checksum. */
static int
shift(const char id[QUEUE_ID], int64_t seconds)
{
	char path[sizeof "new/" + QUEUE_ID] = "new/";
	char text[QUEUE_HEADER];
	struct queue_header header;
	int fd;

	memcpy(path + 4, id, QUEUE_ID);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd == -1 || pread(fd, text, sizeof text, 0) != QUEUE_HEADER ||
		queue_header_parse(text, &header) == -1)
		return 111;
	header.arrival_us += seconds * 1000000;
	queue_header_print(text, &header);
	if (pwrite(fd, text, sizeof text, 0) != QUEUE_HEADER)
		return 111;
	return close(fd) == 0 ? 0 : 111;
}

static int
inject(int number, char **rcpts, int64_t seconds)
{
	static const struct store_wish wish = { .deadline = INT64_MAX };
	struct store_result result;
	int text = memfd_create("text", MFD_CLOEXEC);
	int envelope = memfd_create("envelope", MFD_CLOEXEC);
	int code;

	if (text == -1 || envelope == -1)
		return 111;
	put(text, message, sizeof message - 1);
	put_record(envelope, "F", sender, number);
	while (*rcpts)
		put_record(envelope, "T", *rcpts++, number);
	put(envelope, "", 1);
	lseek(text, 0, SEEK_SET);
	lseek(envelope, 0, SEEK_SET);
	code = (int)store_message(text, envelope, &wish, &result);
	close(text);
	close(envelope);
	return code == 0 && seconds ? shift(result.id, seconds) : code;
}

/* A process stores one message, as postern-queue does. */
static int
inject_apart(int number, char **rcpts, int64_t seconds)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(inject(number, rcpts, seconds));
	return pid == -1 ? 111 : child_wait(pid);
}

int
main(int argc, char **argv)
{
	int64_t seconds = 0;
	int count;
	int code;
	int c;

	while ((c = getopt(argc, argv, "+a:f:")) != -1)
		if (c == 'a')
			seconds = atoll(optarg);
		else if (c == 'f')
			sender = optarg;
		else
			return 100;
	argv += optind;
	count = argv[0] && argv[1] ? atoi(argv[0]) : 0;
	code = count > 0 ? 0 : 100;
	for (int i = 0; i < count && code == 0; i++)
		code = inject_apart(i, argv + 1, seconds);
	return code;
}
