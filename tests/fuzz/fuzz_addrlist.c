/* SPDX-License-Identifier: ISC
 *
 * addrlist: items and their separators are the whole value, an address lies
 * in its item, and what stands behind a separator does not change what was
 * found before it. */
#include "fuzz.h"

#include "pure/addrlist.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct addrlist list = addrlist_of(in);
	struct addrlist_item item;
	size_t at = 0;
	static char text[1 << 16];

	while (addrlist_next(&list, &item)) {
		struct buf out = BUF(text);
		struct addrlist alone;
		struct addrlist_item again;

		MUST(item.all.p == in.p + at);
		at += item.all.n;
		MUST(item.end == 0 ? at == in.n : in.p[at] == item.end);
		at += item.end != 0;
		MUST(item.spec.p >= item.all.p &&
			item.spec.p + item.spec.n <= item.all.p + item.all.n);
		addrlist_text(item.spec, &out);
		if (!item.end)
			continue;
		alone = (struct addrlist){
			{item.all.p, item.all.n + 1},
                        item.group
		};
		MUST(addrlist_next(&alone, &again));
		MUST(span_eq(again.spec, item.spec) && again.end == item.end);
	}
	MUST(at == in.n);
	return 0;
}
