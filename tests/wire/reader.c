/* SPDX-License-Identifier: ISC
 *
 * reader: what postern's own reader makes of a queue as it is found.
 *
 *	reader        each line of fd 0 is a world (POSTERN_HOME)
 *
 * Sweeps the queue of each, reads all messages of new/ and cur/ and says, a
 * line each and "." behind the last:
 *
 *	ROOM ID good MARKS    MARKS: a recipient's last journal mark, or "-"
 *	ROOM ID damaged WHY
 *	ROOM ID fault WHY */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "queue/spool.h"

enum { RECIPIENTS = 100 };

static struct spool spool;

static void
say_marks(const struct spool_file *f)
{
	char marks[RECIPIENTS + 1] = "";
	struct span rest = f->envelope;
	struct queue_record record;
	struct span value;
	char letter;
	size_t n = 0;

	while (queue_envelope_next(&rest, &letter, &value) == 1)
		if (letter == 'T' && n < RECIPIENTS)
			marks[n++] = '-';
	for (rest = f->journal; queue_record_next(&rest, f->seed, &record);)
		if (record.rcpt < n)
			marks[record.rcpt] = (char)record.mark;
	printf("good %s\n", marks);
}

static void
say(void *ctx, const char id[QUEUE_ID], int64_t due)
{
	struct spool_file f;
	int result = spool_load(&spool, id, due, &f);

	(void)ctx;
	printf("%s %.*s ", due ? "cur" : "new", QUEUE_ID, id);
	if (result == -2) {
		printf("damaged %s\n", f.why);
	} else if (result == -1) {
		printf("fault %s\n", strerror(errno));
	} else {
		say_marks(&f);
		spool_unload(&f);
	}
}

static int
read_world(const char *home)
{
	if (setenv("POSTERN_HOME", home, 1) == -1 || spool_open(&spool) == -1)
		return -1;
	if (spool_sweep(&spool) == -1 || spool_scan(&spool, say, NULL) == -1)
		return -1;
	spool_close(&spool);
	return puts(".") == EOF || fflush(stdout) == EOF ? -1 : 0;
}

int
main(void)
{
	char home[4096];

	while (fgets(home, sizeof home, stdin)) {
		home[strcspn(home, "\n")] = '\0';
		if (read_world(home) == -1) {
			perror(home);
			return 111;
		}
	}
	return 0;
}
