/* SPDX-License-Identifier: ISC
 *
 * Job and answer packets: what is accepted prints as the same bytes. */
#include <stdlib.h>

#include "pure/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(const struct buf *printed, struct span packet)
{
	if (printed->over || !span_eq(buf_text(printed), packet))
		abort();
}

static void
try_answers(struct span packet)
{
	static char again[JOB_ANSWER];
	struct buf out = BUF(again);
	struct span rest = packet;
	struct job_answer answer;

	while (job_answer_parse(&rest, &answer) == 1) {
		job_answer_print(&out, &answer);
		same(&out, span_head(packet, packet.n - rest.n));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char again[JOB_PACKET];
	static struct job job;
	struct buf out = BUF(again);
	struct span packet = { (const char *)data, size };

	if (size > JOB_ANSWER)
		return -1;
	if (job_parse(packet, &job) == 0) {
		job_print(&out, &job);
		same(&out, packet);
	}
	try_answers(packet);
	return 0;
}
