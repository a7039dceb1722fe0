/* SPDX-License-Identifier: ISC
 *
 * quota: a quota comes back as it is printed, an account for another one is
 * none, and what fits leaves the mailbox within its quota. */
#include "tests/fuzz/fuzz.h"

#include "pure/quota.h"

static void
round_trip(struct span text, struct quota *quota)
{
	char line[64];
	struct buf out = BUF(line);
	struct quota again;

	if (quota_parse(text, quota) == -1) {
		*quota = (struct quota){ 1000, 10 };
		return;
	}
	quota_print(&out, quota);
	MUST(!out.over);
	if (!out.len) {
		MUST(span_eq(text, SPAN("none")));
		return;
	}
	MUST(quota_parse(buf_text(&out), &again) == 0);
	MUST(again.octets == quota->octets &&
		again.messages == quota->messages);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct quota quota;
	struct quota_sum sum;
	uint64_t octets = 0;

	MUST(quota_name(in, &octets) <= 1);
	round_trip(span_head(in, span_find(in, '\n')), &quota);
	if (quota_read(in, &quota, &sum) == -1)
		return 0;
	MUST(sum.lines > 0);
	octets = n * 7;
	if (!quota_fits(&quota, &sum, octets))
		return 0;
	MUST(!quota.octets ||
		sum.octets + (int64_t)octets <= (int64_t)quota.octets ||
		sum.octets < 0);
	MUST(!quota.messages || sum.messages < (int64_t)quota.messages);
	return 0;
}
