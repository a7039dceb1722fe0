/* SPDX-License-Identifier: ISC
 *
 * dnsmsg: no octet outside the answer is read (it lies in a block of its own
 * size), what is said to be data is there and belongs to the question, and a
 * name that passes for a host's can be asked for again (C-085). The first octet
 * of the input chooses the type and the question. */
#include "fuzz.h"

#include "pure/address.h"
#include "pure/dnsmsg.h"

static void
check_record(uint16_t type, const struct dnsmsg_record *r)
{
	char shown[DNSMSG_TEXT];
	char host[LIMIT_DOMAIN + 1];
	char again[DNSMSG_QUERY];
	struct buf text = BUF(shown);
	struct buf question = BUF(again);

	if (type == DNSMSG_A)
		MUST(r->ip.family == IP_V4);
	if (type == DNSMSG_AAAA)
		MUST(r->ip.family == IP_V4 || r->ip.family == IP_V6);
	if (type == DNSMSG_A || type == DNSMSG_AAAA)
		return;
	MUST(r->name.n >= 1 && r->name.n <= DNSMSG_WIRE);
	MUST(r->name.wire[r->name.n - 1] == 0);
	dnsmsg_print(&text, &r->name);
	MUST(!text.over && text.len > 0);
	for (size_t i = 0; i < text.len; i++)
		MUST(shown[i] > 0x20 && shown[i] < 0x7f);
	if (!dnsmsg_host(&r->name, host))
		return;
	MUST(address_domain_valid(span_of(host), false));
	MUST(span_eq_nocase(span_of(host), buf_text(&text)));
	MUST(dnsmsg_ask(&question, 1, span_of(host), type, 0, false) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint16_t types[] = { DNSMSG_A, DNSMSG_CNAME, DNSMSG_MX,
		DNSMSG_AAAA };
	char text[DNSMSG_QUERY];
	struct buf question = BUF(text);
	struct dnsmsg_record r;
	struct dnsmsg m;
	enum dnsmsg_fate fate;
	unsigned count = 0;
	uint16_t type;
	char *exact;

	if (n == 0)
		return 0;
	type = types[data[0] % LEN(types)];
	MUST(dnsmsg_ask(&question, 0x1234, SPAN("x.example"), type, 0, true) ==
		0);
	exact = malloc(n - 1 ? n - 1 : 1);
	MUST(exact);
	memcpy(exact, data + 1, n - 1);
	fate = dnsmsg_open(
		&m, (struct span){ exact, n - 1 }, buf_text(&question));
	if (fate == DNSMSG_DATA) {
		while (dnsmsg_next(&m, &r)) {
			check_record(type, &r);
			count++;
		}
		MUST(count > 0 && count <= m.answers);
		MUST(m.links <= DNSMSG_LINKS);
	}
	if (fate == DNSMSG_DATA || fate == DNSMSG_NODATA)
		MUST(m.rcode == 0 && !m.truncated);
	free(exact);
	return 0;
}
