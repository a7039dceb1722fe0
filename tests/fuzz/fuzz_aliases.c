/* SPDX-License-Identifier: ISC
 *
 * aliases: a line that is taken has a name and targets that lie in it, and
 * each of its targets is taken alone as well; nothing that sounds like a file
 * or a program is. */
#include "fuzz.h"

#include "control/rewrite.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct span key;
	struct span targets;
	char text[LIMIT_CONTROL_LINE + 2];
	struct buf again = BUF(text);

	if (n == 0 || n > LIMIT_CONTROL_LINE)
		return 0;
	if (rewrite_alias(in, &key, &targets))
		return 0;
	MUST(key.n && targets.n && key.p >= in.p);
	MUST(key.p + key.n < targets.p);
	MUST(targets.p + targets.n <= in.p + in.n);
	MUST(targets.p[0] != '/' && targets.p[0] != '|' &&
		targets.p[0] != '\\' && targets.p[0] != ':');
	buf_str(&again, "x:");
	buf_span(&again, targets);
	if (!again.over)
		MUST(!rewrite_alias(buf_text(&again), &key, &targets));
	return 0;
}
