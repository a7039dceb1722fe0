/* SPDX-License-Identifier: ISC
 *
 * fields: every span lies inside the line, and what sys/log escapes comes back
 * as it was, as one field, whatever a stranger put into it. */
#include "tests/fuzz/fuzz.h"

#include "pure/fields.h"
#include "sys/log.h"

enum { MOST = 900 }; /* log_escape() cuts longer ones */

static void
inside(struct span whole, struct span part)
{
	MUST(part.n == 0 ||
		(part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void
read_all(struct span line)
{
	static char plain[1 << 20];
	struct fields f;
	struct span key;
	struct span value;

	if (!fields_begin(&f, line))
		return;
	inside(line, f.before);
	inside(line, f.program);
	inside(line, f.event);
	while (fields_next(&f, &key, &value)) {
		struct buf out = BUF(plain);

		inside(line, key);
		inside(line, value);
		MUST(key.n);
		fields_plain(&out, value);
		MUST(out.over || out.len <= value.n);
	}
	MUST(f.rest.n == 0);
}

static void
round_trip(struct span octets)
{
	static char text[5 * MOST];
	static char plain[MOST + 1];
	struct buf line = BUF(text);
	struct buf back = BUF(plain);
	uint64_t number;
	struct fields f;
	struct span value;

	buf_str(&line, "refused command=");
	log_escape(&line, octets);
	buf_str(&line, " id=7");
	MUST(!line.over);
	MUST(fields_begin(&f, buf_text(&line)));
	MUST(f.program.n == 0 && span_eq(f.event, SPAN("refused")));
	MUST(fields_find(&f, SPAN("id"), &value));
	MUST(span_eq(value, SPAN("7")));
	MUST(fields_find(&f, SPAN("command"), &value));
	fields_plain(&back, value);
	MUST(!back.over && span_eq(buf_text(&back), octets));
	fields_text(&f, SPAN("command"), plain, sizeof plain);
	MUST(memcmp(plain, octets.p, octets.n) == 0);
	MUST(fields_number(&f, SPAN("id"), &number) == 0 && number == 7);
	MUST(fields_number(&f, SPAN("none"), &number) == -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);

	read_all(in);
	round_trip(span_head(in, MOST));
	return 0;
}
