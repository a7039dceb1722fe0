/* SPDX-License-Identifier: ISC
 *
 * envelope: an envelope is accepted only when its letters stand as the
 * contract says (here a regular expression) and its values are clean; what is
 * accepted is written as the octets it was read from. */
#include <regex.h>

#include "tests/fuzz/fuzz.h"

#include "pure/envelope.h"
#include "pure/limits.h"

enum { MOST = 4096 };

/* One letter for each record. */
static bool
in_order(const char *letters)
{
	static regex_t order;
	static regex_t twice;
	static bool ready;

	if (!ready) {
		MUST(regcomp(&order, "^F[BUERQPCHA]*(T(N|O|NO|ON)?)*$",
			     REG_EXTENDED | REG_NOSUB) == 0);
		MUST(regcomp(&twice, "([BUERQPCHA]).*\\1", REG_EXTENDED) == 0);
		ready = true;
	}
	return regexec(&order, letters, 0, NULL, 0) == 0 &&
	       regexec(&twice, letters, 0, NULL, 0) != 0;
}

static bool
has_byte(struct span value, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_find(value, bytes[i]) < value.n)
			return true;
	return false;
}

/* Takes "Xvalue;" off the input: a NUL may then stand inside a value. */
static bool
next(struct span *in, char *letter, struct span *value)
{
	if (in->n == 0)
		return false;
	*letter = in->p[0];
	*in = span_from(*in, 1);
	*value = span_head(*in, span_find(*in, '\t'));
	*in = span_from(*in, value->n + 1);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char letters[MOST + 2];
	static char written[2 * MOST];
	struct span in = span_head(fuzz_input(data, n), MOST);
	struct buf out = BUF(written);
	struct envelope_state state = { 0 };
	size_t count = 0;
	char letter;
	struct span value;

	while (next(&in, &letter, &value)) {
		enum envelope_verdict verdict =
			envelope_check(&state, letter, value);

		MUST(strlen(envelope_why(verdict)) > 0);
		MUST((verdict == ENVELOPE_BYTES) ==
			has_byte(value, "\0\r\n", 3));
		if (verdict == ENVELOPE_BYTES)
			return 0;
		letters[count++] = letter ? letter : '?';
		letters[count] = '\0';
		if (verdict == ENVELOPE_ORDER)
			MUST(!in_order(letters));
		if (verdict != ENVELOPE_OK)
			return 0;
		MUST(value.n <= LIMIT_RECORD - 2);
		MUST(in_order(letters));
		envelope_put(&out, letter, value);
		MUST(!out.over && out.len == state.bytes);
		MUST(out.p[out.len - 1] == '\0');
	}
	MUST((envelope_end(&state) == ENVELOPE_OK) ==
		(count && strchr(letters, 'T')));
	return 0;
}
