/* SPDX-License-Identifier: ISC
 *
 * sni: a name that is read is in lower case, fit for a file's name, and is
 * read again as the same. */
#include "tests/fuzz/fuzz.h"

#include "pure/ascii.h"
#include "pure/sni.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char text[LIMIT_DOMAIN];
	char again[LIMIT_DOMAIN];
	struct buf name = BUF(text);
	struct buf filed = BUF(again);

	if (sni_parse(fuzz_input(data, n), &name) == -1) {
		MUST(name.len == 0);
		return 0;
	}
	MUST(name.len > 0 && !name.over);
	for (size_t i = 0; i < name.len; i++)
		MUST(ascii_visible(text[i]) && text[i] != '/' &&
			text[i] == ascii_lower(text[i]));
	MUST(text[0] != '.');
	MUST(sni_filed(buf_text(&name), &filed) == 0);
	MUST(span_eq(buf_text(&name), buf_text(&filed)));
	return 0;
}
